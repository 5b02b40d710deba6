/** The buckets. */
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { client } from "../../shared/clients";
import { when } from "../../shared/format";
import { Page } from "../../shared/Page";
import { ResourceTable } from "../../shared/ResourceTable";
import { usePages } from "../../shared/useAws";

export function Buckets() {
  const found = usePages(async (token, signal) => {
    const got = await client(S3Client).send(new ListBucketsCommand({ ContinuationToken: token }), { abortSignal: signal });
    return { items: got.Buckets ?? [], next: got.ContinuationToken };
  }, []);
  return (
    <Page title="Buckets" header={false}>
      <ResourceTable
        title="Buckets"
        {...found}
        itemKey={(one) => one.Name!}
        columns={[
          { id: "name", header: "Name", cell: (one) => one.Name, value: (one) => one.Name },
          { id: "created", header: "Created", cell: (one) => when(one.CreationDate), value: (one) => one.CreationDate?.getTime() },
        ]}
        empty={{ title: "No buckets", text: "A bucket keeps the objects that COPY loads and UNLOAD writes." }}
      />
    </Page>
  );
}
