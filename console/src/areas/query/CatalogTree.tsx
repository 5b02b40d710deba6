/** Databases, schemas, tables and columns as a tree, each level asked for when it is opened. */
import type { ColumnMetadata, TableMember } from "@aws-sdk/client-redshift-data";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Icon from "@cloudscape-design/components/icon";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import TreeView from "@cloudscape-design/components/tree-view";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { Target } from "../../shared/dataApi";
import { ErrorBox } from "../../shared/errors";
import { columns, databases, identifier, qualified, schemas, SYSTEM, tables, typeOf } from "./catalog";

interface Node {
  id: string;
  kind: "database" | "schema" | "table" | "column" | "note";
  text: string;
  database: string;
  schema?: string;
  table?: TableMember;
  column?: ColumnMetadata;
  note?: ReactNode;
}

type Level = { nodes: Node[] } | { error: unknown } | "loading";

const SHOWN = 300; // nodes below one: more are found by the filter

export interface CatalogTreeProps {
  target: Target;
  /** What the tree does with a name: put it into the editor. */
  onInsert: (text: string) => void;
  /** Open a statement in the editor, and run it where asked. */
  onOpen: (sql: string, run: boolean) => void;
  onDatabase: (name: string) => void;
  /** Another number: load what is open anew. */
  version: number;
}

async function below(target: Target, node: Node): Promise<Node[]> {
  const { database } = node;
  if (node.kind === "database") {
    const found = await schemas(target, database);
    const last = (name: string) => (SYSTEM.test(name) ? 1 : 0);
    return found.sort((a, b) => last(a) - last(b)).map((name) => ({ id: `${database}/${name}`, kind: "schema", text: name, database, schema: name }));
  }
  if (node.kind === "schema") {
    const found = await tables(target, database, node.schema!);
    return found.map((table) => ({ id: `${node.id}/${table.name}`, kind: "table", text: table.name ?? "", database, schema: node.schema, table }));
  }
  const found = await columns(target, database, node.schema!, node.text);
  return found.map((column) => ({
    id: `${node.id}/${column.name}`, kind: "column", text: column.name ?? "", database, schema: node.schema, table: node.table, column,
  })); // prettier-ignore
}

export function CatalogTree({ target, onInsert, onOpen, onDatabase, version }: CatalogTreeProps) {
  const [levels, setLevels] = useState<Record<string, Level>>({});
  const [open, setOpen] = useState<string[]>([]);
  const [filter, setFilter] = useState("");
  const where = JSON.stringify([target.clusterIdentifier, target.dbUser, target.secretArn]);
  const turn = useRef(0);

  const put = (mine: number, id: string, level: Level) => {
    if (mine === turn.current) setLevels((old) => ({ ...old, [id]: level }));
  };
  const load = async (node: Node, mine = turn.current) => {
    put(mine, node.id, "loading");
    try {
      put(mine, node.id, { nodes: await below(target, node) });
    } catch (error) {
      put(mine, node.id, { error });
    }
  };
  const loadAll = async () => {
    const mine = ++turn.current;
    setLevels({ "": "loading" });
    try {
      const names = await databases(target);
      const nodes = names.map<Node>((name) => ({ id: name, kind: "database", text: name, database: name }));
      put(mine, "", { nodes });
      const root = nodes.find((one) => one.text === target.database);
      if (root) {
        setOpen((old) => [...new Set([...old, root.id, `${root.id}/public`])]);
        await load(root, mine);
        const again = new Set([...open, `${root.id}/public`]);
        for (const id of again) {
          const [database = "", schema, table] = id.split("/");
          if (schema === undefined || (id !== `${root.id}/public` && !open.includes(id))) continue;
          const kind = table === undefined ? "schema" : "table";
          void load({ id, kind, text: table ?? schema, database, schema }, mine);
        }
      }
    } catch (error) {
      put(mine, "", { error });
    }
  };
  useEffect(() => {
    void loadAll();
    // what was open stays open, as far as it is still there
  }, [where, target.database, version]);

  const wanted = filter.trim().toLowerCase();
  const children = (node: Node | undefined): Node[] | undefined => {
    if (node && (node.kind === "column" || node.kind === "note")) return undefined;
    const id = node?.id ?? "";
    const note = (what: string, content: ReactNode): Node[] => [{ id: `${id}/ ${what}`, kind: "note", text: what, database: node?.database ?? "", note: content }];
    const level = levels[id];
    if (level === undefined || level === "loading") return note("loading", <Spinner />);
    if ("error" in level) return note("error", <ErrorBox error={level.error} retry={() => (node ? void load(node) : void loadAll())} />);
    if (level.nodes.length === 0) {
      return note("empty", <Box color="text-body-secondary">{node?.kind === "schema" ? "No tables yet" : "Nothing here"}</Box>);
    }
    const fits = (one: Node) => !wanted || one.kind !== "table" || one.text.toLowerCase().includes(wanted);
    const found = level.nodes.filter(fits);
    if (found.length === 0) return note("no match", <Box color="text-body-secondary">No table with this text</Box>);
    if (found.length <= SHOWN) return found;
    return [...found.slice(0, SHOWN), ...note("more", <Box color="text-body-secondary">{found.length - SHOWN} more: use the filter</Box>)];
  };
  const top = useMemo(() => children(undefined) ?? [], [levels, wanted]);

  return (
    <SpaceBetween size="xs">
      <div style={{ display: "flex", gap: 8, alignItems: "center" }}>
        <div style={{ flex: 1, minWidth: 0 }}>
          <Input type="search" value={filter} onChange={({ detail }) => setFilter(detail.value)} placeholder="Find tables" ariaLabel="Find tables" />
        </div>
        <Button iconName="refresh" ariaLabel="Refresh databases" onClick={() => void loadAll()} loading={levels[""] === "loading"} />
      </div>
      <div className="query-tree">
        <TreeView<Node>
          ariaLabel="Databases and tables"
          items={top}
          getItemId={(node) => node.id}
          getItemChildren={(node) => children(node)}
          expandedItems={open}
          onItemToggle={({ detail }) => {
            setOpen((old) => (detail.expanded ? [...old, detail.id] : old.filter((one) => one !== detail.id)));
            if (detail.expanded && (levels[detail.id] === undefined || "error" in (levels[detail.id] as object))) void load(detail.item);
          }}
          i18nStrings={{ expandButtonLabel: (node) => `Open ${node.text}`, collapseButtonLabel: (node) => `Close ${node.text}` }}
          renderItem={(node) => rendered(node, target, { onInsert, onOpen, onDatabase })}
        />
      </div>
    </SpaceBetween>
  );
}

type Deeds = Pick<CatalogTreeProps, "onInsert" | "onOpen" | "onDatabase">;

function rendered(node: Node, target: Target, deeds: Deeds) {
  if (node.kind === "note") return { content: node.note, announcementLabel: node.text };
  if (node.kind === "database") {
    const chosen = node.text === target.database;
    const actions = chosen ? undefined : (
      <Button variant="inline-link" ariaLabel={`Use database ${node.text}`} onClick={() => deeds.onDatabase(node.text)}>
        Use
      </Button>
    );
    return { content: chosen ? <b>{node.text}</b> : node.text, icon: <Icon name="folder-open" />, announcementLabel: node.text, actions };
  }
  if (node.kind === "schema") return { content: node.text, icon: <Icon name="folder" />, announcementLabel: node.text };
  if (node.kind === "column") {
    return {
      content: (
        <Button variant="inline-link" ariaLabel={`Insert ${node.text}`} onClick={() => deeds.onInsert(identifier(node.text))}>
          {node.text}
        </Button>
      ),
      secondaryContent: (
        <Box variant="small" color="text-body-secondary">
          {typeOf(node.column!)}
          {node.column!.nullable === 0 ? " not null" : ""}
        </Box>
      ),
      announcementLabel: node.text,
    };
  }
  return { content: node.text, icon: <Icon name={/VIEW/.test(node.table?.type ?? "") ? "view-full" : "grid-view"} />, announcementLabel: node.text, actions: <TableMenu node={node} target={target} {...deeds} /> };
}

function TableMenu({ node, target, onInsert, onOpen }: { node: Node; target: Target } & Deeds) {
  const own = qualified(node.schema!, node.text);
  // tables of another database are read by three names
  const name = node.database === target.database ? own : [node.database, node.schema!, node.text].map(identifier).join(".");
  const base = node.table?.type === "TABLE" && node.database === target.database;
  return (
    <ButtonDropdown
      variant="inline-icon"
      ariaLabel={`Actions for ${node.text}`}
      expandToViewport
      items={[
        { id: "preview", text: "Show 100 rows" },
        { id: "count", text: "Count the rows" },
        { id: "insert", text: "Insert the name" },
        ...(base ? [{ id: "definition", text: "Show the definition" }] : []),
      ]}
      onItemClick={({ detail }) => {
        if (detail.id === "preview") onOpen(`select * from ${name} limit 100;`, true);
        if (detail.id === "count") onOpen(`select count(*) from ${name};`, true);
        if (detail.id === "insert") onInsert(name);
        if (detail.id === "definition") onOpen(`show table ${identifier(node.schema!)}.${identifier(node.text)};`, true);
      }}
    />
  );
}
