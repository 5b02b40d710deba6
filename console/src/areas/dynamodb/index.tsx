/** DynamoDB: navigation and routes. */
import { screen, type Area } from "../../shared/area";

export const area: Area = {
  id: "dynamodb",
  title: "DynamoDB",
  path: "/dynamodb",
  description: "Tables and items.",
  nav: [{ text: "Tables", path: "/dynamodb" }],
  routes: [screen("", () => import("./Tables").then((module) => module.Tables))],
};
