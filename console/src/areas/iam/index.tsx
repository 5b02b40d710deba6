/** IAM: navigation and routes. */
import { screen, type Area } from "../../shared/area";

export const area: Area = {
  id: "iam",
  title: "IAM",
  path: "/iam",
  description: "Roles, policies, users: who may do what.",
  nav: [{ text: "Roles", path: "/iam" }],
  routes: [screen("", () => import("./Roles").then((module) => module.Roles))],
};
