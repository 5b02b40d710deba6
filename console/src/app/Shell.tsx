/** The frame around every screen: top bar, navigation, breadcrumbs, notices, help. */
import AppLayout from "@cloudscape-design/components/app-layout";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import HelpPanel from "@cloudscape-design/components/help-panel";
import { useState, type MouseEvent } from "react";
import { Outlet, useLocation, useMatches, useNavigate, type To } from "react-router";
import { areaOf } from "../areas";
import { useSession } from "../session/store";
import type { Handle } from "../shared/area";
import { Notices } from "../shared/flash";
import { ExpiredDialog } from "./ExpiredDialog";
import { Navigation } from "./Navigation";
import { SignIn } from "./SignInPage";
import { TopBar } from "./TopBar";

const BASE = "/console";
const HELP = [
  "Slipher is an Amazon-Redshift-compatible warehouse that you run yourself. This console calls the public AWS APIs of its " +
    "gateway with your credentials, so whatever it does, a script can do too.",
  "A message that begins with a code, such as AccessDenied, is the service's own: the same that the aws command line shows.",
];

/** Links below /console are followed without loading the page anew, whichever component made them. */
function follow(event: MouseEvent, navigate: (to: To) => unknown): void {
  const link = (event.target as Element).closest("a");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target === "_blank" || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.pathname !== BASE && !link.pathname.startsWith(`${BASE}/`)) return;
  event.preventDefault();
  navigate((link.pathname.slice(BASE.length) || "/") + link.search + link.hash);
}

export function Shell() {
  const { session } = useSession();
  const location = useLocation();
  const navigate = useNavigate();
  const matches = useMatches();
  const [navigationOpen, setNavigationOpen] = useState(() => window.innerWidth > 900);
  const [helpOpen, setHelpOpen] = useState(false);
  if (!session) return <SignIn />;
  const area = areaOf(location.pathname);
  const crumbs = matches.flatMap((match) => {
    const crumb = (match.handle as Handle | undefined)?.crumb;
    if (!crumb) return [];
    return [{ text: typeof crumb === "function" ? crumb(match.params) : crumb, href: match.pathname.startsWith(BASE) ? match.pathname : BASE + match.pathname }];
  });
  return (
    <div onClick={(event) => follow(event, navigate)}>
      <TopBar onHelp={() => setHelpOpen(!helpOpen)} />
      <AppLayout
        headerSelector="#top"
        navigation={<Navigation area={area} pathname={location.pathname} />}
        navigationOpen={navigationOpen}
        onNavigationChange={({ detail }) => setNavigationOpen(detail.open)}
        notifications={<Notices />}
        stickyNotifications
        breadcrumbs={
          crumbs.length > 0 ? <BreadcrumbGroup items={[{ text: "Console home", href: `${BASE}/` }, ...crumbs]} ariaLabel="Breadcrumbs" /> : undefined
        }
        tools={
          <HelpPanel header={<h2>{area?.title ?? "Help"}</h2>}>
            {(area?.help ?? HELP).map((text) => (
              <p key={text}>{text}</p>
            ))}
          </HelpPanel>
        }
        toolsOpen={helpOpen}
        onToolsChange={({ detail }) => setHelpOpen(detail.open)}
        ariaLabels={{
          navigation: "Service navigation",
          navigationToggle: "Open navigation",
          navigationClose: "Close navigation",
          notifications: "Notifications",
          tools: "Help",
          toolsToggle: "Open help",
          toolsClose: "Close help",
        }}
        content={<Outlet key={session.region + session.arn} />}
      />
      <ExpiredDialog />
    </div>
  );
}
