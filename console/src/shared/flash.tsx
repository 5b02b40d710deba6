/** Notices over the page: what was done, and what runs on. Read aloud as they come. */
import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import { useSyncExternalStore, type ReactNode } from "react";
import { told } from "./errors";

export interface Notice {
  type: "success" | "error" | "info" | "warning" | "in-progress";
  header?: ReactNode;
  content?: ReactNode;
  /** A later notice of the same id takes its place. */
  id?: string;
}

let notices: (Notice & { id: string })[] = [];
let count = 0;
const listeners = new Set<() => void>();

function change(next: typeof notices): void {
  notices = next;
  for (const listener of listeners) listener();
}

export function notify(notice: Notice): string {
  const id = notice.id ?? `notice-${++count}`;
  change([{ ...notice, id }, ...notices.filter((one) => one.id !== id)].slice(0, 6));
  return id;
}

/** A notice of an error, for what failed where no form shows it. */
export function notifyError(error: unknown, doing: string): string {
  const { code, message, denied } = told(error);
  return notify({ type: "error", header: denied ? `Access denied: ${doing}` : doing, content: code ? `${code}: ${message}` : message });
}

export function dismiss(id: string): void {
  change(notices.filter((one) => one.id !== id));
}

export function Notices() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
  const items: FlashbarProps.MessageDefinition[] = shown.map(({ id, type, header, content }) => ({
    id,
    type: type === "in-progress" ? "info" : type,
    loading: type === "in-progress",
    header,
    content,
    dismissible: true,
    dismissLabel: "Dismiss",
    onDismiss: () => dismiss(id),
    ariaRole: type === "error" ? "alert" : "status",
    statusIconAriaLabel: type,
  }));
  return <Flashbar items={items} />;
}
