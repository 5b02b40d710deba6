/** Secrets: navigation and routes. */
import { screen, type Area } from "../../shared/area";

export const area: Area = {
  id: "secrets",
  title: "Secrets",
  path: "/secrets",
  description: "Secrets Manager's secrets, without their values.",
  nav: [{ text: "Secrets", path: "/secrets" }],
  routes: [screen("", () => import("./Secrets").then((module) => module.Secrets))],
};
