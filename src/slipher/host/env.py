"""`slipher env`: the environment that points clients at a running instance."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

from slipher.host.datadir import DataDirectory, StartError
from slipher.host.tls import Authority

UNSET = ("AWS_SESSION_TOKEN", "AWS_PROFILE")  # they would win over, or mix with, what is set here


def variables(directory: DataDirectory, cluster: str | None = None, *, https: bool = False) -> dict[str, str]:
    """Names and values, with the AWS endpoint's URL as http or https.

    The admin's password is that of the first cluster, empty for others: only their creator knows it.
    """
    settings = directory.settings()
    if not settings or directory.holder() is None:
        raise StartError(f"no Slipher runs on {directory.root}: start it with `slipher up`")
    keys = json.loads((directory.root / "credentials.json").read_bytes())
    authority = Authority(directory.tls)
    row = cluster_of(directory, cluster)
    first = f"{settings['region']}/{keys['cluster_id']}"
    password = keys["password"] if f"{row['region']}/{row['id']}" == first else ""
    host, _, port = row["endpoint"].rpartition(":")
    return {
        "AWS_ENDPOINT_URL": f"{'https' if https else 'http'}://{settings['host']}:{settings['port']}",
        "AWS_ACCESS_KEY_ID": keys["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": keys["secret_access_key"],
        "AWS_DEFAULT_REGION": settings["region"],
        "AWS_REGION": settings["region"],
        "PGHOST": host,
        "PGPORT": port,
        "PGUSER": row["user"],
        "PGPASSWORD": password,
        "PGDATABASE": row["database"],
        "PGSSLMODE": "verify-ca",
        "PGSSLROOTCERT": str(authority.certificate_file),
        "SSL_CERT_DIR": authority.trust_path(),
        "AWS_CA_BUNDLE": str(authority.bundle_file),
        "NODE_EXTRA_CA_CERTS": str(authority.certificate_file),
        "SLIPHER_ACCOUNT_ID": settings["account"],
    }


def cluster_of(directory: DataDirectory, identifier: str | None) -> dict[str, Any]:
    """A cluster's row of the state, by its name or region/name; the first one's without. Raises StartError for another."""
    state = directory.state()
    if identifier is None:
        name = json.loads((directory.root / "credentials.json").read_bytes())["cluster_id"]
        identifier = f"{directory.settings()['region']}/{name}"
    region, _, name = identifier.rpartition("/")
    found: list[dict[str, Any]] = [
        row for row in state.get("clusters", []) if row["id"] == name and region in ("", row["region"])
    ]
    if len(found) == 1:
        return found[0]
    if found:
        regions = " or ".join(f"{row['region']}/{name}" for row in found)
        raise StartError(f"several regions have a cluster {name}: say {regions}")
    known = ", ".join(sorted(row["id"] for row in state.get("clusters", []))) or "none"
    raise StartError(f"there is no cluster {identifier} (clusters: {known})")


def render(values: dict[str, str], form: str) -> str:
    """As shell, JSON or dotenv text."""
    if form == "json":
        return json.dumps(values, indent=2)
    if form == "dotenv":
        return "\n".join(f"{name}={_dotenv(value)}" for name, value in values.items())
    lines = [f"unset {name}" for name in UNSET]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    return "\n".join(lines)


def _dotenv(value: str) -> str:
    """A value as dotenv's readers take it: quoted where it is more than letters, digits and a few marks."""
    return (
        value if re.fullmatch(r"[\w./:+@=-]*", value) else "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    )
