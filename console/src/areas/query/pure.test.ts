/** The pure parts of the query editor: statements, errors, CSV, pages, tabs. */
import { expect, test } from "vitest";
import { csvField, csvLine } from "./csv";
import { marked, parseFailure } from "./failure";
import { ResultPages } from "./pages";
import { changesCatalog, redacted, split, statementAt } from "./statements";
import { closed, edited, opened } from "./tabs";

test("semicolons in literals, names, comments and dollar quotes divide nothing", () => {
  const sql = "select ';\\';' as \"a;b\" -- one; two\n; /* ; /* ; */ ; */ create procedure p() as $x$ begin; end; $x$ language plpgsql;\n;-- end\n";
  expect(split(sql).map((one) => one.text)).toEqual([
    "select ';\\';' as \"a;b\" -- one; two",
    "/* ; /* ; */ ; */ create procedure p() as $x$ begin; end; $x$ language plpgsql",
  ]);
  for (const one of split(sql)) expect(sql.slice(one.from, one.to)).toBe(one.text);
});

test("what does not end is the rest of the text", () => {
  expect(split("select 'a; select 2").map((one) => one.text)).toEqual(["select 'a; select 2"]);
  expect(split("  \n-- only a comment").length).toBe(0);
});

test("the statement at the cursor", () => {
  const sql = "select 1; \n\n  select 2;\nselect 3";
  expect(statementAt(sql, 0)?.text).toBe("select 1");
  expect(statementAt(sql, 9)?.text).toBe("select 1");
  expect(statementAt(sql, 11)?.text).toBe("select 2");
  expect(statementAt(sql, 18)?.text).toBe("select 2");
  expect(statementAt(sql, sql.length)?.text).toBe("select 3");
  expect(statementAt("select 1;\n\n", 11)?.text).toBe("select 1");
  expect(statementAt(" ", 0)).toBeUndefined();
});

test("statements that change the catalog", () => {
  expect(changesCatalog("-- new\n/* x */ Create table t(a int)")).toBe(true);
  expect(changesCatalog("select 'create'")).toBe(false);
});

test("keys are not shown", () => {
  const sql = "copy t from 's3://b' access_key_id 'AKIA1' secret_access_key 'very\\'secret' session_token 'tok' csv";
  expect(redacted(sql)).toBe("copy t from 's3://b' access_key_id '***' secret_access_key '***' session_token '***' csv");
  expect(redacted("credentials 'aws_access_key_id=A;aws_secret_access_key=B;token=C' csv")).toBe(
    "credentials 'aws_access_key_id=***;aws_secret_access_key=***;token=***' csv",
  );
  expect(redacted("create user u password 'Secret1'")).toBe("create user u password '***'");
});

test("an error with a block of the engine", () => {
  const found = parseFailure(
    "ERROR: User x is not authorized\n  Detail: \n  -----------------------------------------------\n  error:  User x is not authorized\n" +
      "  code:      8001\n  context:   IAM Role=r\n  query:     102\n  location:  a.cpp:450\n  process:   padbmaster [pid=1]\n" +
      "  -----------------------------------------------\n\n  Hint: the IAM role r is not associated with the cluster",
  );
  expect(found).toMatchObject({ message: "User x is not authorized", code: "8001", hint: "the IAM role r is not associated with the cluster" });
  expect(found.engine.map(([key]) => key)).toEqual(["context", "query", "location", "process"]);
  expect(found.detail).toBeUndefined();
});

test("an error's position is marked, or the name it tells", () => {
  const syntax = parseFailure('ERROR: syntax error at or near "selec" in context "selec", at line 1, column 1\n  Position: 1');
  expect(marked("selec 1", syntax)).toEqual({ from: 0, to: 5 });
  expect(marked("select *\nfrom nope", parseFailure('ERROR: relation "nope" does not exist'))).toEqual({ from: 14, to: 18 });
  expect(marked("select 1", parseFailure("ERROR: syntax error at end of input\n  Position: 9"))).toEqual({ from: 7, to: 8 });
  expect(marked("select 1", parseFailure("ERROR: Divide by zero"))).toBeUndefined();
  expect(parseFailure("ERROR: x\n  Detail: Key a\n  Hint: do b").detail).toBe("Key a");
});

test("CSV quotes what it must, and tells NULL from an empty text", () => {
  expect([null, "", "a", 'say "x"', "a,b", "a\nb", " a", 1.5, true].map(csvField)).toEqual(["", '""', "a", '"say ""x"""', '"a,b"', '"a\nb"', '" a"', "1.5", "true"]);
  expect(csvLine([null])).toBe('""\r\n');
  expect(csvLine([null, 1])).toBe(",1\r\n");
});

test("a million rows: pages are walked to, few are kept, those let go come again", async () => {
  const asked: (string | undefined)[] = [];
  const pages = new ResultPages(async (token) => {
    asked.push(token);
    const at = Number(token ?? 0);
    return { columns: [{ name: "n" }], rows: Array.from({ length: 100 }, (_, i) => [at + i]), next: at + 100 < 1000 ? String(at + 100) : undefined };
  }, 2);
  expect((await pages.rows(0, 50)).length).toBe(50);
  expect(asked).toEqual([undefined]);
  expect((await pages.rows(950, 1100)).map(([n]) => n)).toEqual(Array.from({ length: 50 }, (_, i) => 950 + i));
  expect(asked.length).toBe(10);
  const [a, b] = await Promise.all([pages.rows(90, 110), pages.rows(890, 891)]);
  expect([a.length, a[0], a[19], b]).toEqual([20, [90], [109], [[890]]]);
  expect(asked.slice(10)).toEqual([undefined, "100", "800"]);
});

test("a page that failed is asked for again", async () => {
  let fail = true;
  const pages = new ResultPages(async () => {
    if (fail) throw new Error("no");
    return { columns: [], rows: [[1]] };
  });
  await expect(pages.rows(0, 1)).rejects.toThrow("no");
  fail = false;
  expect(await pages.rows(0, 1)).toEqual([[1]]);
});

test("tabs open, close and keep one", () => {
  const one = opened({ tabs: [], active: "" });
  const two = opened(one);
  expect(two.tabs.map((tab) => tab.title)).toEqual(["Query 1", "Query 2"]);
  expect(closed(two, two.active).active).toBe(one.active);
  const none = closed(one, one.active);
  expect(none.tabs.length).toBe(1);
  expect(opened(two, "select 1").tabs.length).toBe(2); // the empty tab takes it
  expect(opened(edited(two, two.active, { sql: "x" }), "select 1").tabs.length).toBe(3);
});
