/** The databases of a cluster. */
import { ListDatabasesCommand, RedshiftDataClient } from "@aws-sdk/client-redshift-data";
import Container from "@cloudscape-design/components/container";
import { client } from "../../shared/clients";
import { Page } from "../../shared/Page";
import { ResourceTable } from "../../shared/ResourceTable";
import { TargetPicker, useTarget } from "../../shared/target";
import { usePages } from "../../shared/useAws";

export function Databases() {
  const chosen = useTarget();
  const target = chosen.target;
  const databases = usePages(
    async (token, signal) => {
      const asked = { ClusterIdentifier: target!.clusterIdentifier, Database: target!.database, DbUser: target!.dbUser, NextToken: token };
      const got = await client(RedshiftDataClient).send(new ListDatabasesCommand(asked), { abortSignal: signal });
      return { items: got.Databases ?? [], next: got.NextToken };
    },
    [target],
    { when: target !== undefined },
  );
  return (
    <Page title="Databases">
      <Container>
        <TargetPicker chosen={chosen} />
      </Container>
      <ResourceTable
        title="Databases"
        variant="container"
        {...databases}
        itemKey={(name) => name}
        columns={[{ id: "name", header: "Database", cell: (name) => name, value: (name) => name }]}
        empty={{ title: "No databases" }}
      />
    </Page>
  );
}
