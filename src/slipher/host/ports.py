"""Ports: whether one can be bound, and finding a free one."""

from __future__ import annotations

import socket

from slipher.base.ports import take
from slipher.host.datadir import StartError


def check_free(host: str, port: int, option: str) -> None:
    """Raise StartError if the address and port that an option asks for cannot be listened on."""
    error = _hindrance(host, port)
    if error is not None:
        raise StartError(
            f"port {port} on {host} cannot be used ({error.strerror}): "
            f"stop what listens there, or choose another with {option} (0 = any free one)"
        )


def check_cluster_port(cluster: str, host: str, port: int) -> None:
    """Raise StartError if a cluster of an earlier run cannot listen where its endpoint says."""
    error = _hindrance(host, port)
    if error is not None:
        raise StartError(
            f"port {port} on {host}, of cluster {cluster}, cannot be used ({error.strerror}): stop what listens there"
        )


def _hindrance(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return error
    return None


def free_port(host: str) -> int:
    """A port that is free, and from now on kept for this process's children."""
    kept = take(host, 0)
    if kept is None:
        raise StartError(f"there is no address {host} on this machine: choose another with --bind")
    port: int = kept.getsockname()[1]
    _KEPT.append(kept)
    return port


_KEPT: list[socket.socket] = []


def answers(host: str, port: int) -> bool:
    """Whether something listens there."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
