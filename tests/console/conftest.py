"""Fixtures of the console's tests: `browser` (one a session), `console` (a signed-in page of its own), `as_role`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest
from browser import FLAGS, Console, chromium, new_console

from slipher.testing import Instance


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, started once."""
    program = chromium()
    if program is None:
        pytest.skip("chromium is not installed")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def console(browser: Any, slipher: Instance) -> Iterator[Console]:
    """A page signed in as the administrator, in a browser context of its own, on the session's instance."""
    with new_console(browser, slipher) as made:
        yield made


@pytest.fixture
def as_role(browser: Any, slipher: Instance) -> Iterator[Callable[..., Console]]:
    """`as_role({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, ...)`: signed in as a role that may do just this."""
    iam = slipher.client("iam")
    made: list[str] = []
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{slipher.account}:root"},
            "Action": "sts:AssumeRole",
        },
    }
    with ExitStack() as stack:

        def sign_in(*statements: dict[str, Any], **options: Any) -> Console:
            name = f"console-test-{len(made)}"
            arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
            made.append(name)
            if statements:
                document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
                iam.put_role_policy(RoleName=name, PolicyName="just-this", PolicyDocument=document)
            page: AbstractContextManager[Console] = new_console(browser, slipher, role=arn, **options)
            return stack.enter_context(page)

        yield sign_in
    for name in made:
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        iam.delete_role(RoleName=name)
