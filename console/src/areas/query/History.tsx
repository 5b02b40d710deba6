/** Statements that this identity ran through the Data API, the newest first. */
import { ListStatementsCommand, RedshiftDataClient, type StatementData } from "@aws-sdk/client-redshift-data";
import Button from "@cloudscape-design/components/button";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useNavigate } from "react-router";
import { client } from "../../shared/clients";
import { seconds, when } from "../../shared/format";
import { Page } from "../../shared/Page";
import { ResourceTable } from "../../shared/ResourceTable";
import { usePages } from "../../shared/useAws";
import { HistoryDetail } from "./HistoryDetail";
import { redacted } from "./statements";
import { openInEditor } from "./tabs";

const TYPES: Record<string, StatusIndicatorProps.Type> = { FINISHED: "success", FAILED: "error", ABORTED: "stopped" };
const STATES = ["ALL", "SUBMITTED", "PICKED", "STARTED", "FINISHED", "FAILED", "ABORTED"].map((value) => ({
  value,
  label: value === "ALL" ? "All states" : value.charAt(0) + value.slice(1).toLowerCase(),
}));

export function StatementStatus({ status = "" }: { status?: string }) {
  return <StatusIndicator type={TYPES[status] ?? "in-progress"}>{status.charAt(0) + status.slice(1).toLowerCase()}</StatusIndicator>;
}

export function History() {
  const navigate = useNavigate();
  const [state, setState] = useState(STATES[0]!);
  const [open, setOpen] = useState<string>();
  const statements = usePages(
    async (token, signal) => {
      const input = { Status: state.value as "ALL", RoleLevel: true, MaxResults: 100, NextToken: token };
      const got = await client(RedshiftDataClient).send(new ListStatementsCommand(input), { abortSignal: signal });
      return { items: got.Statements ?? [], next: got.NextToken };
    },
    [state.value],
    { limit: 500 },
  );
  const text = (one: StatementData) => redacted((one.QueryString ?? one.QueryStrings?.join("; ") ?? "").trim());
  return (
    <Page title="Query history" header={false}>
      <ResourceTable<StatementData>
        title="Query history"
        description="What you, or your role, ran through the Data API in the last day: here, in other screens, from scripts and schedules."
        {...statements}
        itemKey={(one) => one.Id!}
        selection="single"
        filters={<Select selectedOption={state} options={STATES} onChange={({ detail }) => setState(detail.selectedOption as typeof state)} ariaLabel="State" />}
        actions={(selected) => (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={selected.length === 0} onClick={() => setOpen(selected[0]!.Id)}>
              View details
            </Button>
            <Button
              variant="primary"
              disabled={selected.length === 0}
              onClick={() => {
                openInEditor(text(selected[0]!));
                navigate("/query");
              }}
            >
              Open in the editor
            </Button>
          </SpaceBetween>
        )}
        columns={[
          {
            id: "sql",
            header: "Statement",
            width: 420,
            cell: (one) => (
              <Button variant="inline-link" onClick={() => setOpen(one.Id)}>
                {text(one).replace(/\s+/g, " ").slice(0, 120) || "(empty)"}
              </Button>
            ),
            value: text,
          },
          { id: "status", header: "Status", cell: (one) => <StatementStatus status={one.Status} />, value: (one) => one.Status },
          { id: "created", header: "Started", width: 190, cell: (one) => when(one.CreatedAt), value: (one) => one.CreatedAt?.getTime() },
          {
            id: "took",
            header: "Took",
            cell: (one) => seconds((one.UpdatedAt?.getTime() ?? 0) - (one.CreatedAt?.getTime() ?? 0)),
            value: (one) => (one.UpdatedAt?.getTime() ?? 0) - (one.CreatedAt?.getTime() ?? 0),
          },
          { id: "name", header: "Name", cell: (one) => one.StatementName ?? "-", value: (one) => one.StatementName },
        ]}
        empty={{ title: "No statements", text: "Nothing ran in the last day.", action: <Button href="/console/query">Open the query editor</Button> }}
      />
      {open ? <HistoryDetail id={open} onClose={() => setOpen(undefined)} /> : null}
    </Page>
  );
}
