/** Errors as AWS words them: the code, the message, the request. A denial is told first, as what it is. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import type { ReactNode } from "react";

export interface Told {
  code: string;
  message: string;
  requestId?: string;
  denied: boolean;
}

const DENIED = new Set(["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "Forbidden"]);

/** What an error of the SDK, or any other, says. */
export function told(error: unknown): Told {
  const one = (error ?? {}) as { name?: string; Code?: string; message?: string; $metadata?: { requestId?: string } };
  const code = one.name && one.name !== "Error" && one.name !== "TypeError" ? one.name : "";
  let message = one.message || String(error);
  if (one.name === "TypeError" && /fetch/i.test(message)) message = "The gateway does not answer. Is Slipher running? (slipher status)";
  return { code, message, requestId: one.$metadata?.requestId, denied: DENIED.has(code) };
}

export interface ErrorBoxProps {
  error: unknown;
  /** What failed: "The role was not created". */
  doing?: string;
  retry?: () => void;
  more?: ReactNode;
}

/** An alert with the error; nothing where there is none. */
export function ErrorBox({ error, doing, retry, more }: ErrorBoxProps) {
  if (error === undefined || error === null) return null;
  const { code, message, requestId, denied } = told(error);
  const header = denied ? `Access denied${doing ? `: ${doing}` : ""}` : (doing ?? (code || "Error"));
  return (
    <div role="alert">
      <Alert
        type="error"
        header={header}
        data-testid="error"
        action={retry ? <Button onClick={retry}>Retry</Button> : undefined}
      >
        {code && header !== code ? <Box variant="code">{code}</Box> : null} <span className="slipher-message">{message}</span>
        {more}
        {requestId ? (
          <Box variant="small" display="block" color="text-body-secondary">
            Request ID: {requestId}
          </Box>
        ) : null}
      </Alert>
    </div>
  );
}
