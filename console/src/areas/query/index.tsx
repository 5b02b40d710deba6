/** Query editor: navigation and routes. */
import { screen, type Area } from "../../shared/area";

export const area: Area = {
  id: "query",
  title: "Query editor",
  path: "/query",
  description: "SQL on a cluster: results, charts, history.",
  nav: [
    { text: "Editor", path: "/query" },
    { text: "Query history", path: "/query/history" },
  ],
  routes: [
    screen("", () => import("./Editor").then((module) => module.Editor)),
    screen("history", () => import("./History").then((module) => module.History), "Query history"),
  ],
  help: [
    "Ctrl+Enter (on a Mac, Command+Enter) runs what is selected, or the statement at the cursor. With Shift, all statements of the tab run, " +
      "one after the other, up to the first that fails.",
    "With one session kept, temporary tables, settings and open transactions last from one run to the next, for half an hour without a run. " +
      "Tabs and their text stay until you sign out or close the browser's tab.",
    "Results stay on the cluster for a day and are read as you page through them, so a million rows are no burden to the browser. " +
      "Export CSV reads all of them.",
    "A statement that fails says why: the message, a hint where there is one, and the place in the text where it is known.",
  ],
};
