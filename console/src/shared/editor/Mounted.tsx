/** CodeMirror in a component: the value from outside, changes to outside, Tab leaves by Escape first. */
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter, lintKeymap, type Diagnostic } from "@codemirror/lint";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder as placeholderText } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";

/** A thing that is wrong with a document: `text` is marked where it first stands, else the first line. */
export interface Problem {
  message: string;
  text?: string;
  severity?: "error" | "warning" | "info";
}

export interface EditorProps {
  value: string;
  onChange?: (value: string) => void;
  label: string;
  language?: "json" | "none";
  /** More of CodeMirror: a language, completion, keys. Keep the array the same object between renders. */
  extensions?: Extension;
  readOnly?: boolean;
  minHeight?: string;
  maxHeight?: string;
  placeholder?: string;
  /** What is wrong with a document that is valid JSON; for other languages give a linter among `extensions`. */
  problems?: (parsed: unknown) => Problem[];
  /** The view, for who must move the cursor or read the selection. */
  onView?: (view: EditorView | null) => void;
}

// colours follow the theme by CSS variables (shared/editor/editor.css)
const HIGHLIGHT = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--slipher-code-keyword)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--slipher-code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--slipher-code-number)" },
  { tag: [tags.propertyName, tags.typeName], color: "var(--slipher-code-name)" },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], color: "var(--slipher-code-comment)", fontStyle: "italic" },
]);
const THEME = EditorView.theme({
  "&": { color: "var(--slipher-code-text)", backgroundColor: "var(--slipher-code-back)", border: "1px solid var(--slipher-code-line)", borderRadius: "8px" },
  "&.cm-focused": { outline: "2px solid var(--slipher-code-focus)", outlineOffset: "1px" },
  ".cm-gutters": { backgroundColor: "var(--slipher-code-back)", color: "var(--slipher-code-comment)", border: "none" },
  ".cm-content": { fontFamily: "Monaco, Menlo, Consolas, 'Courier New', monospace", fontSize: "13px", caretColor: "var(--slipher-code-text)" },
  ".cm-placeholder": { color: "var(--slipher-code-comment)" },
  ".cm-cursor": { borderLeftColor: "var(--slipher-code-text)" },
  ".cm-activeLine": { backgroundColor: "var(--slipher-code-active)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--slipher-code-selected)" },
  ".cm-tooltip": { backgroundColor: "var(--slipher-code-back)", color: "var(--slipher-code-text)", border: "1px solid var(--slipher-code-line)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--slipher-code-focus)", color: "#fff" },
});

function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
}

function marks(view: EditorView, problems: ((parsed: unknown) => Problem[]) | undefined): Diagnostic[] {
  const text = view.state.doc.toString();
  if (!text.trim()) return [];
  const found = [...jsonParseLinter()(view)];
  if (found.length > 0 || !problems) return found;
  return problems(JSON.parse(text) as unknown).map(({ message, text: marked, severity = "error" }) => {
    const at = marked ? text.indexOf(marked) : -1;
    const from = Math.max(at, 0);
    return { message, severity, from, to: at >= 0 ? at + marked!.length : Math.max(text.indexOf("\n"), 1) };
  });
}

export default function Mounted(props: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const extra = useRef(new Compartment());
  const fixed = useRef(new Compartment());

  useEffect(() => {
    const made = new EditorView({
      parent: place.current!,
      doc: latest.current.value,
      extensions: [
        EditorView.cspNonce.of(nonce()),
        lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(),
        syntaxHighlighting(HIGHLIGHT), THEME, EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": latest.current.label }),
        EditorView.theme({
          ".cm-scroller": { minHeight: latest.current.minHeight ?? "160px", maxHeight: latest.current.maxHeight ?? "60vh", overflow: "auto" },
        }),
        ...(latest.current.placeholder ? [placeholderText(latest.current.placeholder)] : []),
        ...(latest.current.language === "json" ? [json(), lintGutter(), linter((one) => marks(one, latest.current.problems))] : []),
        extra.current.of(latest.current.extensions ?? []),
        fixed.current.of(EditorState.readOnly.of(latest.current.readOnly ?? false)),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
        }),
      ],
    });
    view.current = made;
    latest.current.onView?.(made);
    return () => {
      latest.current.onView?.(null);
      made.destroy();
    };
  }, []);

  useEffect(() => {
    const one = view.current;
    if (one && one.state.doc.toString() !== props.value) {
      one.dispatch({ changes: { from: 0, to: one.state.doc.length, insert: props.value } });
    }
  }, [props.value]);
  useEffect(() => {
    view.current?.dispatch({ effects: extra.current.reconfigure(props.extensions ?? []) });
  }, [props.extensions]);
  useEffect(() => {
    view.current?.dispatch({ effects: fixed.current.reconfigure(EditorState.readOnly.of(props.readOnly ?? false)) });
  }, [props.readOnly]);

  return <div ref={place} className="slipher-editor" />;
}
