/** A code editor (CodeMirror 6), loaded when the first one is shown. Extensions come from the caller's own lazy module. */
import Spinner from "@cloudscape-design/components/spinner";
import { lazy, Suspense } from "react";
import type { EditorProps } from "./Mounted";

const Mounted = lazy(() => import("./Mounted"));

export function CodeEditor(props: EditorProps) {
  return (
    <Suspense fallback={<Spinner size="large" />}>
      <Mounted {...props} />
    </Suspense>
  );
}

/** JSON of a policy, with what is wrong marked: its syntax, and what `problems` says of it. */
export function JsonEditor(props: Omit<EditorProps, "language">) {
  return <CodeEditor {...props} language="json" />;
}
