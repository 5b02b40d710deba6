/** The secrets. */
import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { client } from "../../shared/clients";
import { when } from "../../shared/format";
import { Page } from "../../shared/Page";
import { ResourceTable } from "../../shared/ResourceTable";
import { usePages } from "../../shared/useAws";

export function Secrets() {
  const found = usePages(async (token, signal) => {
    const got = await client(SecretsManagerClient).send(new ListSecretsCommand({ NextToken: token }), { abortSignal: signal });
    return { items: got.SecretList ?? [], next: got.NextToken };
  }, []);
  return (
    <Page title="Secrets" header={false}>
      <ResourceTable
        title="Secrets"
        {...found}
        itemKey={(one) => one.ARN!}
        columns={[
          { id: "name", header: "Name", cell: (one) => one.Name, value: (one) => one.Name },
          { id: "description", header: "Description", cell: (one) => one.Description || "-", value: (one) => one.Description },
          { id: "changed", header: "Last changed", cell: (one) => when(one.LastChangedDate ?? one.CreatedDate), value: (one) => (one.LastChangedDate ?? one.CreatedDate)?.getTime() },
        ]}
        empty={{ title: "No secrets", text: "A secret keeps a database user's password for the Data API." }}
      />
    </Page>
  );
}
