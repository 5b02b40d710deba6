/** Which cluster, database and user the screens that run SQL mean: chosen once, kept in the tab. */
import { DescribeClustersCommand, RedshiftClient, type Cluster } from "@aws-sdk/client-redshift";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useMemo, useState } from "react";
import { useSession } from "../session/store";
import { client } from "./clients";
import type { Target } from "./dataApi";
import { Empty } from "./Empty";
import { ErrorBox } from "./errors";
import { useAws, type Loaded } from "./useAws";

const KEY = "slipher.target";

interface Kept {
  cluster: string;
  database: string;
  /** Empty: the IAM identity's own database user. */
  user: string;
}

export interface Chosen {
  clusters: Loaded<Cluster[]>;
  /** Undefined until clusters are known, or where there is none. */
  target: Target | undefined;
  cluster: Cluster | undefined;
  choose: (part: Partial<Kept>) => void;
}

export async function allClusters(signal?: AbortSignal): Promise<Cluster[]> {
  const found: Cluster[] = [];
  let marker: string | undefined;
  do {
    const got = await client(RedshiftClient).send(new DescribeClustersCommand({ Marker: marker }), { abortSignal: signal });
    found.push(...(got.Clusters ?? []));
    marker = got.Marker;
  } while (marker);
  return found;
}

function kept(region: string): Partial<Kept> {
  try {
    return JSON.parse(sessionStorage.getItem(`${KEY}.${region}`) ?? "{}") as Partial<Kept>;
  } catch {
    return {};
  }
}

export function useTarget(): Chosen {
  const region = useSession().session?.region ?? "";
  const clusters = useAws(allClusters, [region]);
  const [mine, setMine] = useState<Partial<Kept>>(() => kept(region));
  const cluster = clusters.data?.find((one) => one.ClusterIdentifier === mine.cluster) ?? clusters.data?.[0];
  const same = cluster?.ClusterIdentifier === mine.cluster;
  const database = (same ? mine.database : undefined) || cluster?.DBName || "dev";
  const user = (same ? mine.user : undefined) ?? cluster?.MasterUsername ?? "";
  const target = useMemo<Target | undefined>(
    () => (cluster?.ClusterIdentifier ? { clusterIdentifier: cluster.ClusterIdentifier, database, dbUser: user || undefined } : undefined),
    [cluster?.ClusterIdentifier, database, user],
  );
  const choose = (part: Partial<Kept>) => {
    const next = { cluster: cluster?.ClusterIdentifier ?? "", database, user, ...part };
    if (part.cluster && part.cluster !== cluster?.ClusterIdentifier) {
      const other = clusters.data?.find((one) => one.ClusterIdentifier === part.cluster);
      next.database = part.database ?? other?.DBName ?? "dev";
      next.user = part.user ?? other?.MasterUsername ?? "";
    }
    sessionStorage.setItem(`${KEY}.${region}`, JSON.stringify(next));
    setMine(next);
  };
  return { clusters, target, cluster, choose };
}

/** The choice as a form; where there is no cluster, what to do about it. */
export function TargetPicker({ chosen }: { chosen: Chosen }) {
  const { clusters, target, cluster, choose } = chosen;
  if (clusters.error) return <ErrorBox error={clusters.error} retry={clusters.refresh} />;
  if (clusters.data?.length === 0) {
    return <Empty title="No clusters in this region" text="Create a cluster first: Amazon Redshift, Clusters, Create cluster." />;
  }
  return (
    <ColumnLayout columns={3}>
      <FormField label="Cluster">
        <Select
          selectedOption={cluster ? { value: cluster.ClusterIdentifier, label: cluster.ClusterIdentifier } : null}
          statusType={clusters.data ? "finished" : "loading"}
          options={(clusters.data ?? []).map((one) => ({
            value: one.ClusterIdentifier,
            label: one.ClusterIdentifier,
            description: one.ClusterStatus,
          }))}
          onChange={({ detail }) => choose({ cluster: detail.selectedOption.value })}
        />
      </FormField>
      <FormField label="Database">
        <Input value={target?.database ?? ""} onChange={({ detail }) => choose({ database: detail.value })} />
      </FormField>
      <FormField label="Database user" constraintText="Empty: the database user of your IAM identity.">
        <Input value={target?.dbUser ?? ""} onChange={({ detail }) => choose({ user: detail.value })} />
      </FormField>
    </ColumnLayout>
  );
}
