/** The side: an area's own screens, or all areas on the home screen. */
import SideNavigation, { type SideNavigationProps } from "@cloudscape-design/components/side-navigation";
import { AREAS } from "../areas";
import type { Area, NavLink } from "../shared/area";

const BASE = "/console";

function link({ text, path }: NavLink): SideNavigationProps.Link {
  return { type: "link", text, href: BASE + path };
}

/** The entry whose path the address begins with, the longest wins. */
export function activePath(area: Area, pathname: string): string {
  const paths = area.nav.flatMap((one) => ("items" in one ? one.items.map((inner) => inner.path) : [one.path]));
  const fits = paths.filter((path) => pathname === path || pathname.startsWith(`${path}/`));
  return fits.sort((a, b) => b.length - a.length)[0] ?? area.path;
}

export function Navigation({ area, pathname }: { area: Area | undefined; pathname: string }) {
  const home: SideNavigationProps.Item[] = [
    { type: "section", text: "Services", items: AREAS.map((one) => link({ text: one.title, path: one.path })) },
  ];
  if (!area) {
    return <SideNavigation header={{ text: "Console home", href: `${BASE}/` }} activeHref={`${BASE}/`} items={home} />;
  }
  const own: SideNavigationProps.Item[] = area.nav.map((one) =>
    "items" in one ? { type: "section", text: one.text, items: one.items.map(link) } : link(one),
  );
  const others: SideNavigationProps.Item[] = [
    { type: "divider" },
    {
      type: "section",
      text: "Other services",
      defaultExpanded: false,
      items: AREAS.filter((one) => one !== area).map((one) => link({ text: one.title, path: one.path })),
    },
  ];
  return (
    <SideNavigation
      header={{ text: area.title, href: BASE + area.path }}
      activeHref={BASE + activePath(area, pathname)}
      items={[...own, ...others]}
    />
  );
}
