/** The schedules. */
import { ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { client } from "../../shared/clients";
import { when } from "../../shared/format";
import { Page } from "../../shared/Page";
import { ResourceTable } from "../../shared/ResourceTable";
import { usePages } from "../../shared/useAws";

export function Schedules() {
  const found = usePages(async (token, signal) => {
    const got = await client(SchedulerClient).send(new ListSchedulesCommand({ NextToken: token }), { abortSignal: signal });
    return { items: got.Schedules ?? [], next: got.NextToken };
  }, []);
  return (
    <Page title="Schedules" header={false}>
      <ResourceTable
        title="Schedules"
        {...found}
        itemKey={(one) => one.Arn!}
        columns={[
          { id: "name", header: "Name", cell: (one) => one.Name, value: (one) => one.Name },
          { id: "state", header: "State", cell: (one) => one.State, value: (one) => one.State },
          { id: "created", header: "Created", cell: (one) => when(one.CreationDate), value: (one) => one.CreationDate?.getTime() },
        ]}
        empty={{ title: "No schedules", text: "A schedule runs SQL on a cluster at set times." }}
      />
    </Page>
  );
}
