/** Addresses: signing in, and below the shell the home screen and each area's own. */
import { createBrowserRouter, type RouteObject } from "react-router";
import { AREAS } from "../areas";
import { screen } from "../shared/area";
import { NotFound, RouteError } from "./RouteError";
import { Shell } from "./Shell";
import { SignInPage } from "./SignInPage";

export const ROUTES: RouteObject[] = [
  { path: "signin", Component: SignInPage, ErrorBoundary: RouteError },
  {
    path: "/",
    Component: Shell,
    ErrorBoundary: RouteError,
    HydrateFallback: () => null,
    children: [
      {
        ErrorBoundary: RouteError,
        children: [
          screen("", () => import("../areas/home/Home").then((module) => module.Home)),
          ...AREAS.map((area) => ({ path: area.path.slice(1), handle: { crumb: area.title }, children: area.routes })),
          { path: "*", Component: NotFound },
        ],
      },
    ],
  },
];

export function createRouter() {
  return createBrowserRouter(ROUTES, { basename: "/console" });
}
