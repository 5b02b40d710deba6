/** The rows of a result: a page of the screen at a time, read from the cluster's pages when it is looked at. */
import type { ColumnMetadata } from "@aws-sdk/client-redshift-data";
import Button from "@cloudscape-design/components/button";
import CollectionPreferences from "@cloudscape-design/components/collection-preferences";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import Table from "@cloudscape-design/components/table";
import { useEffect, useRef, useState, type ReactNode } from "react";
import type { Value } from "../../shared/dataApi";
import { Empty } from "../../shared/Empty";
import { ErrorBox } from "../../shared/errors";
import { count } from "../../shared/format";
import { typeOf } from "./catalog";
import type { ResultPages } from "./pages";
import { RowDetail } from "./RowDetail";

const NUMBERS = /^(?:int|float|numeric|oid)/;
const LONGEST = 300; // characters of a value in the grid; all of it is in the row's own view
const WIDE = 60; // columns beyond which fewer rows are shown at first

interface Row {
  number: number;
  values: Value[];
}

export function Shown({ value, wrapped = false }: { value: Value; wrapped?: boolean }) {
  if (value === null) return <span className="query-null">NULL</span>;
  const text = String(value);
  return <span className={wrapped ? "query-value wrapped" : "query-value"}>{text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}</span>;
}

export function ResultGrid({ pages, total, actions }: { pages: ResultPages; total: number; actions: ReactNode }) {
  const [page, setPage] = useState(1);
  const [preferences, setPreferences] = useState<{ pageSize: number; wrapLines: boolean }>({ pageSize: 100, wrapLines: false });
  const [state, setState] = useState<{ rows: Row[]; columns: ColumnMetadata[]; loading: boolean; error?: unknown }>({ rows: [], columns: [], loading: true });
  const [turn, setTurn] = useState(0);
  const [detail, setDetail] = useState<Row>();
  const sized = useRef(false);
  const size = preferences.pageSize;

  useEffect(() => {
    let dropped = false;
    const from = (page - 1) * size;
    setState((old) => ({ ...old, loading: true, error: undefined }));
    pages.rows(from, from + size).then(
      (rows) => {
        if (dropped) return;
        setState({ rows: rows.map((values, index) => ({ number: from + index + 1, values })), columns: pages.columns, loading: false });
        if (!sized.current && pages.columns.length > WIDE) setPreferences((old) => ({ ...old, pageSize: 20 }));
        sized.current = true;
      },
      (error: unknown) => !dropped && setState((old) => ({ ...old, rows: [], loading: false, error })),
    );
    return () => {
      dropped = true;
    };
  }, [pages, page, size, turn]);

  const last = Math.max(1, Math.ceil(total / size));
  return (
    <>
      <Table<Row>
        variant="embedded"
        items={state.rows}
        trackBy={(row) => String(row.number)}
        loading={state.loading}
        loadingText="Reading rows"
        resizableColumns
        enableKeyboardNavigation
        wrapLines={preferences.wrapLines}
        contentDensity="compact"
        stickyColumns={{ first: 0 }}
        ariaLabels={{ tableLabel: "Result" }}
        columnDefinitions={[
          {
            id: "#",
            header: "#",
            width: 90,
            minWidth: 60,
            cell: (row) => (
              <Button variant="inline-link" ariaLabel={`Show row ${row.number}`} onClick={() => setDetail(row)}>
                {count(row.number)}
              </Button>
            ),
          },
          ...state.columns.map((column, index) => ({
            id: String(index),
            header: (
              <span title={typeOf(column)}>
                {column.label ?? column.name}
              </span>
            ),
            minWidth: 90,
            cell: (row: Row) =>
              NUMBERS.test(column.typeName ?? "") ? (
                <div className="query-number">
                  <Shown value={row.values[index] ?? null} />
                </div>
              ) : (
                <Shown value={row.values[index] ?? null} wrapped={preferences.wrapLines} />
              ),
          })),
        ]}
        empty={state.error ? <ErrorBox error={state.error} retry={() => setTurn(turn + 1)} /> : <Empty title="No rows" text="The statement ran; its result has no rows." />}
        header={
          <Header variant="h3" counter={`(${count(total)})`} actions={actions}>
            Rows
          </Header>
        }
        pagination={
          <Pagination
            currentPageIndex={page}
            pagesCount={last}
            onChange={({ detail: { currentPageIndex } }) => setPage(currentPageIndex)}
            {...(last > 7 ? { jumpToPage: { loading: state.loading }, pagesVariant: "compact" as const } : {})}
            ariaLabels={{ nextPageLabel: "Next page", previousPageLabel: "Previous page", pageLabel: (number) => `Page ${number}`, jumpToPageButton: "Go" }}
            i18nStrings={{ jumpToPageInputLabel: "Page", jumpToPageError: `Enter a page from 1 to ${last}.`, jumpToPageLoadingText: "Reading rows", pagesCompactText: ({ currentPage }) => `Page ${count(currentPage)} of ${count(last)}` }}
          />
        }
        preferences={
          <CollectionPreferences
            title="Preferences"
            confirmLabel="Confirm"
            cancelLabel="Cancel"
            preferences={preferences}
            pageSizePreference={{ title: "Rows a page", options: [20, 50, 100, 200, 500].map((value) => ({ value, label: `${value} rows` })) }}
            wrapLinesPreference={{ label: "Wrap lines", description: "Show all of a long value" }}
            onConfirm={({ detail: chosen }) => {
              setPreferences({ pageSize: chosen.pageSize ?? 100, wrapLines: chosen.wrapLines ?? false });
              setPage(1);
            }}
          />
        }
      />
      {detail ? <RowDetail number={detail.number} columns={state.columns} values={detail.values} onClose={() => setDetail(undefined)} /> : null}
    </>
  );
}
