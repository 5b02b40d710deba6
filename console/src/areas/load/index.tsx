/** Load data: navigation and routes. */
import { screen, type Area } from "../../shared/area";

export const area: Area = {
  id: "load",
  title: "Load data",
  path: "/load",
  description: "COPY with guidance; load history and load errors.",
  nav: [{ text: "Load errors", path: "/load" }],
  routes: [screen("", () => import("./LoadErrors").then((module) => module.LoadErrors))],
};
