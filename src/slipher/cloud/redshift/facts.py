"""What a request says of a cluster: kept and shown, or at its one possible value, or refused.

Rules of values: management guide and the API reference of CreateCluster and ModifyCluster.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from slipher.base.errors import AwsError
from slipher.cloud.call import Call

WINDOW = re.compile(
    r"(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d"
)
SECURITY_GROUP = re.compile(r"sg-[0-9a-z]{1,32}")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def invalid(member: str, value: Any, rule: str = "") -> AwsError:
    """InvalidParameterValue."""
    return AwsError("InvalidParameterValue", f"Invalid value for {member}: {value}.{' ' + rule if rule else ''}")


def _window(value: Any) -> bool:
    if not WINDOW.fullmatch(value):
        return False
    day, hour, minute = value[:3], int(value[4:6]), int(value[7:9])
    day2, hour2, minute2 = value[10:13], int(value[14:16]), int(value[17:19])
    start = DAYS.index(day) * 1440 + hour * 60 + minute
    end = DAYS.index(day2) * 1440 + hour2 * 60 + minute2
    return (end - start) % 10080 >= 30


# members that are kept and shown, with nothing that they could do on one machine; and which values they can have
KEPT: dict[str, Callable[[Any], bool]] = {
    "AutomatedSnapshotRetentionPeriod": lambda value: 0 <= value <= 35,
    "ManualSnapshotRetentionPeriod": lambda value: value == -1 or 1 <= value <= 3653,
    "PreferredMaintenanceWindow": _window,
    "AllowVersionUpgrade": lambda value: True,
    "PubliclyAccessible": lambda value: True,
    "EnhancedVpcRouting": lambda value: True,
    "VpcSecurityGroupIds": lambda value: all(SECURITY_GROUP.fullmatch(one) for one in value),  # there is no VPC here
    "MaintenanceTrackName": lambda value: value in ("current", "trailing"),
}
# members with one value here, which may be given; any other is refused, because nothing would come of it
FIXED: dict[str, tuple[Any, ...]] = {
    "ClusterVersion": ("1.0",),
    "MultiAZ": (False,),
    "AvailabilityZoneRelocation": (False,),
    "IpAddressType": ("ipv4",),
    "AquaConfigurationStatus": ("disabled", "auto"),  # retired: Amazon Redshift ignores it too
    "Encrypted": (True,),
}


def refuse_others(call: Call, fixed: Mapping[str, tuple[Any, ...]]) -> None:
    """501 for a member that has one value here, or few, and is given another."""
    for member, values in fixed.items():
        given = call.params.get(member)
        if given is not None and given not in values:
            text = f"{call.operation} with {member} {given} is not implemented by Slipher yet."
            raise AwsError("NotImplemented", text, 501)


def kept(call: Call) -> dict[str, Any]:
    """The facts that a request gives, checked."""
    params = call.params
    if params.get("Encrypted") is False:
        raise AwsError("InvalidParameterValue", "Unencrypted clusters are not supported.")
    refuse_others(call, FIXED)
    found = {name: params[name] for name in KEPT if params.get(name) is not None}
    for name, value in found.items():
        if not KEPT[name](value):
            raise invalid(name, value)
    return found
