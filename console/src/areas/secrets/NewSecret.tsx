/** Store a secret for a database user of a cluster. */
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate } from "react-router";
import { client } from "../../shared/clients";
import { ErrorBox } from "../../shared/errors";
import { notify } from "../../shared/flash";
import { Page } from "../../shared/Page";
import { allClusters } from "../../shared/target";
import { useAction, useAws } from "../../shared/useAws";

export function NewSecret() {
  const navigate = useNavigate();
  const clusters = useAws(allClusters, []);
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [chosen, setChosen] = useState<string>();
  const [tried, setTried] = useState(false);
  const cluster = clusters.data?.find((one) => one.ClusterIdentifier === chosen) ?? clusters.data?.[0];
  const action = useAction(async () => {
    // the form that Redshift's own tools expect
    const value = {
      username: user,
      password,
      engine: "redshift",
      host: cluster?.Endpoint?.Address,
      port: cluster?.Endpoint?.Port,
      dbClusterIdentifier: cluster?.ClusterIdentifier,
    };
    await client(SecretsManagerClient).send(
      new CreateSecretCommand({ Name: name, Description: description || undefined, SecretString: JSON.stringify(value) }),
    );
  });
  const missing = (value: string, what: string) => (tried && !value ? `Enter ${what}.` : undefined);
  const store = async () => {
    setTried(true);
    if (!name || !user || !password || !(await action.run())) return;
    notify({ type: "success", header: `Secret ${name} stored` });
    navigate("/secrets");
  };
  return (
    <Page title="Store a new secret" description="The name and password of a database user of a cluster.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void store();
        }}
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" href="/console/secrets">
                Cancel
              </Button>
              <Button variant="primary" formAction="submit" loading={action.running}>
                Store
              </Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="l">
            <Container header={<Header variant="h2">Credentials</Header>}>
              <SpaceBetween size="m">
                <FormField label="User name" errorText={missing(user, "the database user's name")}>
                  <Input value={user} onChange={({ detail }) => setUser(detail.value)} autoComplete="off" spellcheck={false} />
                </FormField>
                <FormField label="Password" errorText={missing(password, "the password")}>
                  <Input type="password" value={password} onChange={({ detail }) => setPassword(detail.value)} autoComplete="new-password" />
                </FormField>
                <FormField label="Cluster" description="Kept in the secret; the Data API checks that it is asked for this cluster.">
                  <Select
                    selectedOption={cluster ? { value: cluster.ClusterIdentifier, label: cluster.ClusterIdentifier } : null}
                    statusType={clusters.error ? "error" : clusters.data ? "finished" : "loading"}
                    errorText="The clusters cannot be listed."
                    placeholder="No cluster"
                    options={(clusters.data ?? []).map((one) => ({ value: one.ClusterIdentifier, label: one.ClusterIdentifier }))}
                    onChange={({ detail }) => setChosen(detail.selectedOption.value)}
                  />
                </FormField>
              </SpaceBetween>
            </Container>
            <Container header={<Header variant="h2">Secret</Header>}>
              <SpaceBetween size="m">
                <FormField label="Secret name" constraintText="Letters, digits, and /_+=.@-" errorText={missing(name, "a name")}>
                  <Input value={name} onChange={({ detail }) => setName(detail.value)} placeholder="prod/etl" spellcheck={false} />
                </FormField>
                <FormField label={<span>Description <i>- optional</i></span>}>
                  <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
                </FormField>
              </SpaceBetween>
            </Container>
            <ErrorBox error={action.error} doing="The secret was not stored" />
          </SpaceBetween>
        </Form>
      </form>
    </Page>
  );
}
