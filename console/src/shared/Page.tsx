/** A screen's frame: its title (the browser's, too), its actions. */
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, type ReactNode } from "react";

export interface PageProps {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  info?: ReactNode;
  /** False where a full-page table brings the heading itself. */
  header?: boolean;
  children: ReactNode;
}

export function Page({ title, description, actions, info, header = true, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} | Slipher`;
  }, [title]);
  if (!header) return <>{children}</>;
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={description} actions={actions} info={info}>
          {title}
        </Header>
      }
    >
      <SpaceBetween size="l">{children}</SpaceBetween>
    </ContentLayout>
  );
}
