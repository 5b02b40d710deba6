/** The clusters of the region. */
import { ClusterStatus, inTransition } from "../../shared/ClusterStatus";
import { when } from "../../shared/format";
import { Page } from "../../shared/Page";
import { ResourceTable } from "../../shared/ResourceTable";
import { allClusters } from "../../shared/target";
import { useAws } from "../../shared/useAws";

export function Clusters() {
  const { data = [], ...state } = useAws(allClusters, [], { poll: (found) => (found.some(inTransition) ? 1000 : 15_000) });
  return (
    <Page title="Clusters" header={false}>
      <ResourceTable
        title="Clusters"
        items={data}
        {...state}
        itemKey={(cluster) => cluster.ClusterIdentifier!}
        columns={[
          { id: "id", header: "Cluster", cell: (one) => one.ClusterIdentifier, value: (one) => one.ClusterIdentifier },
          { id: "status", header: "Status", cell: (one) => <ClusterStatus cluster={one} />, value: (one) => one.ClusterStatus },
          { id: "nodes", header: "Nodes", cell: (one) => `${one.NodeType} × ${one.NumberOfNodes}`, value: (one) => one.NumberOfNodes },
          { id: "created", header: "Created", cell: (one) => when(one.ClusterCreateTime), value: (one) => one.ClusterCreateTime?.getTime() },
        ]}
        empty={{ title: "No clusters", text: "No cluster is in this region." }}
      />
    </Page>
  );
}
