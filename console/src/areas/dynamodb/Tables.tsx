/** The tables. */
import { ListTablesCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { client } from "../../shared/clients";
import { Page } from "../../shared/Page";
import { ResourceTable } from "../../shared/ResourceTable";
import { usePages } from "../../shared/useAws";

export function Tables() {
  const found = usePages(async (token, signal) => {
    const got = await client(DynamoDBClient).send(new ListTablesCommand({ ExclusiveStartTableName: token }), { abortSignal: signal });
    return { items: got.TableNames ?? [], next: got.LastEvaluatedTableName };
  }, []);
  return (
    <Page title="Tables" header={false}>
      <ResourceTable
        title="Tables"
        {...found}
        itemKey={(one) => one}
        columns={[
          { id: "name", header: "Name", cell: (one) => one, value: (one) => one },
        ]}
        empty={{ title: "No tables", text: "COPY can load a table of DynamoDB." }}
      />
    </Page>
  );
}
