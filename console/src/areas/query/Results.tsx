/** What the statements of a tab gave: state, rows or chart, error; one panel a statement. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import LiveRegion from "@cloudscape-design/components/live-region";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import Tabs from "@cloudscape-design/components/tabs";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { resultPage } from "../../shared/dataApi";
import { Empty } from "../../shared/Empty";
import { count, seconds } from "../../shared/format";
import { Export } from "./Export";
import { FailureBox } from "./FailureBox";
import { ResultPages } from "./pages";
import { ResultGrid } from "./ResultGrid";
import type { Run } from "./runs";

const ResultChart = lazy(() => import("./ResultChart"));
const TYPES: Record<Run["state"], StatusIndicatorProps.Type> = {
  waiting: "pending",
  running: "in-progress",
  finished: "success",
  failed: "error",
  cancelled: "stopped",
};

export interface ResultsProps {
  runs: Run[];
  name: string;
  onCancel: () => void;
  onShow: (run: Run) => void;
}

export function Results({ runs, name, onCancel, onShow }: ResultsProps) {
  const [chosen, setChosen] = useState<string>();
  const keys = runs.map((run) => run.key).join();
  useEffect(() => setChosen(undefined), [keys]);
  if (runs.length === 0) {
    return (
      <Container header={<Header variant="h2">Result</Header>}>
        <Empty title="No result yet" text="Write a statement and run it. Ctrl+Enter runs the statement at the cursor, or what is selected." />
      </Container>
    );
  }
  // the one that needs looking at: what failed or still runs, else the last
  const active = runs.find((run) => run.key === chosen) ?? runs.find((run) => run.state !== "finished") ?? runs.at(-1)!;
  const panel = (run: Run) => <Panel key={run.key} run={run} name={name} onCancel={onCancel} onShow={() => onShow(run)} />;
  return (
    <Container header={<Header variant="h2">{runs.length > 1 ? `Results (${runs.length})` : "Result"}</Header>}>
      {runs.length === 1 ? (
        panel(active)
      ) : (
        <Tabs
          ariaLabel="Results"
          activeTabId={active.key}
          onChange={({ detail }) => setChosen(detail.activeTabId)}
          tabs={runs.map((run, index) => ({
            id: run.key,
            label: (
              <StatusIndicator type={TYPES[run.state]} iconAriaLabel={run.state}>
                Statement {index + 1}
              </StatusIndicator>
            ),
            content: panel(run),
          }))}
        />
      )}
    </Container>
  );
}

function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

function said(run: Run, now: number): string {
  const took = seconds(run.described?.Duration !== undefined && run.state !== "running" ? run.described.Duration / 1e6 : (run.ended ?? now) - run.started);
  const rows = run.described?.ResultRows ?? -1;
  switch (run.state) {
    case "waiting":
      return "Waiting";
    case "running":
      return `Running for ${took}`;
    case "finished":
      if (rows < 0 || (!run.described?.HasResultSet && rows === 0)) return `Done in ${took}`;
      return `${count(rows)} ${rows === 1 ? "row" : "rows"}${run.described?.HasResultSet ? "" : " changed"} in ${took}`;
    case "failed":
      return `Failed after ${took}`;
    case "cancelled":
      return `Cancelled after ${took}`;
  }
}

function Panel({ run, name, onCancel, onShow }: { run: Run; name: string; onCancel: () => void; onShow: () => void }) {
  const now = useNow(run.state === "running");
  const [view, setView] = useState("table");
  const id = run.state === "finished" && run.described?.HasResultSet ? run.id : undefined;
  const pages = useMemo(() => (id ? new ResultPages((token) => resultPage(id, token)) : undefined), [id]);
  const total = run.described?.ResultRows ?? 0;
  const query = run.described?.RedshiftQueryId;
  const switcher = (
    <SpaceBetween direction="horizontal" size="xs">
      <SegmentedControl
        label="How the result is shown"
        selectedId={view}
        onChange={({ detail }) => setView(detail.selectedId)}
        options={[
          { id: "table", text: "Table" },
          { id: "chart", text: "Chart" },
        ]}
      />
      {id ? <Export id={id} name={name} total={total} /> : null}
    </SpaceBetween>
  );
  return (
    <SpaceBetween size="s">
      <div style={{ display: "flex", flexWrap: "wrap", gap: 16, alignItems: "center" }}>
        <LiveRegion tagName="span">
          <StatusIndicator type={TYPES[run.state]}>{run.state === "running" ? "Running" : said(run, now)}</StatusIndicator>
        </LiveRegion>
        {run.state === "running" ? <Box color="text-body-secondary">{said(run, now)}</Box> : null}
        {run.state === "running" ? (
          <Button iconName="close" onClick={onCancel}>
            Cancel
          </Button>
        ) : null}
        {query && query > 0 ? <Box color="text-body-secondary">Query ID {query}</Box> : null}
        <Box color="text-body-secondary">
          <span className="slipher-message">{run.sql.replace(/\s+/g, " ").slice(0, 90)}</span>
        </Box>
      </div>
      {run.state === "failed" ? <FailureBox error={run.error} sql={run.sql} onShow={onShow} /> : null}
      {pages && view === "table" ? <ResultGrid pages={pages} total={total} actions={switcher} /> : null}
      {pages && view === "chart" ? (
        <>
          {switcher}
          <Suspense fallback={<Spinner size="large" />}>
            <ResultChart pages={pages} total={total} mark={run.key} />
          </Suspense>
        </>
      ) : null}
    </SpaceBetween>
  );
}
