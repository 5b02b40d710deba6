/** A secret's resource policy: seen, changed as JSON, removed. */
import {
  DeleteResourcePolicyCommand,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { client } from "../../shared/clients";
import { JsonEditor } from "../../shared/editor/CodeEditor";
import { Empty } from "../../shared/Empty";
import { ErrorBox } from "../../shared/errors";
import { notify } from "../../shared/flash";
import { useAction, useAws } from "../../shared/useAws";

function template(account: string): string {
  const statement = {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: "secretsmanager:GetSecretValue",
    Resource: "*",
  };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] }, null, 2);
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function SecretPolicy({ arn }: { arn: string }) {
  const [draft, setDraft] = useState<string>();
  const policy = useAws(
    async (signal) =>
      (await client(SecretsManagerClient).send(new GetResourcePolicyCommand({ SecretId: arn }), { abortSignal: signal })).ResourcePolicy ?? "",
    [arn],
  );
  const save = useAction(async () => {
    await client(SecretsManagerClient).send(new PutResourcePolicyCommand({ SecretId: arn, ResourcePolicy: draft }));
    notify({ type: "success", header: "Resource policy saved" });
    setDraft(undefined);
    policy.refresh();
  });
  const remove = useAction(async () => {
    await client(SecretsManagerClient).send(new DeleteResourcePolicyCommand({ SecretId: arn }));
    notify({ type: "success", header: "Resource policy removed" });
    policy.refresh();
  });
  const edit = () => setDraft(pretty(policy.data || template(arn.split(":")[4] ?? "")));
  const buttons =
    draft !== undefined ? (
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={() => setDraft(undefined)}>
          Cancel
        </Button>
        <Button variant="primary" loading={save.running} onClick={() => void save.run()}>
          Save
        </Button>
      </SpaceBetween>
    ) : (
      <SpaceBetween direction="horizontal" size="xs">
        {policy.data ? (
          <Button loading={remove.running} onClick={() => void remove.run()}>
            Remove
          </Button>
        ) : null}
        <Button onClick={edit} disabled={policy.data === undefined}>
          Edit permissions
        </Button>
      </SpaceBetween>
    );
  return (
    <Container
      header={
        <Header variant="h2" actions={buttons} description="Who else may use this secret, beside what policies of identities say.">
          Resource permissions
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ErrorBox error={policy.error} doing="The resource policy cannot be read" retry={policy.refresh} />
        <ErrorBox error={save.error ?? remove.error} doing="The resource policy was not changed" />
        {draft !== undefined ? (
          <JsonEditor label="Resource policy" value={draft} onChange={setDraft} />
        ) : policy.data ? (
          <JsonEditor label="Resource policy" value={pretty(policy.data)} readOnly />
        ) : policy.data === "" ? (
          <Empty title="No resource policy" text="Only policies of users and roles in this account decide." />
        ) : null}
      </SpaceBetween>
    </Container>
  );
}
