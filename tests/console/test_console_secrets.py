"""The console's secrets: listing without values, storing, deleting; what is refused."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from browser import Console


@pytest.fixture
def named(console: Console) -> Any:
    """A secret's name; the secret is gone afterwards."""
    name = f"test/{uuid.uuid4().hex[:8]}"
    yield name
    console.instance.client("secretsmanager").delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def test_store_see_and_delete(console: Console, named: str) -> None:
    page = console.page
    console.open("/secrets")
    page.get_by_role("button", name="Refresh secrets").wait_for()
    page.get_by_role("link", name="Store a new secret").first.click()
    console.heading("Store a new secret")
    page.get_by_role("button", name="Store", exact=True).click()
    page.get_by_text("Enter the password.").wait_for()
    console.axe()
    page.get_by_label("User name").fill("etl")
    page.get_by_label("Password").fill("Sup3rSecret!")
    page.get_by_label("Secret name").fill(named)
    page.get_by_role("button", name="Store", exact=True).click()
    page.get_by_text(f"Secret {named} stored").wait_for()
    value = console.instance.client("secretsmanager").get_secret_value(SecretId=named)["SecretString"]
    assert {"username": "etl", "password": "Sup3rSecret!"}.items() <= json.loads(value).items()
    page.get_by_role("link", name=named).click()
    console.heading(named)
    page.get_by_text("arn:aws:secretsmanager:us-east-1").wait_for()
    assert "Sup3rSecret" not in page.content()
    console.axe()
    console.dark()
    console.axe()
    console.narrow()
    console.no_sideways()
    console.wide()
    page.get_by_role("button", name="Delete secret").click()
    page.get_by_label("To confirm, type delete").fill("delete")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text(f"Secret {named} is scheduled for deletion").wait_for()


def test_a_resource_policy_is_edited_as_json(console: Console, named: str) -> None:
    secrets = console.instance.client("secretsmanager")
    arn = secrets.create_secret(Name=named, SecretString="x")["ARN"]
    page = console.page
    console.open(f"/secrets/secret?id={arn}")
    page.get_by_text("No resource policy").wait_for()
    page.get_by_role("button", name="Edit permissions").click()
    editor = page.get_by_role("textbox", name="Resource policy")
    editor.wait_for()
    assert '"secretsmanager:GetSecretValue"' in editor.inner_text()
    console.axe()
    console.dark()
    console.axe()
    editor.press("Control+a")
    page.keyboard.insert_text('{"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}')
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").filter(has_text="MalformedPolicyDocument").wait_for()
    editor.press("Control+a")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{console.instance.account}:root"},
        "Action": "secretsmanager:DescribeSecret",
        "Resource": "*",
    }
    page.keyboard.insert_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Resource policy saved").wait_for()
    kept = json.loads(secrets.get_resource_policy(SecretId=arn)["ResourcePolicy"])
    assert kept["Statement"] == [statement]
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("No resource policy").wait_for()


def test_a_name_that_is_taken(console: Console, named: str) -> None:
    console.instance.client("secretsmanager").create_secret(Name=named, SecretString="x")
    page = console.page
    console.open("/secrets/new")
    page.get_by_label("User name").fill("etl")
    page.get_by_label("Password").fill("Sup3rSecret!")
    page.get_by_label("Secret name").fill(named)
    page.keyboard.press("Enter")
    page.get_by_role("alert").filter(has_text="ResourceExistsException").wait_for()
    assert page.get_by_label("User name").input_value() == "etl"


def test_a_secret_that_is_not_there(console: Console) -> None:
    console.open("/secrets/secret?id=none")
    console.page.get_by_role("alert").filter(has_text="ResourceNotFoundException").wait_for()


def test_who_may_not_list(as_role: Callable[..., Console]) -> None:
    console = as_role({"Effect": "Allow", "Action": "redshift:Describe*", "Resource": "*"})
    console.open("/secrets")
    said = console.page.get_by_role("alert").filter(has_text="Access denied")
    said.wait_for()
    assert "is not authorized to perform: secretsmanager:ListSecrets" in said.inner_text()
