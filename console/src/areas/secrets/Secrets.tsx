/** The secrets of the region, without their values. */
import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { client } from "../../shared/clients";
import { when } from "../../shared/format";
import { Page } from "../../shared/Page";
import { ResourceTable } from "../../shared/ResourceTable";
import { usePages } from "../../shared/useAws";

export function Secrets() {
  const secrets = usePages(async (token, signal) => {
    const got = await client(SecretsManagerClient).send(new ListSecretsCommand({ NextToken: token }), { abortSignal: signal });
    return { items: got.SecretList ?? [], next: got.NextToken };
  }, []);
  const store = (
    <Button href="/console/secrets/new" variant="primary">
      Store a new secret
    </Button>
  );
  return (
    <Page title="Secrets" header={false}>
      <ResourceTable
        title="Secrets"
        {...secrets}
        itemKey={(secret) => secret.ARN!}
        actions={store}
        columns={[
          {
            id: "name",
            header: "Secret name",
            cell: (secret) => <Link href={`/console/secrets/secret?id=${encodeURIComponent(secret.ARN!)}`}>{secret.Name}</Link>,
            value: (secret) => secret.Name,
          },
          { id: "description", header: "Description", cell: (secret) => secret.Description || "-", value: (secret) => secret.Description },
          {
            id: "changed",
            header: "Last changed",
            cell: (secret) => when(secret.LastChangedDate ?? secret.CreatedDate),
            value: (secret) => (secret.LastChangedDate ?? secret.CreatedDate)?.getTime(),
          },
          {
            id: "accessed",
            header: "Last retrieved (UTC day)",
            cell: (secret) => secret.LastAccessedDate?.toISOString().slice(0, 10) ?? "-",
            value: (secret) => secret.LastAccessedDate?.getTime(),
          },
        ]}
        empty={{
          title: "No secrets",
          text: "A secret keeps a database user's password, so that the Data API and schedules can connect as that user.",
          action: <Button href="/console/secrets/new">Store a new secret</Button>,
        }}
      />
    </Page>
  );
}
