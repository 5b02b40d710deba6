/** The ways in: a link's code, or an access key, of which only temporary credentials are kept. */
import { GetCallerIdentityCommand, GetFederationTokenCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { signIn, type Credentials } from "./store";

const EVERYTHING = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });

export interface Key {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

interface FederationSession {
  sessionId: string;
  sessionKey: string;
  sessionToken: string;
  expiration: string;
}

/** The region that the gateway was started with. */
export function defaultRegion(): string {
  const text = document.querySelector<HTMLMetaElement>('meta[name="slipher-region"]')?.content ?? "";
  return /^[a-z]{2}(-[a-z]+)+-\d$/.test(text) ? text : "us-east-1";
}

async function federation(values: Record<string, string>): Promise<Record<string, string>> {
  const answer = await fetch("/federation", { method: "POST", body: new URLSearchParams(values) });
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return (await answer.json()) as Record<string, string>;
}

async function consoleSession(by: { Code: string } | { SigninToken: string }): Promise<Credentials> {
  const got = (await federation({ Action: "getSession", ...by })) as unknown as FederationSession;
  return {
    accessKeyId: got.sessionId,
    secretAccessKey: got.sessionKey,
    sessionToken: got.sessionToken,
    expiration: got.expiration,
  };
}

function sts({ accessKeyId, secretAccessKey, sessionToken }: Key, region: string): STSClient {
  const credentials = { accessKeyId, secretAccessKey, sessionToken };
  return new STSClient({ region, endpoint: location.origin, credentials, maxAttempts: 1 });
}

async function take(credentials: Credentials, region: string): Promise<void> {
  const who = await sts(credentials, region).send(new GetCallerIdentityCommand({}));
  signIn({ credentials, account: who.Account ?? "", arn: who.Arn ?? "", region });
}

/** Sign in with the code that a link of `slipher console` led here with. */
export async function signInByCode(code: string, region: string): Promise<void> {
  await take(await consoleSession({ Code: code }), region);
}

/**
 * Sign in with an access key. A long-lived one is exchanged at once: for a federated session, which may use everything that
 * the user may; where the user may not ask for one, for GetSessionToken's credentials, which IAM does not take. Returns what
 * the person should know about that.
 */
export async function signInByKey(key: Key, region: string): Promise<string | null> {
  if (key.sessionToken) {
    await take({ ...key, sessionToken: key.sessionToken }, region);
    return null;
  }
  const client = sts(key, region);
  const who = await client.send(new GetCallerIdentityCommand({}));
  const name = (who.Arn ?? "").split("/").pop()!.slice(0, 32);
  try {
    const token = await client.send(new GetFederationTokenCommand({ Name: name.padEnd(2, "-"), Policy: EVERYTHING }));
    const session = JSON.stringify({
      sessionId: token.Credentials!.AccessKeyId,
      sessionKey: token.Credentials!.SecretAccessKey,
      sessionToken: token.Credentials!.SessionToken,
    });
    const { SigninToken } = await federation({ Action: "getSigninToken", Session: session });
    await take(await consoleSession({ SigninToken: SigninToken ?? "" }), region);
    return null;
  } catch (error) {
    if ((error as Error).name !== "AccessDenied") throw error;
  }
  const token = (await client.send(new GetSessionTokenCommand({}))).Credentials!;
  await take(
    {
      accessKeyId: token.AccessKeyId!,
      secretAccessKey: token.SecretAccessKey!,
      sessionToken: token.SessionToken!,
      expiration: token.Expiration!.toISOString(),
    },
    region,
  );
  return (
    "This user may not call sts:GetFederationToken, so the session was made by GetSessionToken. " +
    "IAM does not take such credentials: IAM's screens will refuse, everything else works as the user's policies say."
  );
}
