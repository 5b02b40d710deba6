"""The pictures of docs/guide/console.md: taken where SLIPHER_SHOTS is set; in every run, what they show is looked for."""

from __future__ import annotations

import re
from collections.abc import Callable

from browser import IMAGES, ROOT, Console


def test_the_dashboard(console: Console) -> None:
    console.page.get_by_text("Available").first.wait_for()
    console.shot("console-dashboard")


def test_a_denial(as_role: Callable[..., Console]) -> None:
    console = as_role({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    console.page.get_by_role("alert").filter(has_text="Access denied").wait_for()
    console.shot("console-denied")


def test_a_secret(console: Console) -> None:
    secrets = console.instance.client("secretsmanager")
    arn = secrets.create_secret(Name="pictures/etl", Description="The ETL's database user", SecretString="{}")["ARN"]
    try:
        console.open(f"/secrets/secret?id={arn}")
        console.page.get_by_role("button", name="Edit permissions").click()
        console.page.get_by_role("textbox", name="Resource policy").wait_for()
        console.shot("console-secret")
    finally:
        secrets.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def test_every_picture_is_made_by_a_test() -> None:
    """A picture that is in the docs and that no test takes would grow old unseen."""
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "console").glob("test_*.py"))
    taken = {f"{name}.png" for name in re.findall(r"\.shot\(\"([\w-]+)\"\)", tests)}
    there = {path.name for path in IMAGES.glob("*.png")}
    assert there == taken
