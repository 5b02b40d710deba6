/** Signing in: by the code that a link left in the address, or by the form. */
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { defaultRegion, signInByCode } from "../session/signin";
import { ErrorBox } from "../shared/errors";
import { SignInForm } from "./SignInForm";

// read once, at the page's start, and taken out of the address: a code is nobody's to see, and works once
const found = location.pathname.endsWith("/console/signin") ? new URLSearchParams(location.hash.slice(1)) : new URLSearchParams();
const code = found.get("code");
const target = destination(found.get("to"));
if (code) history.replaceState(history.state, "", "/console/signin");
let begun: Promise<void> | null = null;

/** A path in the console; its region parameter is the region to begin in. */
export function destination(text: string | null): { path: string; region: string | null } {
  if (!text || !/^\/(?![/\\])/.test(text)) return { path: "/", region: null };
  const url = new URL(text, location.origin);
  if (url.origin !== location.origin) return { path: "/", region: null };
  const region = url.searchParams.get("region");
  url.searchParams.delete("region");
  return { path: url.pathname + url.search, region: region && /^[a-z0-9-]{4,30}$/.test(region) ? region : null };
}

export function SignInPage() {
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (!code) return;
    begun ??= signInByCode(code, target.region ?? defaultRegion());
    begun.then(() => navigate(target.path, { replace: true }), setError);
  }, [navigate]);
  if (code && !error) {
    return (
      <main className="slipher-signin">
        <StatusIndicator type="loading">Signing in</StatusIndicator>
      </main>
    );
  }
  return <SignIn error={error} onDone={() => navigate(target.path, { replace: true })} />;
}

/** The form as a page: also what a page shows in its place while nobody is signed in. */
export function SignIn({ error, onDone }: { error?: unknown; onDone?: () => void }) {
  useEffect(() => {
    document.title = "Sign in | Slipher";
  }, []);
  return (
    <main className="slipher-signin">
      <Container header={<Header variant="h1">Sign in to Slipher</Header>}>
        <SpaceBetween size="m">
          <ErrorBox error={error} doing="The link did not sign you in" />
          <SignInForm onDone={onDone} />
        </SpaceBetween>
      </Container>
    </main>
  );
}
