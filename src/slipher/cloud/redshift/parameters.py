# table
"""The parameters of a parameter group: type, values, and when a change reaches a cluster.

Sources: management guide, "Amazon Redshift parameter groups"; API reference of Parameter. A change of a dynamic one reaches
new sessions at once, of a static one after the cluster's next reboot. `session`: it is the default of the session parameter of
the same name; `stored`: kept and shown, nothing on one machine follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row. `only`: values that are taken although the type has more, because the rest is not there yet."""

    name: str
    default: str
    kind: str
    description: str
    allowed: str = ""
    apply: str = "static"
    effect: str = "session"  # session, stored, server
    only: tuple[str, ...] = ()
    old_default: str | None = None  # in the family redshift-1.0, where it differs


BOOLEAN = "true,false"
FAMILIES = ("redshift-1.0", "redshift-2.0")
DEFAULT_FAMILY = "redshift-2.0"
PARAMETERS: dict[str, Parameter] = {
    one.name: one
    for one in (
        Parameter("auto_analyze", "true", "boolean", "Use auto analyze", BOOLEAN),
        Parameter("auto_mv", "true", "boolean", "Use automated materialized views", BOOLEAN, effect="stored"),
        Parameter("datestyle", "ISO, MDY", "string", "Sets the display format for date and time values.", only=("ISO, MDY", "ISO,MDY", "ISO")),
        Parameter("enable_case_sensitive_identifier", "false", "boolean", "Preserves the case of quoted database identifiers.", BOOLEAN),
        Parameter("enable_user_activity_logging", "false", "boolean", "Whether the statements of users are logged.", BOOLEAN, effect="server"),
        Parameter("extra_float_digits", "0", "integer", "Sets the number of digits displayed for floating-point values", "-15-2"),
        Parameter("max_concurrency_scaling_clusters", "1", "integer", "The maximum number of concurrency scaling clusters.", "0-10", apply="dynamic"),
        Parameter("max_cursor_result_set_size", "default", "integer", "Sets the maximum cursor result set size.", "0-14400000"),
        Parameter("query_group", "default", "string", "Applies a label to a group of queries that are run in the same session."),
        Parameter("require_ssl", "true", "boolean", "Whether connections must use TLS.", BOOLEAN, effect="server", old_default="false"),
        Parameter("search_path", "$user, public", "string", "Sets the schema search order for names that are not schema-qualified."),
        Parameter("statement_timeout", "0", "integer", "Aborts any statement that takes over the specified number of milliseconds.", "0,100-2147483647"),
        Parameter("use_fips_ssl", "false", "boolean", "Use the FIPS 140 validated TLS library", BOOLEAN, effect="server", only=("false",)),
        Parameter("wlm_json_configuration", '[{"auto_wlm":true}]', "string", "wlm json configuration", apply="dynamic", effect="stored"),
    )
}  # fmt: skip


def defaults(family: str) -> dict[str, str]:
    """The values of a family's default group."""
    old = family == "redshift-1.0"
    return {one.name: one.old_default if old and one.old_default else one.default for one in PARAMETERS.values()}
