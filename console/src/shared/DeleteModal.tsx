/** "Delete role x?": says what goes, asks to type a word where asked, shows AWS's error where it is refused. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { ErrorBox } from "./errors";
import { useAction } from "./useAws";

export interface DeleteModalProps {
  /** "Delete role etl?" */
  title: string;
  children: ReactNode;
  /** A word to type first, e.g. the name, or "delete". */
  word?: string;
  /** "Delete", unless it is another deed: "Reboot". */
  verb?: string;
  consequence?: ReactNode;
  act: () => Promise<unknown>;
  onDone: () => void;
  onCancel: () => void;
}

export function DeleteModal({ title, children, word, verb = "Delete", consequence, act, onDone, onCancel }: DeleteModalProps) {
  const [typed, setTyped] = useState("");
  const action = useAction(act);
  const go = async () => {
    if (await action.run()) onDone();
  };
  const ready = word === undefined || typed === word;
  return (
    <Modal
      visible
      header={title}
      closeAriaLabel="Close"
      onDismiss={onCancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onCancel}>
              Cancel
            </Button>
            <Button variant="primary" loading={action.running} disabled={!ready} onClick={() => void go()}>
              {verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void go();
        }}
      >
        <SpaceBetween size="m">
          <Box variant="span">{children}</Box>
          {consequence ? <Alert type="warning">{consequence}</Alert> : null}
          {word !== undefined ? (
            <FormField label={`To confirm, type ${word}`}>
              <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} placeholder={word} autoComplete={false} />
            </FormField>
          ) : null}
          <ErrorBox error={action.error} />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
