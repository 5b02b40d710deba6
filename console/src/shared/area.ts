/** What an area (a service's screens) tells the shell: its name, its navigation, its routes, each loaded when first shown. */
import type { ComponentType } from "react";
import type { RouteObject } from "react-router";

export interface NavLink {
  text: string;
  /** Below the console, e.g. "/iam/roles" */
  path: string;
}

export interface NavSection {
  text: string;
  items: NavLink[];
}

/** In a route's `handle`: its breadcrumb. */
export interface Handle {
  crumb?: string | ((params: Record<string, string | undefined>) => string);
}

export interface Area {
  id: string;
  title: string;
  /** Its first screen's path, and what all its paths begin with: "/iam" */
  path: string;
  description: string;
  nav: (NavLink | NavSection)[];
  routes: RouteObject[];
  /** Paragraphs of its help panel. */
  help?: string[];
}

/**
 * A screen: `screen("roles/:name", () => import("./RoleDetail").then((m) => m.RoleDetail), "Roles")`. The path is below the
 * area's; "" is the area's first screen. The breadcrumb may be made from the path's parameters.
 */
export function screen(path: string, load: () => Promise<ComponentType>, crumb?: Handle["crumb"]): RouteObject {
  const lazy = async () => ({ Component: await load() });
  const handle: Handle = { crumb };
  return path === "" ? { index: true, lazy, handle } : { path, lazy, handle };
}
