/** Values as people read them. */
import { expect, test } from "vitest";
import { ago, bytes, seconds, when } from "./format";

test("formats", () => {
  expect(bytes(0)).toBe("0 B");
  expect(bytes(1536)).toBe("1.5 KB");
  expect(bytes(5 * 1024 ** 4 * 1024)).toBe("5120.0 TB");
  expect(seconds(12)).toBe("12 ms");
  expect(seconds(61_000)).toBe("1 min 1 s");
  expect(when(undefined)).toBe("-");
  expect(when("no date")).toBe("no date");
  expect(when(new Date(2026, 0, 2, 3, 4, 5))).toBe("2026-01-02 03:04:05");
  const now = Date.parse("2026-01-02T00:00:00Z");
  expect(ago(new Date(now - 61_000), now)).toBe("1 minute ago");
  expect(ago(new Date(now - 7_200_000), now)).toBe("2 hours ago");
});
