"""Makes the archive of AWS's own managed policies in src/slipher/spec/iam/ from public facts.

The documents are AWS's published policies. They are taken from the PyPI package moto (Apache-2.0), which lists them as data;
nothing else of it is used. `--check` tells whether the archive is the one that this package version gives.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import io
import json
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

TARGET = Path(__file__).parent.parent / "src" / "slipher" / "spec" / "iam" / "managed_policies.zip"


def documents() -> dict[str, dict[str, object]]:
    """Policy name -> arn, path, version, dates, document."""
    found = importlib.util.find_spec("moto")
    if found is None or found.origin is None:
        sys.exit("tools/managed_policies.py needs the package moto: pip install moto")
    source = (Path(found.origin).parent / "iam" / "aws_managed_policies.py").read_text()
    space: dict[str, str] = {}
    exec(compile(source, "aws_managed_policies", "exec"), space)
    return dict(json.loads(space["aws_managed_policies_data"]))


def archive() -> bytes:
    """The archive's bytes: one member a policy, its name the policy's ARN's tail; deterministic."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, facts in sorted(documents().items()):
            member = {
                "Arn": f"arn:aws:iam::aws:policy{facts.get('Path', '/')}{name}",
                "Path": facts.get("Path", "/"),
                "DefaultVersionId": facts.get("DefaultVersionId", "v1"),
                "CreateDate": facts.get("CreateDate"),
                "UpdateDate": facts.get("UpdateDate"),
                "Document": facts["Document"],
            }
            info = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(info, json.dumps(member, separators=(",", ":"), sort_keys=True))
    return out.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    """What an archive holds; its bytes may differ by the version of zlib."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    made = archive()
    if parser.parse_args().check:
        same = TARGET.exists() and members(TARGET.read_bytes()) == members(made)
        print(f"{TARGET.name}: {'up to date' if same else 'differs'} (moto {version('moto')})")
        sys.exit(not same)
    TARGET.write_bytes(made)
    print(f"{TARGET.name}: {len(made)} bytes, sha256 {hashlib.sha256(made).hexdigest()[:12]}, moto {version('moto')}")


if __name__ == "__main__":
    main()
