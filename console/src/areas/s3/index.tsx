/** Amazon S3: navigation and routes. */
import { screen, type Area } from "../../shared/area";

export const area: Area = {
  id: "s3",
  title: "Amazon S3",
  path: "/s3",
  description: "Buckets and objects.",
  nav: [{ text: "Buckets", path: "/s3" }],
  routes: [screen("", () => import("./Buckets").then((module) => module.Buckets))],
};
