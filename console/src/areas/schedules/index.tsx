/** Schedules: navigation and routes. */
import { screen, type Area } from "../../shared/area";

export const area: Area = {
  id: "schedules",
  title: "Schedules",
  path: "/schedules",
  description: "COPY, UNLOAD and SQL at set times.",
  nav: [{ text: "Schedules", path: "/schedules" }],
  routes: [screen("", () => import("./Schedules").then((module) => module.Schedules))],
};
