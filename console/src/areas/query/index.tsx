/** Query editor: navigation and routes. */
import { screen, type Area } from "../../shared/area";

export const area: Area = {
  id: "query",
  title: "Query editor",
  path: "/query",
  description: "SQL on a cluster: results, plans, history.",
  nav: [{ text: "Databases", path: "/query" }],
  routes: [screen("", () => import("./Databases").then((module) => module.Databases))],
};
