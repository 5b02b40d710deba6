/** Sign in with an access key; or, as it says, by a link from the command line. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { defaultRegion, signInByKey } from "../session/signin";
import { Copy } from "../shared/Copy";
import { ErrorBox } from "../shared/errors";
import { notify } from "../shared/flash";
import { useAction } from "../shared/useAws";
import { regionOptions } from "./regions";

export function SignInForm({ region: fixed, onDone }: { region?: string; onDone?: () => void }) {
  const [id, setId] = useState("");
  const [secret, setSecret] = useState("");
  const [token, setToken] = useState("");
  const [region, setRegion] = useState(fixed ?? defaultRegion());
  const [missing, setMissing] = useState(false);
  const action = useAction(async () => {
    const said = await signInByKey({ accessKeyId: id.trim(), secretAccessKey: secret.trim(), sessionToken: token.trim() || undefined }, region);
    if (said) notify({ type: "warning", header: "IAM is not open to this session", content: said });
  });
  const go = async () => {
    setMissing(!id.trim() || !secret.trim());
    if (id.trim() && secret.trim() && (await action.run())) onDone?.();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <Form actions={<Button variant="primary" formAction="submit" loading={action.running}>Sign in</Button>}>
        <SpaceBetween size="m">
          <Alert type="info">
            <Box variant="span">Fastest: run this where Slipher runs, and open the link that it prints.</Box>
            <Box variant="div">
              <Copy text="slipher console" label="command" />
            </Box>
          </Alert>
          <FormField label="Access key ID" errorText={missing && !id.trim() ? "Enter an access key ID." : undefined}>
            <Input value={id} onChange={({ detail }) => setId(detail.value)} autoComplete="off" spellcheck={false} name="access-key-id" />
          </FormField>
          <FormField
            label="Secret access key"
            constraintText="A long-lived key is exchanged for temporary credentials at once; it is not kept."
            errorText={missing && !secret.trim() ? "Enter the secret access key." : undefined}
          >
            <Input value={secret} onChange={({ detail }) => setSecret(detail.value)} type="password" autoComplete="off" name="secret-access-key" />
          </FormField>
          <ExpandableSection headerText="Session token, for temporary credentials" variant="footer">
            <FormField label="Session token">
              <Textarea value={token} onChange={({ detail }) => setToken(detail.value)} autoComplete={false} spellcheck={false} rows={3} />
            </FormField>
          </ExpandableSection>
          {fixed ? null : (
            <FormField label="Region">
              <Select
                selectedOption={{ value: region, label: region }}
                options={regionOptions(region)}
                filteringType="auto"
                onChange={({ detail }) => setRegion(detail.selectedOption.value!)}
              />
            </FormField>
          )}
          <ErrorBox error={action.error} doing="Not signed in" />
        </SpaceBetween>
      </Form>
    </form>
  );
}
