/** Secrets Manager: navigation and routes. */
import { screen, type Area } from "../../shared/area";

export const area: Area = {
  id: "secrets",
  title: "Secrets Manager",
  path: "/secrets",
  description: "Passwords of database users, kept for the Data API and for schedules.",
  nav: [{ text: "Secrets", path: "/secrets" }],
  routes: [
    screen("", () => import("./Secrets").then((module) => module.Secrets), "Secrets"),
    screen("new", () => import("./NewSecret").then((module) => module.NewSecret), "Store a secret"),
    screen("secret", () => import("./SecretDetail").then((module) => module.SecretDetail), "Secret"),
  ],
  help: [
    "A secret keeps a database user's name and password. The Data API takes its ARN in place of a database user: who may read the secret " +
      "may connect as that user.",
    "This console lists secrets and stores new ones. It never shows a value: read one with aws secretsmanager get-secret-value.",
  ],
};
