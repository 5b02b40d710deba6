/** The session has expired: sign in again, over the page as it stands. What waits goes on afterwards. */
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { signOut, useSession } from "../session/store";
import { SignInForm } from "./SignInForm";

export function ExpiredDialog() {
  const { session, expired } = useSession();
  if (!expired || !session) return null;
  return (
    <Modal visible header="Your session has expired" closeAriaLabel="Sign out" onDismiss={signOut}>
      <SpaceBetween size="m">
        <div>
          Sign in again as <span className="slipher-mono">{session.arn}</span>. Nothing on this page is lost, and what was under way
          goes on. With a link from <code>slipher console</code>, open it in another tab: this page notices.
        </div>
        <SignInForm region={session.region} />
        <Button variant="link" onClick={signOut}>
          Sign out
        </Button>
      </SpaceBetween>
    </Modal>
  );
}
