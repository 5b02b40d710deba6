/** A cluster's status as an indicator, and whether it is about to change. */
import type { Cluster } from "@aws-sdk/client-redshift";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";

const TYPES: Record<string, StatusIndicatorProps.Type> = { available: "success", paused: "stopped", deleting: "in-progress" };
const FAILED = /fail|incompatible|hardware/;

function type(status: string): StatusIndicatorProps.Type {
  return TYPES[status] ?? (FAILED.test(status) ? "error" : "in-progress");
}

export function inTransition(cluster: Cluster): boolean {
  return type(cluster.ClusterStatus ?? "") === "in-progress";
}

export function ClusterStatus({ cluster }: { cluster: Cluster }) {
  const status = cluster.ClusterStatus ?? "unknown";
  return <StatusIndicator type={type(status)}>{status.charAt(0).toUpperCase() + status.slice(1)}</StatusIndicator>;
}
