"""`python -m demo [--folder .demo]`: runs the story, leaves nothing running (KEEP=1 keeps it); exit 0 when all went as told."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from demo.data import write_parts
from demo.shell import Shell, StoryError, wants_colours
from demo.story import REGION, Story

ROOT = Path(__file__).parent.parent
OWN = ("AWS_", "PG", "SLIPHER_", "DB")  # the environment's own settings must not reach the demo
KEPT = "To use it:\n  cd {folder}\n  export SLIPHER_DATA_DIR=$PWD/data PATH={bin}:$PATH"


def environment(folder: Path) -> dict[str, str]:
    """The demo's environment: this Python's programs first, none of the user's AWS or PostgreSQL settings."""
    values = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    programs = str(Path(sys.executable).parent)
    return values | {
        "PATH": os.pathsep.join([programs, values.get("PATH", os.defpath)]),
        "SLIPHER_DATA_DIR": str(folder / "data"),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }


def stand_in_for_psql(folder: Path, values: dict[str, str]) -> None:
    """Where psql is missing, put a program of that name that sends the same text through psycopg."""
    if shutil.which("psql", path=values["PATH"]):
        return
    print("psql is not installed here: what is typed to it goes, as it stands, through Python's psycopg instead.")
    programs = folder / "bin"
    programs.mkdir()
    (programs / "psql").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "demo" / "psql.py"}" "$@"\n')
    (programs / "psql").chmod(0o755)
    values["PATH"] = os.pathsep.join([str(programs), values["PATH"]])


def slipher(*arguments: str, values: dict[str, str]) -> int:
    """Run a command of Slipher's quietly."""
    return subprocess.run(
        ["slipher", *arguments], env=values, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ).returncode


def main() -> int:
    """Run the story; 0 when every step did what it should."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / ".demo", help="where the demo lives (default: .demo)")
    folder: Path = parser.parse_args().folder.resolve()
    keep = os.environ.get("KEEP", "0") not in ("", "0")
    began = time.monotonic()
    values = environment(folder)
    if folder.exists():
        slipher("down", values=values)  # one that an earlier KEEP=1 left
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    stand_in_for_psql(folder, values)
    figures = write_parts(folder / "flights")
    shell = Shell(folder, values, wants_colours())
    status = 1
    try:
        Story(shell, figures).run()
        status = 0
        print(f"\nAll nine steps did what the story says, in {time.monotonic() - began:.0f} seconds.")
    except StoryError as error:
        print(f"\nNOT AS THE STORY SAYS: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        status = 130
    finally:
        if keep:
            _tell(folder, values)
        else:
            slipher("down", values=values)
            if status == 0:
                shutil.rmtree(folder)
            else:
                print(f"Logs are in {folder / 'data' / 'logs'}.", file=sys.stderr)
    return status


def console_link(values: dict[str, str]) -> str:
    """A link into the web console, empty if there is none."""
    command = ["slipher", "console", "--region", REGION]
    return subprocess.run(command, env=values, stdout=subprocess.PIPE, text=True).stdout.strip()


def _tell(folder: Path, values: dict[str, str]) -> None:
    print("\nIt was kept (KEEP=1).", KEPT.format(folder=folder, bin=Path(sys.executable).parent))
    print('  eval "$(slipher env)"; slipher status')
    print(f"  slipher sql --cluster flights      # password Slipher2016, in {REGION}")
    print("  slipher console --region", REGION, "   # another link into the web console")
    print("  slipher down                       # stops it")
    if link := console_link(values):
        print(f"\nThe web console (the link works once, for 15 minutes):\n{link}")


if __name__ == "__main__":
    sys.exit(main())
