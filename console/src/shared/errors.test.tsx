/** Errors as they are told. */
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { ErrorBox, told } from "./errors";

afterEach(cleanup);

test("AWS's own code and message, and a denial first", () => {
  const error = Object.assign(new Error("User: x is not authorized to perform: s3:ListBucket"), {
    name: "AccessDenied",
    $metadata: { requestId: "R1" },
  });
  expect(told(error)).toEqual({ code: "AccessDenied", message: error.message, requestId: "R1", denied: true });
  render(<ErrorBox error={error} doing="The bucket cannot be listed" />);
  const text = screen.getByRole("alert").textContent;
  expect(text).toContain("Access denied: The bucket cannot be listed");
  expect(text).toContain("User: x is not authorized to perform: s3:ListBucket");
  expect(text).toContain("Request ID: R1");
});

test("a gateway that is gone is told as that", () => {
  expect(told(new TypeError("Failed to fetch")).message).toContain("does not answer");
});

test("no error, nothing", () => {
  const { container } = render(<ErrorBox error={undefined} />);
  expect(container.innerHTML).toBe("");
});

test("markup in a message is text", () => {
  const { container } = render(<ErrorBox error={new Error("<img src=x onerror=alert(1)>")} />);
  expect(container.querySelector("img")).toBeNull();
});
