/** One secret: what is known of it but its value; deleting it. */
import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { client } from "../../shared/clients";
import { Copy } from "../../shared/Copy";
import { DeleteModal } from "../../shared/DeleteModal";
import { ErrorBox } from "../../shared/errors";
import { notify, notifyError } from "../../shared/flash";
import { when } from "../../shared/format";
import { Page } from "../../shared/Page";
import { useAws } from "../../shared/useAws";
import { SecretPolicy } from "./SecretPolicy";

export function SecretDetail() {
  const id = useSearchParams()[0].get("id") ?? "";
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const { data, error, loading, refresh } = useAws(
    (signal) => client(SecretsManagerClient).send(new DescribeSecretCommand({ SecretId: id }), { abortSignal: signal }),
    [id],
  );
  const restore = async () => {
    try {
      await client(SecretsManagerClient).send(new RestoreSecretCommand({ SecretId: id }));
      refresh();
    } catch (failure) {
      notifyError(failure, "The secret was not restored");
    }
  };
  const name = data?.Name ?? id;
  const versions = Object.entries(data?.VersionIdsToStages ?? {}).map(([version, stages]) => `${version} (${stages.join(", ")})`);
  return (
    <Page
      title={name}
      actions={
        data && !data.DeletedDate ? (
          <Button onClick={() => setDeleting(true)}>Delete secret</Button>
        ) : data ? (
          <Button onClick={() => void restore()}>Cancel deletion</Button>
        ) : undefined
      }
    >
      <ErrorBox error={error} doing="The secret cannot be shown" retry={refresh} />
      {data?.DeletedDate ? <Alert type="warning">This secret will be deleted on {when(data.DeletedDate)}. Until then it cannot be read.</Alert> : null}
      {loading && !data ? <StatusIndicator type="loading">Loading the secret</StatusIndicator> : null}
      {data ? (
        <Container header={<Header variant="h2">Secret details</Header>}>
          <KeyValuePairs
            columns={2}
            items={[
              { label: "ARN", value: <Copy text={data.ARN ?? ""} label="ARN" /> },
              { label: "Description", value: data.Description || "-" },
              { label: "Encryption key", value: data.KmsKeyId ?? "aws/secretsmanager" },
              { label: "Created", value: when(data.CreatedDate) },
              { label: "Last changed", value: when(data.LastChangedDate) },
              { label: "Versions", value: versions.join("; ") || "-" },
              { label: "Value", value: <Copy text={`aws secretsmanager get-secret-value --secret-id '${data.Name}'`} label="command" /> },
            ]}
          />
        </Container>
      ) : null}
      {data?.ARN && !data.DeletedDate ? <SecretPolicy arn={data.ARN} /> : null}
      {deleting ? (
        <DeleteModal
          title={`Delete secret ${name}?`}
          word="delete"
          consequence="Whatever connects with this secret stops working. It can be restored for 30 days."
          act={() => client(SecretsManagerClient).send(new DeleteSecretCommand({ SecretId: id }))}
          onDone={() => {
            notify({ type: "success", header: `Secret ${name} is scheduled for deletion` });
            navigate("/secrets");
          }}
          onCancel={() => setDeleting(false)}
        >
          The secret is marked for deletion.
        </DeleteModal>
      ) : null}
    </Page>
  );
}
