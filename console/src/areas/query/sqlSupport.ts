/** CodeMirror for Redshift's SQL: keywords, completion from the catalog, keys that run, the place of an error. */
import { autocompletion, closeCompletion, completionKeymap } from "@codemirror/autocomplete";
import { PostgreSQL, sql, SQLDialect, type SQLNamespace } from "@codemirror/lang-sql";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { Prec, type Extension } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { WORDS, type Names } from "./catalog";

// words that are no reserved names, and begin or join clauses
const CLAUSES =
  "add alter begin between cascade close comment commit copy cross database deallocate declare delete drop escape execute exists explain fetch " +
  "function group if insert interval is key language lock materialized move nulls over owner partition plpgsql prepare preceding range recursive " +
  "rename replace reset restrict returns revoke role rollback row rows schema set show stable temp temporary transaction truncate type unbounded " +
  "update values view volatile within work";

const KEYWORDS =
  "acceptanydate acceptinvchars access_key_id addquotes allowoverwrite analyze append authorization auto avro az64 backup blanksasnull " +
  "bzip2 cleanpath compound comprows compupdate copy credentials csv datashare dateformat default delimiter distkey diststyle emptyasnull " +
  "encode encoding escape even explicit_ids external fillrecord fixedwidth format gzip header iam_role identity ignoreallerrors " +
  "ignoreblanklines ignoreheader include interleaved json kms_key_id lzo lzop manifest materialized maxerror maxfilesize mostly16 mostly32 " +
  "mostly8 noload noshred orc parallel parquet partition procedure qualify quote raw readratio refresh region removequotes " +
  "roundec rowgroupsize runlength secret_access_key serializetojson session_token show sortkey statupdate text255 text32k timeformat " +
  "top trimblanks truncate truncatecolumns unload unpivot vacuum zstd";
const TYPES = "super varbyte geometry geography hllsketch timestamptz timetz bpchar nvarchar int2 int4 int8 float4 float8";
const FUNCTIONS =
  "abs add_months any_value approximate ascii avg bool_and bool_or btrim ceil ceiling char_length charindex chr coalesce concat convert_timezone " +
  "count current_database current_schema current_user date_add date_diff date_part date_trunc dateadd datediff decode dense_rank " +
  "exp first_value floor getdate greatest has_table_privilege initcap is_valid_json isnull json_array_length json_extract_array_element_text " +
  "json_extract_path_text json_parse json_serialize lag last_day last_value lead least left len length listagg ln log lower lpad ltrim max md5 " +
  "median min mod months_between next_day nth_value ntile nullif nvl nvl2 object percent_rank percentile_cont pg_backend_pid " +
  "pg_last_copy_count pg_last_copy_id pg_last_query_id pg_last_unload_count pg_last_unload_id position power quote_ident random rank regexp_count " +
  "regexp_instr regexp_replace regexp_substr repeat replace reverse right round row_number rpad rtrim sha2 sign split_part sqrt stddev strpos " +
  "strtol substring sum sysdate to_char to_date to_number to_timestamp translate trim trunc upper variance version width_bucket";

const REDSHIFT = SQLDialect.define({
  ...PostgreSQL.spec,
  keywords: `${[...WORDS].join(" ")} ${CLAUSES} ${KEYWORDS}`,
  types: `${PostgreSQL.spec.types ?? ""} ${TYPES}`,
  builtin: FUNCTIONS,
  doubleDollarQuotedStrings: true,
  backslashEscapes: true,
});

export interface Keys {
  run: () => void;
  runAll: () => void;
}

/** `keys` is asked when a key is pressed: what it does may change without another set of extensions. */
export function support(names: Names | undefined, keys: () => Keys): Extension {
  const schema: Record<string, SQLNamespace> = { ...names };
  // the system's tables are found without a schema's name, as are those of public
  for (const table of Object.keys(names?.pg_catalog ?? {})) schema[table] ??= [];
  const pressed = (key: keyof Keys) => (view: EditorView) => {
    closeCompletion(view);
    keys()[key]();
    return true;
  };
  return [
    Prec.highest(
      keymap.of([
        { key: "Mod-Enter", run: pressed("run") },
        { key: "Mod-Shift-Enter", run: pressed("runAll") },
      ]),
    ),
    sql({ dialect: REDSHIFT, schema, defaultSchema: "public" }),
    autocompletion({ maxRenderedOptions: 60 }),
    keymap.of(completionKeymap),
    lintGutter(),
    EditorView.theme({ ".cm-tooltip.cm-tooltip-autocomplete > ul": { minWidth: "160px", maxWidth: "80vw" } }),
  ];
}

export interface Mark {
  from: number;
  to: number;
  message: string;
}

/** Mark where an error is, and bring it into view; nothing takes the mark away. */
export function mark(view: EditorView, found: Mark | undefined): void {
  const size = view.state.doc.length;
  const fits = found && found.to <= size && found.from < found.to;
  view.dispatch(setDiagnostics(view.state, fits ? [{ from: found.from, to: found.to, severity: "error", message: found.message }] : []));
}
