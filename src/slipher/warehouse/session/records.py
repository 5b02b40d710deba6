"""Rows of stl_connection_log: who came, who went, who was refused."""

from __future__ import annotations

import ssl
from socket import socket

from slipher.warehouse.context import Warehouse
from slipher.warehouse.run.state import SessionState
from slipher.warehouse.session.iam_login import METHOD, is_iam


def connection(state: SessionState, event: str, sock: socket, parameters: dict[str, str] | None = None) -> None:
    """A session's begin or end."""
    host, _, port = state.remote.rpartition(":")
    now = state.warehouse.clock.now()
    given = parameters or {}
    state.warehouse.activity.append(
        "connection",
        {
            "userid": state.session_user.oid,
            "pid": state.pid,
            "event": event,
            "recordtime": now,
            "remotehost": host or state.remote,
            "remoteport": port,
            "dbname": state.database,
            "username": state.login,
            "authmethod": METHOD if is_iam(state.login) else "password",
            "duration": int((now - state.started).total_seconds() * 1e6),
            "sslversion": sock.version() if isinstance(sock, ssl.SSLSocket) else None,
            "application_name": given.get("application_name"),
            "os_version": given.get("os_version"),
            "driver_version": given.get("driver_version"),
            "plugin_name": given.get("plugin_name"),
            "protocol_version": 0,
            "sessionid": "",
        },
    )


def refused(warehouse: Warehouse, user: str, remote: str, method: str) -> None:
    """A failed login."""
    host, _, port = remote.rpartition(":")
    warehouse.activity.append(
        "connection",
        {
            "event": "authentication failure",
            "recordtime": warehouse.clock.now(),
            "remotehost": host,
            "remoteport": port,
            "username": user,
            "authmethod": method,
        },
    )
