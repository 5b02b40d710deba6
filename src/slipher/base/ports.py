"""Ports kept for a process that is to listen on them, so that nobody else on this machine takes them for free ones.

On Linux a socket that is bound but does not listen is no hindrance for one that binds the same address with SO_REUSEADDR to
listen. Elsewhere it would be, and nothing is kept.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path


def _bound(host: str, port: int, reuse: bool) -> socket.socket | None:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(reuse))
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        return None
    if sys.platform == "linux":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    else:
        sock.close()
    return sock


def keep(host: str, port: int) -> socket.socket | None:
    """Keep a port that is ours already; None if something listens on it."""
    return _bound(host, port, reuse=True)


def take(host: str, port: int) -> socket.socket | None:
    """Keep a port that nobody has, listening or kept (0: any); None if somebody does. In one step: no two can take it."""
    taken = _bound(host, port, reuse=False)
    if taken is None and _old_connections(host, port):
        taken = _bound(host, port, reuse=True)
    return taken


def _old_connections(host: str, port: int) -> bool:
    """Whether connections of an address hinder the strict way, perhaps long closed ones; a port that is kept has none."""
    if ":" in host or not Path("/proc/net/tcp").exists():
        return True
    wanted = f"{socket.inet_aton(host)[::-1].hex().upper()}:{port:04X}"
    return any(line.split()[1] == wanted for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
