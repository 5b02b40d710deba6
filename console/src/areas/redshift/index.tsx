/** Amazon Redshift: navigation and routes. */
import { screen, type Area } from "../../shared/area";

export const area: Area = {
  id: "redshift",
  title: "Amazon Redshift",
  path: "/redshift",
  description: "Clusters, their IAM roles, snapshots, parameter groups.",
  nav: [{ text: "Clusters", path: "/redshift" }],
  routes: [screen("", () => import("./Clusters").then((module) => module.Clusters))],
};
