/** Where a link leads: into the console only. */
import { expect, test } from "vitest";
import { destination } from "./SignInPage";

test.each([
  ["/iam/roles?region=eu-west-1&x=1", "/iam/roles?x=1", "eu-west-1"],
  ["/", "/", null],
  [null, "/", null],
  ["//evil.example/x", "/", null],
  ["/\\evil.example", "/", null],
  ["https://evil.example/", "/", null],
  ["javascript:alert(1)", "/", null],
  ["/s3?region=<b>", "/s3", null],
])("%s", (given, path, region) => {
  expect(destination(given)).toEqual({ path, region });
});
