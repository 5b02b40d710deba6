/** The first screen: the clusters with their status as it changes, and the ways on from here. */
import type { Cluster } from "@aws-sdk/client-redshift";
import Button from "@cloudscape-design/components/button";
import Cards from "@cloudscape-design/components/cards";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { AREAS } from "..";
import { ClusterStatus, inTransition } from "../../shared/ClusterStatus";
import { Copy } from "../../shared/Copy";
import { Empty } from "../../shared/Empty";
import { ErrorBox } from "../../shared/errors";
import { count } from "../../shared/format";
import { Page } from "../../shared/Page";
import { allClusters } from "../../shared/target";
import { useAws } from "../../shared/useAws";

function endpoint(cluster: Cluster) {
  const place = cluster.Endpoint;
  return place?.Address ? <Copy text={`${place.Address}:${place.Port}`} label={`endpoint of ${cluster.ClusterIdentifier}`} /> : "-";
}

function roles(cluster: Cluster): string {
  const found = cluster.IamRoles ?? [];
  if (found.length === 0) return "None: COPY and UNLOAD need one";
  const pending = found.filter((role) => role.ApplyStatus !== "in-sync").length;
  return pending ? `${found.length} (${pending} being applied)` : count(found.length);
}

export function Home() {
  const clusters = useAws(allClusters, [], { poll: (found) => (found.some(inTransition) ? 1000 : 10_000) });
  return (
    <Page title="Redshift dashboard" description="Clusters in this region, and where to go from here.">
      <ErrorBox error={clusters.error} doing="The clusters cannot be listed" retry={clusters.refresh} />
      {clusters.error && !clusters.data ? null : (
        <Cards<Cluster>
          items={clusters.data ?? []}
          loading={clusters.loading && !clusters.data}
          loadingText="Loading clusters"
          trackBy="ClusterIdentifier"
          cardsPerRow={[{ cards: 1 }, { minWidth: 700, cards: 2 }]}
          ariaLabels={{ itemSelectionLabel: () => "", selectionGroupLabel: "", cardsLabel: "Clusters" }}
          header={
            <Header
              counter={clusters.data ? `(${clusters.data.length})` : undefined}
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button iconName="refresh" ariaLabel="Refresh clusters" onClick={clusters.refresh} loading={clusters.loading} />
                  <Button href="/console/query">Query data</Button>
                  <Button href="/console/load" variant="primary">
                    Load data
                  </Button>
                </SpaceBetween>
              }
            >
              Clusters
            </Header>
          }
          empty={
            <Empty
              title="No clusters in this region"
              text="A cluster runs SQL. Create one, or choose the region where yours is."
              action={<Button href="/console/redshift">Amazon Redshift</Button>}
            />
          }
          cardDefinition={{
            header: (cluster) => (
              <Link href="/console/redshift" fontSize="heading-m">
                {cluster.ClusterIdentifier}
              </Link>
            ),
            sections: [
              { id: "status", header: "Status", content: (cluster) => <ClusterStatus cluster={cluster} />, width: 50 },
              { id: "nodes", header: "Nodes", content: (cluster) => `${cluster.NodeType} × ${cluster.NumberOfNodes}`, width: 50 },
              { id: "endpoint", header: "Endpoint", content: endpoint },
              { id: "database", header: "Database", content: (cluster) => cluster.DBName, width: 50 },
              { id: "roles", header: "IAM roles", content: roles, width: 50 },
            ],
          }}
        />
      )}
      <Cards
        items={AREAS}
        trackBy="id"
        cardsPerRow={[{ cards: 1 }, { minWidth: 500, cards: 2 }, { minWidth: 900, cards: 3 }]}
        header={<Header>Services</Header>}
        ariaLabels={{ itemSelectionLabel: () => "", selectionGroupLabel: "", cardsLabel: "Services" }}
        cardDefinition={{
          header: (area) => (
            <Link href={`/console${area.path}`} fontSize="heading-m">
              {area.title}
            </Link>
          ),
          sections: [{ id: "description", content: (area) => area.description }],
        }}
      />
    </Page>
  );
}
