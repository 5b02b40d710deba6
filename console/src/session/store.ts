/** Who is signed in, in this tab: temporary credentials in sessionStorage, and what the page should do when they have expired. */
import { useSyncExternalStore } from "react";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  /** When they expire, ISO 8601; unknown for credentials that somebody typed. */
  expiration?: string;
}

export interface Session {
  credentials: Credentials;
  account: string;
  /** What GetCallerIdentity says, e.g. arn:aws:sts::123456789012:federated-user/admin */
  arn: string;
  region: string;
}

export interface State {
  session: Session | null;
  /** The credentials have expired: the page stays, a dialog asks to sign in again. */
  expired: boolean;
}

const KEY = "slipher.session";
const CHANNEL = "slipher.signed-in";
const EXPIRED = new Set(["ExpiredToken", "ExpiredTokenException"]);
const UNKNOWN = new Set(["InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"]);

let state: State = { session: stored(), expired: false };
const listeners = new Set<() => void>();
let waiting: { resolve: () => void; reject: (reason: Error) => void }[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
// a tab that signs in tells the others: one whose session has expired takes the new one up if it is the same identity's
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);

channel?.addEventListener("message", (event: MessageEvent<Session>) => {
  if (state.expired && state.session && event.data.arn === state.session.arn) {
    adopt({ ...event.data, region: state.session.region });
  }
});
watch();

function stored(): Session | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Session | null;
  } catch {
    return null;
  }
}

function change(next: State): void {
  state = next;
  if (next.session) sessionStorage.setItem(KEY, JSON.stringify(next.session));
  else sessionStorage.removeItem(KEY);
  watch();
  for (const listener of listeners) listener();
}

function adopt(session: Session): void {
  change({ session, expired: false });
  const woken = waiting;
  waiting = [];
  for (const one of woken) one.resolve();
}

/** Look again when the credentials run out; a tab that slept looks as it wakes. */
function watch(): void {
  clearTimeout(timer);
  const at = state.session?.credentials.expiration;
  if (!at || state.expired) return;
  const left = Date.parse(at) - Date.now();
  if (left <= 0) timer = setTimeout(() => change({ ...state, expired: true }), 0);
  else timer = setTimeout(watch, Math.min(left, 60_000));
}

/** Take up a session: after signing in, or signing in again. */
export function signIn(session: Session): void {
  adopt(session);
  channel?.postMessage(session);
}

export function signOut(): void {
  const refused = waiting;
  waiting = [];
  // also what screens keep for the tab: the next to sign in may be somebody else
  sessionStorage.clear();
  change({ session: null, expired: false });
  for (const one of refused) one.reject(new Error("Signed out."));
}

export function setRegion(region: string): void {
  if (state.session) change({ ...state, session: { ...state.session, region } });
}

/** Whether an error means that the session is over, rather than that a request was refused. */
export function isExpiry(error: unknown, service: string): boolean {
  const name = (error as { name?: string } | null)?.name ?? "";
  if (EXPIRED.has(name)) return true;
  const at = state.session?.credentials.expiration;
  const over = at !== undefined && Date.parse(at) <= Date.now();
  // IAM says the same of credentials of GetSessionToken that are good elsewhere
  return UNKNOWN.has(name) && (over || service !== "IAM");
}

/** Ask for signing in again; resolves when that is done. `used` are the credentials that failed: newer ones are tried first. */
export function renewal(used: string): Promise<void> {
  if (state.session && !state.expired && state.session.credentials.accessKeyId !== used) return Promise.resolve();
  if (!state.expired) change({ ...state, expired: true });
  return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
}

export function current(): State {
  return state;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSession(): State {
  return useSyncExternalStore(subscribe, current);
}
