/** A statement of the history: where, when, how it ended, and its result, which is kept for a day. */
import { DescribeStatementCommand, RedshiftDataClient } from "@aws-sdk/client-redshift-data";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useMemo } from "react";
import { client } from "../../shared/clients";
import { Copy } from "../../shared/Copy";
import { resultPage, StatementError } from "../../shared/dataApi";
import { ErrorBox } from "../../shared/errors";
import { count, seconds, when } from "../../shared/format";
import { useAws } from "../../shared/useAws";
import { Export } from "./Export";
import { FailureBox } from "./FailureBox";
import { StatementStatus } from "./History";
import { ResultPages } from "./pages";
import "./query.css";
import { ResultGrid } from "./ResultGrid";
import { redacted } from "./statements";

const ENDED = new Set(["FINISHED", "FAILED", "ABORTED"]);

export function HistoryDetail({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, refresh } = useAws(
    (signal) => client(RedshiftDataClient).send(new DescribeStatementCommand({ Id: id }), { abortSignal: signal }),
    [id],
    { poll: (seen) => (ENDED.has(seen.Status ?? "") ? undefined : 1000) },
  );
  const result = data?.Status === "FINISHED" && data.HasResultSet && !data.SubStatements?.length;
  const pages = useMemo(() => (result ? new ResultPages((token) => resultPage(id, token)) : undefined), [id, result]);
  const sql = redacted((data?.QueryString ?? "").trim());
  return (
    <Modal visible size="max" header="Statement" closeAriaLabel="Close" onDismiss={onClose}>
      {error ? <ErrorBox error={error} retry={refresh} /> : null}
      {data ? (
        <SpaceBetween size="m">
          <div>
            <span className="slipher-mono">{sql || data.SubStatements?.map((one) => redacted(one.QueryString ?? "")).join(";\n")}</span>{" "}
            <Copy text={sql} label="statement" />
          </div>
          <KeyValuePairs
            columns={4}
            items={[
              { label: "Status", value: <StatementStatus status={data.Status} /> },
              { label: "Started", value: when(data.CreatedAt) },
              { label: "Took", value: seconds((data.Duration ?? 0) / 1e6) },
              { label: "Rows", value: (data.ResultRows ?? -1) < 0 ? "-" : count(data.ResultRows) },
              { label: "Cluster", value: data.ClusterIdentifier ?? data.WorkgroupName ?? "-" },
              { label: "Database", value: data.Database ?? "-" },
              { label: "Database user", value: data.DbUser ?? "-" },
              { label: "Query ID", value: (data.RedshiftQueryId ?? -1) < 0 ? "-" : String(data.RedshiftQueryId) },
            ]}
          />
          {data.Error ? <FailureBox error={new StatementError(data.Error, id, data.Status === "ABORTED")} sql={data.QueryString ?? ""} /> : null}
          {pages ? <ResultGrid pages={pages} total={data.ResultRows ?? 0} actions={<Export id={id} name="result" total={data.ResultRows ?? 0} />} /> : null}
        </SpaceBetween>
      ) : error ? null : (
        <Spinner size="large" />
      )}
    </Modal>
  );
}
