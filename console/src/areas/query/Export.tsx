/** A result as a CSV file: read page by page, put together in the browser, then saved. */
import Button from "@cloudscape-design/components/button";
import { useRef, useState } from "react";
import { resultPage } from "../../shared/dataApi";
import { notify, notifyError } from "../../shared/flash";
import { count } from "../../shared/format";
import { csvLine } from "./csv";

async function collected(id: string, signal: AbortSignal, onRows: (rows: number) => void): Promise<Blob> {
  const parts: string[] = [];
  let token: string | undefined;
  let rows = 0;
  do {
    const page = await resultPage(id, token, signal);
    if (parts.length === 0) parts.push(csvLine(page.columns.map((column) => column.label ?? column.name ?? "")));
    parts.push(page.rows.map(csvLine).join(""));
    rows += page.rows.length;
    onRows(rows);
    token = page.next;
  } while (token);
  return new Blob(parts, { type: "text/csv;charset=utf-8" });
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export function Export({ id, name, total }: { id: string; name: string; total: number }) {
  const [rows, setRows] = useState<number>();
  const abort = useRef<AbortController>(undefined);
  const go = async () => {
    if (rows !== undefined) return abort.current?.abort();
    abort.current = new AbortController();
    setRows(0);
    try {
      save(await collected(id, abort.current.signal, setRows), `${name.replace(/[^\w-]+/g, "-").toLowerCase()}.csv`);
      notify({ type: "success", header: `${count(total)} rows exported` });
    } catch (error) {
      if (!abort.current.signal.aborted) notifyError(error, "The result was not exported");
    } finally {
      setRows(undefined);
    }
  };
  return (
    <Button iconName={rows === undefined ? "download" : "close"} onClick={() => void go()}>
      {rows === undefined ? "Export CSV" : `${count(rows)} rows read: stop`}
    </Button>
  );
}
