/** The latest queries of a cluster. */
import Container from "@cloudscape-design/components/container";
import { query } from "../../shared/dataApi";
import { Page } from "../../shared/Page";
import { ResourceTable } from "../../shared/ResourceTable";
import { TargetPicker, useTarget } from "../../shared/target";
import { useAws } from "../../shared/useAws";

const SQL = "select query, pid, starttime, trim(querytxt) as querytxt, aborted from stl_query order by query desc limit 200";

interface Query {
  query: number;
  pid: number;
  starttime: string;
  querytxt: string;
  aborted: number;
}

export function RecentQueries() {
  const chosen = useTarget();
  const { data = [], ...state } = useAws((signal) => query<Query>(chosen.target!, SQL, { signal }), [chosen.target], {
    when: chosen.target !== undefined,
  });
  return (
    <Page title="Recent queries">
      <Container>
        <TargetPicker chosen={chosen} />
      </Container>
      <ResourceTable
        title="Recent queries"
        variant="container"
        items={data}
        {...state}
        itemKey={(one) => String(one.query)}
        columns={[
          { id: "query", header: "Query", cell: (one) => one.query, value: (one) => one.query },
          { id: "started", header: "Started", cell: (one) => one.starttime, value: (one) => one.starttime },
          { id: "text", header: "Text", cell: (one) => <span className="slipher-mono">{one.querytxt}</span>, value: (one) => one.querytxt },
          { id: "end", header: "Ended", cell: (one) => (one.aborted ? "aborted" : "finished"), value: (one) => one.aborted },
        ]}
        empty={{ title: "No queries", text: "Nothing has run on this cluster yet." }}
      />
    </Page>
  );
}
