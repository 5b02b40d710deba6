"""`slipher env`: the environment that points clients at a running instance."""

from __future__ import annotations

import json
import shlex
from typing import Any

from slipher.host.datadir import DataDirectory, StartError
from slipher.host.tls import Authority

UNSET = ("AWS_SESSION_TOKEN", "AWS_PROFILE")  # they would win over, or mix with, what is set here


def variables(directory: DataDirectory, cluster: str | None = None) -> dict[str, str]:
    """Names and values; the admin's password is that of the first cluster, empty for others (only their creator knows it)."""
    settings = directory.settings()
    state = directory.state()
    if not settings or directory.holder() is None:
        raise StartError(f"no Slipher runs on {directory.root}: start it with `slipher up`")
    keys = json.loads((directory.root / "credentials.json").read_bytes())
    authority = Authority(directory.tls)
    row = _cluster(state, cluster or keys["cluster_id"])
    password = keys["password"] if row["id"] == keys["cluster_id"] else ""
    host, _, port = row["endpoint"].rpartition(":")
    return {
        "AWS_ENDPOINT_URL": f"http://{settings['host']}:{settings['port']}",
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
        "NODE_EXTRA_CA_CERTS": str(authority.certificate_file),
        "SLIPHER_ACCOUNT_ID": settings["account"],
    }


def _cluster(state: dict[str, Any], identifier: str) -> dict[str, Any]:
    for row in state.get("clusters", []):
        if row["id"] == identifier:
            found: dict[str, Any] = row
            return found
    known = ", ".join(sorted(row["id"] for row in state.get("clusters", []))) or "none"
    raise StartError(f"there is no cluster {identifier} (clusters: {known})")


def render(values: dict[str, str], form: str) -> str:
    """As shell, JSON or dotenv text."""
    if form == "json":
        return json.dumps(values, indent=2)
    if form == "dotenv":
        return "\n".join(f"{name}={value}" for name, value in values.items())
    lines = [f"unset {name}" for name in UNSET]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    return "\n".join(lines)
