# table
"""The configuration parameters of a workgroup (source: API reference of Workgroup; management guide, "Query monitoring rules").

`of`: the parameter of a parameter group that says what values there are and what it does. Others are query monitoring metrics:
each ends a query that goes beyond it.
"""

from __future__ import annotations

from typing import Any

from slipher.base.errors import AwsError
from slipher.cloud.constraints import invalid
from slipher.cloud.redshift.parameter_groups import checked

DEFAULTS = {  # shown for every workgroup
    "auto_mv": "true",
    "datestyle": "ISO, MDY",
    "enable_case_sensitive_identifier": "false",
    "enable_user_activity_logging": "true",
    "query_group": "default",
    "search_path": "$user, public",
    "max_query_execution_time": "14400",
    "require_ssl": "true",
    "use_fips_ssl": "false",
}
METRICS = (
    "max_query_cpu_time max_query_blocks_read max_scan_row_count max_query_execution_time max_query_queue_time "
    "max_query_cpu_usage_percent max_query_temp_blocks_to_disk max_join_row_count max_nested_loop_join_row_count"
).split()
LONGEST = 86399  # seconds that max_query_execution_time may be


def kept(given: Any) -> dict[str, str]:
    """The parameters of a request, checked."""
    found: dict[str, str] = {}
    for one in given or []:
        key, value = str(one.get("parameterKey")), str(one.get("parameterValue"))
        if key in found:
            raise invalid(f"The parameter {key} is given twice.")
        if key == "max_query_execution_time":
            if not value.isdigit() or not 0 <= int(value) <= LONGEST:
                raise invalid(f"Invalid value for parameter {key}: {value}. Allowed values: 0-{LONGEST}")
        elif key in METRICS or key == "wlm_json_configuration":
            raise AwsError("NotImplemented", f"The parameter {key} is not implemented by Slipher yet.", 501)
        elif key in DEFAULTS:
            try:
                checked([{"ParameterName": key, "ParameterValue": value}])
            except AwsError as error:
                raise invalid(error.message) if error.code == "InvalidParameterValue" else error from None
        else:
            raise invalid(f"Invalid parameter key: {key}")
        found[key] = value
    return found


def shown(parameters: dict[str, str]) -> list[dict[str, str]]:
    """All parameters, as a workgroup shows them."""
    return [{"parameterKey": key, "parameterValue": value} for key, value in applied(parameters).items()]


def applied(parameters: dict[str, str]) -> dict[str, str]:
    """The values that the process takes, by the names that it knows them by."""
    return DEFAULTS | parameters
