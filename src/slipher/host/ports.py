"""Ports: whether one can be bound, and finding a free one."""

from __future__ import annotations

import socket

from slipher.host.datadir import StartError


def check_free(host: str, port: int, option: str) -> None:
    """Raise StartError if nothing can listen on the address and port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(
                f"port {port} on {host} cannot be used ({error.strerror}): "
                f"stop what listens there, or choose another with {option} (0 = any free one)"
            ) from error


def free_port(host: str) -> int:
    """A port that is free now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port
