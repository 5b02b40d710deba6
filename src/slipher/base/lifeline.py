"""Children that do not outlive their parent: the read end of a pipe whose write end only the parent holds."""

from __future__ import annotations

import os
import signal
import sys
import threading

VARIABLE = "SLIPHER_LIFELINE"


def watch(grace_seconds: float = 10.0) -> None:
    """If the parent gave a lifeline (standard input, told by the environment), stop when it breaks.

    A broken lifeline means that the supervisor is gone: the process gets SIGTERM, for a clean stop, and is ended
    by force when that takes longer than `grace_seconds`.
    """
    if os.environ.get(VARIABLE) != "stdin":
        return

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 512):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(grace_seconds)
        os._exit(1)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
