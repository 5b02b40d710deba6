"""CloudTrail: looking up the management events that the gateway notes. The table of operations."""

from __future__ import annotations

from slipher.cloud.call import Operation
from slipher.cloud.cloudtrail import lookup

OPERATIONS: dict[str, Operation] = {
    "LookupEvents": Operation(lookup.lookup_events, "LookupAttributes StartTime EndTime MaxResults NextToken"),
}
