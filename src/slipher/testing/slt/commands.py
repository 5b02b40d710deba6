"""The `aws` directive: commands of the unmodified aws CLI, run by its own package in this process, each with its own driver.

A process for each command would cost a second; its models, which are read once, are what the drivers share.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jmespath

from slipher.testing.instance import Instance
from slipher.testing.slt.records import Record

CODE = re.compile(r"An error occurred \(([^)]+)\) when calling")
MASKS = (  # what is another one each time
    (re.compile(r"\b(A[A-Z]{2}A)[A-Z0-9]{12,}\b"), r"<\1>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"), "<time>"),
    (re.compile(r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"), "<time>"),
    (re.compile(r"[./]*/slt-aws-[^/ \"]+"), "$dir"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "<time>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<uuid>"),
    (
        re.compile(
            r'("(?:SecretAccessKey|SessionToken|NextToken|Marker|UploadId|[A-Za-z]*Date|[A-Za-z]*At)": )("[^"]*"|[\d.]+)'
        ),
        r"\1<>",
    ),
)
KEYS = {
    "AccessKeyId": "AWS_ACCESS_KEY_ID",
    "SecretAccessKey": "AWS_SECRET_ACCESS_KEY",
    "SessionToken": "AWS_SESSION_TOKEN",
}


class Commands:
    """The commands of one file: what they kept, and where they put files."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._kept: dict[str, Any] = {}
        self._directory = tempfile.TemporaryDirectory(prefix="slt-aws-")
        self._loader: Any = None

    def close(self) -> None:
        """Remove the files."""
        self._directory.cleanup()

    def run(self, record: Record) -> tuple[list[str], str | None]:
        """One command: what it printed, and the code of its error (of a usage error its exit status)."""
        directory = Path(self._directory.name)
        text = record.option("text")
        (directory / "text").write_text(text)
        line = " ".join(record.input).replace("$dir", str(directory))
        for name, value in sorted(self._kept.items(), reverse=True):
            line = line.replace(f"${name}", value) if isinstance(value, str) else line
        with self._environment(record.option("as")):
            status, out, err = self._call(shlex.split(line), text)
        if status == 0 and "keep" in record.options:
            self._keep(record.options["keep"], out)
        lines = [*self._masked(out).splitlines(), *(f"! {one}" for one in self._masked(err).splitlines())]
        lines = [one for one in lines if one.strip("! ")]  # a record ends with a blank line
        code = CODE.search(err)
        if status == 2 and code is None:  # the CLI's own: the hint to other versions before it is none of ours
            lines = lines[-1:]
        return lines, None if status == 0 else code.group(1) if code else str(status)

    def _call(self, words: list[str], stdin: str) -> tuple[int, str, str]:
        from awscli.clidriver import create_clidriver  # part of the tests' dependencies, not of Slipher's

        driver = create_clidriver()
        if self._loader is None:
            self._loader = driver.session.get_component("data_loader")
        driver.session.register_component("data_loader", self._loader)
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True), io.StringIO()
        before = sys.stdin, sys.argv
        sys.argv = ["aws"]  # what usage errors begin with
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode()))
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                status = driver.main(words)
        except SystemExit as ended:  # so its parsers end
            status = ended.code if isinstance(ended.code, int) else 1
        finally:
            sys.stdin, sys.argv = before
        out.seek(0)
        return status, out.read(), err.getvalue()

    @contextlib.contextmanager
    def _environment(self, who: str) -> Iterator[None]:
        """The instance's variables; with `as=`, the keys that a command before kept under that name."""
        import awscli  # which tells by a variable where its models are

        before, data = dict(os.environ), {"AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}
        assert awscli
        none = str(Path(self._directory.name) / "none")
        own = self._instance.environment | data | {
            "AWS_PAGER": "", "AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none,
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_CLI_FILE_ENCODING": "utf-8",
        }  # fmt: skip
        if who:
            own |= {name: self._kept[who][member] for member, name in KEYS.items() if member in self._kept[who]}
        try:
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                del os.environ[name]
            os.environ.update({name: value for name, value in own.items() if name.startswith("AWS_")})
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def _keep(self, asked: str, out: str) -> None:
        answer = json.loads(out)
        for one in asked.split(","):
            name, _, path = one.partition(":")
            value = jmespath.search(path or "@", answer)
            if value is None:
                raise ValueError(f"there is no {path} to keep")
            self._kept[name] = value

    def _masked(self, text: str) -> str:
        for name, value in self._kept.items():
            if isinstance(value, str) and len(value) > 2:
                text = text.replace(value, f"${name}")
        # the CLI tells paths from where it runs, which is anywhere
        for place in (os.path.relpath(self._directory.name), self._directory.name):
            text = text.replace(place, "$dir")
        text = text.replace(self._instance.environment["AWS_ENDPOINT_URL"], "$url")
        for pattern, mask in MASKS:
            text = pattern.sub(mask, text)
        return text
