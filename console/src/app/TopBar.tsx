/** The bar at the top: region, theme, help, who is signed in. */
import TopNavigation from "@cloudscape-design/components/top-navigation";
import { setRegion, signOut, useSession } from "../session/store";
import { notify } from "../shared/flash";
import { regionName, regionOptions } from "./regions";
import { toggleTheme, useDark } from "./theme";

/** "federated-user/admin" of an ARN, shortened for the bar. */
export function shortName(arn: string): string {
  const text = arn.split(":").slice(5).join(":");
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** Browsers give pages that come without TLS from another machine no clipboard. */
async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}

export function TopBar({ onHelp }: { onHelp: () => void }) {
  const session = useSession().session;
  const dark = useDark();
  if (!session) return null;
  return (
    <div id="top">
      <TopNavigation
        identity={{ href: "/console/", title: "Slipher" }}
        utilities={[
          {
            type: "menu-dropdown",
            text: regionName(session.region),
            ariaLabel: `Region ${regionName(session.region)} (${session.region})`,
            items: regionOptions(session.region).map(({ value, description }) => ({
              id: value,
              text: description ? `${description} (${value})` : value,
            })),
            onItemClick: ({ detail }) => setRegion(detail.id),
          },
          {
            type: "button",
            text: dark ? "Light mode" : "Dark mode",
            onClick: toggleTheme,
          },
          { type: "button", iconName: "support", text: "Help", ariaLabel: "Help", onClick: onHelp },
          {
            type: "menu-dropdown",
            iconName: "user-profile",
            text: shortName(session.arn),
            description: `Account ${session.account}`,
            items: [
              { id: "copy-account", text: `Copy account ID ${session.account}` },
              { id: "copy-arn", text: "Copy the ARN of my identity" },
              { id: "out", text: "Sign out" },
            ],
            onItemClick: ({ detail }) => {
              if (detail.id === "out") return signOut();
              const text = detail.id === "copy-arn" ? session.arn : session.account;
              copy(text).then(
                () => notify({ type: "success", content: `Copied ${text}` }),
                () => notify({ type: "info", header: "The browser did not allow copying", content: text }),
              );
            },
          },
        ]}
      />
    </div>
  );
}
