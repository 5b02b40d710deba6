/** The roles of the account. */
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { client } from "../../shared/clients";
import { when } from "../../shared/format";
import { Page } from "../../shared/Page";
import { ResourceTable } from "../../shared/ResourceTable";
import { usePages } from "../../shared/useAws";

export function Roles() {
  const roles = usePages(async (token, signal) => {
    const got = await client(IAMClient).send(new ListRolesCommand({ Marker: token }), { abortSignal: signal });
    return { items: got.Roles ?? [], next: got.Marker };
  }, []);
  return (
    <Page title="Roles" header={false}>
      <ResourceTable
        title="Roles"
        {...roles}
        itemKey={(role) => role.Arn!}
        columns={[
          { id: "name", header: "Role name", cell: (role) => role.RoleName, value: (role) => role.RoleName },
          { id: "arn", header: "ARN", cell: (role) => role.Arn, value: (role) => role.Arn },
          { id: "created", header: "Created", cell: (role) => when(role.CreateDate), value: (role) => role.CreateDate?.getTime() },
        ]}
        empty={{ title: "No roles", text: "A role is what a cluster loads and unloads data as." }}
      />
    </Page>
  );
}
