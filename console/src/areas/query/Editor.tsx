/** The query editor: what there is to query on one side, tabs of SQL and their results on the other. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Tabs from "@cloudscape-design/components/tabs";
import Toggle from "@cloudscape-design/components/toggle";
import type { EditorView } from "@codemirror/view";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { StatementError } from "../../shared/dataApi";
import { CodeEditor } from "../../shared/editor/CodeEditor";
import { Page } from "../../shared/Page";
import { TargetPicker, useTarget } from "../../shared/target";
import { useAws } from "../../shared/useAws";
import { CatalogTree } from "./CatalogTree";
import { names } from "./catalog";
import { marked, parseFailure } from "./failure";
import "./query.css";
import { Results } from "./Results";
import { cancelRuns, forget, runAll, useRuns, type Run } from "./runs";
import { mark, support } from "./sqlSupport";
import { changesCatalog, split, statementAt, type Statement } from "./statements";
import { closed, edited, opened, store, stored, type EditorTab, type Tabs as TabsState } from "./tabs";

const SAMPLE = "-- For instance: the tables of this database\nselect * from svv_table_info;\n";

export function Editor() {
  const chosen = useTarget();
  const { target, cluster } = chosen;
  const [state, setState] = useState<TabsState>(stored);
  const [version, setVersion] = useState(0);
  const [kept, setKept] = useState(true);
  const view = useRef<EditorView | null>(null);
  const tab = state.tabs.find((one) => one.id === state.active) ?? state.tabs[0]!;
  const runs = useRuns(tab.id);
  const running = runs.some((run) => run.state === "running" || run.state === "waiting");
  const change = (next: (old: TabsState) => TabsState) =>
    setState((old) => {
      const made = next(old);
      store(made);
      return made;
    });

  const catalog = useAws((signal) => names(target!, signal), [target, version], { when: target !== undefined });
  const keys = useRef({ run: () => {}, runAll: () => {} });
  const extensions = useMemo(() => support(catalog.data, () => keys.current), [catalog.data]);

  const show = useCallback((run: Run, focus: boolean) => {
    const editor = view.current;
    if (!editor || !(run.error instanceof StatementError)) return;
    const failure = parseFailure(run.error.message);
    const place = marked(run.sql, failure);
    // the text may have changed since: then nothing is marked rather than something else
    const same = editor.state.doc.sliceString(run.from, run.from + run.sql.length) === run.sql;
    mark(editor, place && same ? { from: run.from + place.from, to: run.from + place.to, message: failure.message } : undefined);
    if (focus && place && same) {
      editor.dispatch({ selection: { anchor: run.from + place.from, head: run.from + place.to }, scrollIntoView: true });
      editor.focus();
    }
  }, []);

  const begin = async (statements: Statement[], id = tab.id) => {
    if (!target || statements.length === 0 || running) return;
    if (view.current) mark(view.current, undefined);
    await runAll(id, target, statements, kept);
    if (statements.some((one) => changesCatalog(one.text))) setVersion((old) => old + 1);
  };
  // a failure's mark: when it comes, and when its tab is shown again
  const failed = runs.find((run) => run.state === "failed");
  useEffect(() => {
    if (failed) show(failed, false);
  }, [failed?.key, tab.id, show]);

  const run = () => {
    const editor = view.current;
    if (!editor) return;
    const text = editor.state.doc.toString();
    const { from, to, head } = editor.state.selection.main;
    const selected = split(text.slice(from, to)).map((one) => ({ ...one, from: one.from + from, to: one.to + from }));
    const at = statementAt(text, head);
    void begin(selected.length > 0 ? selected : at ? [at] : []);
  };
  const runEverything = () => void begin(split(tab.sql));
  keys.current = { run, runAll: runEverything };

  const insert = (text: string) => {
    const editor = view.current;
    if (!editor) return;
    editor.dispatch(editor.state.replaceSelection(text));
    editor.focus();
  };
  const open = (sql: string, now: boolean) => {
    const next = opened(state, sql);
    change(() => next);
    if (now) void begin(split(sql), next.active);
  };
  const close = (id: string) => {
    forget(id);
    change((old) => closed(old, id));
  };

  return (
    <Page
      title="Query editor"
      description="Write SQL, run it on the cluster, look at what comes back."
      actions={<Button href="/console/query/history">Query history</Button>}
    >
      <ExpandableSection
        variant="container"
        headerText="Connection"
        headerDescription={target ? `${target.clusterIdentifier}, database ${target.database}, as ${target.dbUser ?? "your IAM identity"}` : undefined}
        defaultExpanded={false}
        {...(chosen.clusters.error || chosen.clusters.data?.length === 0 ? { expanded: true } : {})}
      >
        <TargetPicker chosen={chosen} />
      </ExpandableSection>
      {target ? (
        <div className="query-layout">
          <Container header={<Header variant="h2">Data</Header>}>
            <CatalogTree
              target={target}
              version={version}
              onInsert={insert}
              onOpen={open}
              onDatabase={(database) => chosen.choose({ database })}
            />
          </Container>
          <div className="query-main">
            <SpaceBetween size="l">
              <Tabs
                variant="container"
                ariaLabel="Queries"
                activeTabId={tab.id}
                onChange={({ detail }) => change((old) => ({ ...old, active: detail.activeTabId }))}
                i18nStrings={{ scrollLeftAriaLabel: "Scroll left", scrollRightAriaLabel: "Scroll right" }}
                actions={<Button iconName="add-plus" variant="icon" ariaLabel="New query" onClick={() => change((old) => opened(old))} />}
                tabs={state.tabs.map((one) => ({
                  id: one.id,
                  label: one.title,
                  dismissible: state.tabs.length > 1,
                  dismissLabel: `Close ${one.title}`,
                  onDismiss: () => close(one.id),
                  content: one.id === tab.id ? editor(one) : null,
                }))}
              />
              <Results runs={runs} name={tab.title} onCancel={() => cancelRuns(tab.id)} onShow={(one) => show(one, true)} />
            </SpaceBetween>
          </div>
        </div>
      ) : chosen.clusters.loading ? (
        <Spinner size="large" />
      ) : null}
    </Page>
  );

  function editor(one: EditorTab) {
    return (
      <SpaceBetween size="s">
        <CodeEditor
          key={one.id}
          label={`SQL of ${one.title}`}
          value={one.sql}
          onChange={(sql) => change((old) => edited(old, one.id, { sql }))}
          extensions={extensions}
          placeholder={SAMPLE}
          minHeight="180px"
          maxHeight="45vh"
          onView={(made) => {
            view.current = made;
            if (made && failed) setTimeout(() => show(failed, false));
          }}
        />
        <div style={{ display: "flex", flexWrap: "wrap", gap: 12, alignItems: "center" }}>
          <Button variant="primary" iconName="caret-right-filled" loading={running} loadingText="Running" disabled={!one.sql.trim()} onClick={run}>
            Run
          </Button>
          <Button disabled={!one.sql.trim() || running} onClick={runEverything}>
            Run all
          </Button>
          {running ? <Button onClick={() => cancelRuns(one.id)}>Cancel</Button> : null}
          <Toggle checked={kept} onChange={({ detail }) => setKept(detail.checked)}>
            Keep one session
          </Toggle>
          <Box variant="small" color="text-body-secondary">
            {kept
              ? "Temporary tables and transactions last from one run to the next."
              : "Each run has a session of its own."}{" "}
            Ctrl+Enter runs the statement at the cursor or the selection; Escape, then Tab leaves the editor.
          </Box>
        </div>
        {cluster && cluster.ClusterStatus !== "available" ? (
          <Box color="text-status-warning">The cluster is {cluster.ClusterStatus}: statements wait or fail until it is available.</Box>
        ) : null}
      </SpaceBetween>
    );
  }
}
