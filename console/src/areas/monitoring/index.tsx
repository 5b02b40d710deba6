/** Monitoring: navigation and routes. */
import { screen, type Area } from "../../shared/area";

export const area: Area = {
  id: "monitoring",
  title: "Monitoring",
  path: "/monitoring",
  description: "Queries, sessions, locks, and who was allowed what.",
  nav: [{ text: "Recent queries", path: "/monitoring" }],
  routes: [screen("", () => import("./RecentQueries").then((module) => module.RecentQueries))],
};
