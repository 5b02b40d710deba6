/** The latest load errors of a cluster. */
import Container from "@cloudscape-design/components/container";
import { query } from "../../shared/dataApi";
import { Page } from "../../shared/Page";
import { ResourceTable } from "../../shared/ResourceTable";
import { TargetPicker, useTarget } from "../../shared/target";
import { useAws } from "../../shared/useAws";

const SQL =
  "select query, trim(filename) as filename, line_number, trim(colname) as colname, trim(err_reason) as err_reason " +
  "from stl_load_errors order by starttime desc limit 500";

interface LoadError {
  query: number;
  filename: string;
  line_number: number;
  colname: string;
  err_reason: string;
}

export function LoadErrors() {
  const chosen = useTarget();
  const { data = [], ...state } = useAws((signal) => query<LoadError>(chosen.target!, SQL, { signal }), [chosen.target], {
    when: chosen.target !== undefined,
  });
  return (
    <Page title="Load errors">
      <Container>
        <TargetPicker chosen={chosen} />
      </Container>
      <ResourceTable
        title="Load errors"
        variant="container"
        items={data}
        {...state}
        itemKey={(one) => `${one.query} ${one.filename} ${one.line_number} ${one.colname}`}
        columns={[
          { id: "file", header: "File", cell: (one) => one.filename, value: (one) => one.filename },
          { id: "line", header: "Line", cell: (one) => one.line_number, value: (one) => one.line_number },
          { id: "column", header: "Column", cell: (one) => one.colname, value: (one) => one.colname },
          { id: "reason", header: "Reason", cell: (one) => one.err_reason, value: (one) => one.err_reason },
        ]}
        empty={{ title: "No load errors", text: "Every load on this cluster took every line." }}
      />
    </Page>
  );
}
