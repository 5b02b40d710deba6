/** The session's store: what is kept where, and what counts as its end. */
import { beforeEach, expect, test, vi } from "vitest";
import { current, isExpiry, renewal, setRegion, signIn, signOut, type Session } from "./store";

const credentials = { accessKeyId: "ASIA1", secretAccessKey: "s", sessionToken: "t", expiration: "2999-01-01T00:00:00Z" };
const session: Session = { credentials, account: "123456789012", arn: "arn:aws:iam::123456789012:user/a", region: "us-east-1" };

beforeEach(() => {
  vi.useRealTimers();
  signOut();
  sessionStorage.clear();
  localStorage.clear();
});

test("a session is in sessionStorage only, and gone after signing out", () => {
  signIn(session);
  expect(JSON.parse(sessionStorage.getItem("slipher.session")!)).toEqual(session);
  expect(localStorage.length).toBe(0);
  signOut();
  expect(sessionStorage.length).toBe(0);
  expect(current().session).toBeNull();
});

test("credentials that run out turn the session expired, not away", () => {
  vi.useFakeTimers({ now: Date.parse("2026-01-01T00:00:00Z") });
  signIn({ ...session, credentials: { ...credentials, expiration: "2026-01-01T00:02:30Z" } });
  vi.advanceTimersByTime(149_000);
  expect(current().expired).toBe(false);
  vi.advanceTimersByTime(2_000);
  expect(current().expired).toBe(true);
  expect(current().session).not.toBeNull();
});

test("who waits for renewal goes on when somebody signs in, and fails when they sign out", async () => {
  signIn(session);
  const waits = renewal("ASIA1");
  expect(current().expired).toBe(true);
  signIn({ ...session, credentials: { ...credentials, accessKeyId: "ASIA2" } });
  await waits;
  expect(current().expired).toBe(false);
  await renewal("ASIA1"); // newer ones are there already
  expect(current().expired).toBe(false);
  const refused = renewal("ASIA2");
  signOut();
  await expect(refused).rejects.toThrow("Signed out.");
});

test("what ends a session", () => {
  signIn(session);
  expect(isExpiry({ name: "ExpiredToken" }, "S3")).toBe(true);
  expect(isExpiry({ name: "ExpiredTokenException" }, "Redshift")).toBe(true);
  expect(isExpiry({ name: "AccessDenied" }, "S3")).toBe(false);
  expect(isExpiry({ name: "InvalidClientTokenId" }, "IAM")).toBe(false);
  expect(isExpiry({ name: "InvalidClientTokenId" }, "Redshift")).toBe(true);
});

test("the region changes alone", () => {
  signIn(session);
  setRegion("eu-west-1");
  expect(current().session).toEqual({ ...session, region: "eu-west-1" });
});
