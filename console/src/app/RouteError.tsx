/** What a screen that fails, or does not exist, shows instead. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { useRouteError } from "react-router";
import { Empty } from "../shared/Empty";
import { ErrorBox } from "../shared/errors";
import { Page } from "../shared/Page";

export function RouteError() {
  const error = useRouteError();
  return (
    <Box padding="l">
      <ErrorBox error={error} doing="This screen cannot be shown" retry={() => location.reload()} />
    </Box>
  );
}

export function NotFound() {
  return (
    <Page title="Page not found">
      <Empty title="There is no such page in the console" action={<Button href="/console/">Console home</Button>} />
    </Page>
  );
}
