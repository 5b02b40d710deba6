/** Clients of the AWS SDK: for this gateway, as who is signed in, in the chosen region. */
import { current, isExpiry, renewal } from "../session/store";

interface Configured {
  config: { serviceId?: string };
  middlewareStack: { add(middleware: unknown, options: unknown): void };
}

const made = new Map<unknown, Map<string, Configured>>();

/** `client(S3Client).send(new ListBucketsCommand({}))`. A request that meets expired credentials waits for signing in again. */
export function client<C>(type: new (config: never) => C, region: string = current().session?.region ?? "us-east-1"): C {
  const known = made.get(type) ?? new Map<string, Configured>();
  made.set(type, known);
  const found = known.get(region) ?? make(type, region);
  known.set(region, found);
  return found as C;
}

function make(type: new (config: never) => unknown, region: string): Configured {
  const config = {
    region,
    endpoint: location.origin,
    credentials: provide,
    maxAttempts: 1,
    forcePathStyle: true,
    followRegionRedirects: true,
  };
  const one = new type(config as never) as Configured;
  const service = one.config.serviceId ?? "";
  one.middlewareStack.add(
    (next: (args: unknown) => Promise<unknown>) => async (args: unknown) => {
      for (;;) {
        const used = current().session?.credentials.accessKeyId ?? "";
        try {
          return await next(args);
        } catch (error) {
          if (!isExpiry(error, service)) throw error;
          await renewal(used);
        }
      }
    },
    { step: "initialize", name: "slipherRenewal", priority: "high" },
  );
  return one;
}

/** As if expired long ago, so that the SDK asks again for each request: signing in again must reach clients that exist. */
async function provide() {
  const session = current().session;
  if (!session) throw new Error("Nobody is signed in.");
  const { accessKeyId, secretAccessKey, sessionToken } = session.credentials;
  return { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(0) };
}
