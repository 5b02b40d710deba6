"""Signing in and out in the browser, and sessions that expire: nothing that was typed is lost."""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from browser import Console, Watch, new_console

from slipher.host.console import link
from slipher.testing import Instance


@pytest.fixture
def fresh(browser: Any, slipher: Instance) -> Iterator[Any]:
    """A page of nobody's; clean at its end."""
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(20_000)
    page = context.new_page()
    watch = Watch(slipher.endpoint)
    watch.attach(page)
    yield page
    context.close()
    watch.check()


def sign_in_by_form(page: Any, key: str, secret: str, token: str = "") -> None:
    page.get_by_label("Access key ID").fill(key)
    page.get_by_label("Secret access key").fill(secret)
    if token:
        page.get_by_role("button", name="Session token, for temporary credentials").click()
        page.get_by_label("Session token", exact=True).fill(token)
    page.get_by_role("button", name="Sign in").click()


def expire(instance: Instance, page: Any) -> None:
    """Let the page's session run out on the server: its row says so, and the gateway looks at rows anew after a change of IAM."""
    kept = json.loads(page.evaluate("() => sessionStorage.getItem('slipher.session')"))
    with sqlite3.connect(instance.data_dir / "gateway.db", timeout=30) as db:
        changed = db.execute(
            "update sts_sessions set expires = unixepoch() - 1 where access_key_id = ?",
            [kept["credentials"]["accessKeyId"]],
        ).rowcount
    db.close()
    assert changed == 1
    iam = instance.client("iam")
    group = f"expiry-{uuid.uuid4().hex[:8]}"
    iam.create_group(GroupName=group)
    iam.delete_group(GroupName=group)


def test_a_long_lived_key_is_exchanged_and_not_kept(fresh: Any, slipher: Instance) -> None:
    page, values = fresh, slipher.environment
    page.goto(f"{slipher.endpoint}/console/secrets")
    page.get_by_role("heading", name="Sign in to Slipher").wait_for()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Enter the secret access key.").wait_for()
    sign_in_by_form(page, values["AWS_ACCESS_KEY_ID"], values["AWS_SECRET_ACCESS_KEY"])
    page.get_by_role("button", name="Refresh secrets").wait_for()  # where the address says, not the first screen
    kept = page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert values["AWS_SECRET_ACCESS_KEY"] not in kept and values["AWS_ACCESS_KEY_ID"] not in kept
    assert "ASIA" in kept and "federated-user/admin" in kept
    page.goto(f"{slipher.endpoint}/console/")
    page.get_by_role("button", name=re.compile("federated-user.admin")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.get_by_role("heading", name="Sign in to Slipher").wait_for()
    assert page.evaluate("() => sessionStorage.length") == 0


def test_a_wrong_key_is_told_in_the_services_words(fresh: Any, slipher: Instance) -> None:
    fresh.goto(f"{slipher.endpoint}/console/")
    sign_in_by_form(fresh, "AKIAAAAAAAAAAAAAAAAA", "nonsense")
    alert = fresh.get_by_role("alert").filter(has_text="Not signed in")
    alert.wait_for()
    assert "InvalidClientTokenId" in alert.inner_text()
    assert fresh.get_by_label("Access key ID").input_value() == "AKIAAAAAAAAAAAAAAAAA"


def test_a_user_who_may_not_federate_still_comes_in(fresh: Any, slipher: Instance) -> None:
    iam = slipher.client("iam")
    iam.create_user(UserName="limited")
    policy = {"Effect": "Allow", "Action": ["redshift:Describe*", "iam:*"], "Resource": "*"}
    iam.put_user_policy(
        UserName="limited", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": policy})
    )
    key = iam.create_access_key(UserName="limited")["AccessKey"]
    fresh.goto(f"{slipher.endpoint}/console/")
    sign_in_by_form(fresh, key["AccessKeyId"], key["SecretAccessKey"])
    fresh.get_by_text("IAM is not open to this session").wait_for()
    fresh.get_by_role("heading", name="Redshift dashboard").wait_for()
    assert key["SecretAccessKey"] not in fresh.evaluate("() => JSON.stringify({...sessionStorage})")
    iam.delete_access_key(UserName="limited", AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName="limited", PolicyName="p")
    iam.delete_user(UserName="limited")


def test_temporary_credentials_are_taken_as_they_are(fresh: Any, slipher: Instance) -> None:
    keys = slipher.client("sts").get_session_token()["Credentials"]
    fresh.goto(f"{slipher.endpoint}/console/")
    sign_in_by_form(fresh, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    fresh.get_by_role("heading", name="Redshift dashboard").wait_for()


def test_a_link_that_was_used(fresh: Any, slipher: Instance) -> None:
    made = link(slipher.environment)
    fresh.goto(made)
    fresh.get_by_role("heading", name="Redshift dashboard").wait_for()
    answer = fresh.goto(made)
    assert answer.status == 400 and "slipher console" in answer.text()
    fresh.goto(f"{slipher.endpoint}/console/signin#code=wrong&to=%2F")
    fresh.get_by_text("The link did not sign you in").wait_for()
    assert fresh.url == f"{slipher.endpoint}/console/signin"


def test_an_expired_session_loses_nothing(console: Console) -> None:
    page, values = console.page, console.instance.environment
    name = f"expiry/{uuid.uuid4().hex[:8]}"
    console.open("/secrets/new")
    page.get_by_label("User name").fill("etl")
    page.get_by_label("Password").fill("Sup3rSecret!")
    page.get_by_label("Secret name").fill(name)
    expire(console.instance, page)
    page.get_by_role("button", name="Store", exact=True).click()
    dialog = page.get_by_role("dialog", name="Your session has expired")
    dialog.wait_for()
    console.axe()
    sign_in_by_form(dialog, values["AWS_ACCESS_KEY_ID"], values["AWS_SECRET_ACCESS_KEY"])
    page.get_by_text(f"Secret {name} stored").wait_for()  # what was under way goes on by itself
    value = console.instance.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    assert json.loads(value)["password"] == "Sup3rSecret!"
    console.instance.client("secretsmanager").delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def test_a_link_opened_in_another_tab_renews_this_one(console: Console) -> None:
    page = console.page
    console.open("/secrets/new")
    page.get_by_label("User name").fill("etl")
    expire(console.instance, page)
    page.evaluate(
        "() => { history.pushState({}, '', '/console/secrets'); dispatchEvent(new PopStateEvent('popstate')) }"
    )
    page.get_by_role("dialog", name="Your session has expired").wait_for()
    other = page.context.new_page()
    other.goto(link(console.instance.environment))
    other.get_by_role("heading", name="Redshift dashboard").wait_for()
    page.get_by_role("dialog", name="Your session has expired").wait_for(state="hidden")
    page.get_by_role("button", name="Refresh secrets").wait_for()
    other.close()


def test_signing_out_of_an_expired_session(console: Console) -> None:
    page = console.page
    expire(console.instance, page)
    page.get_by_role("button", name="Refresh clusters").click()
    dialog = page.get_by_role("dialog", name="Your session has expired")
    dialog.wait_for()
    dialog.get_by_role("button", name="Sign out").last.click()
    page.get_by_role("heading", name="Sign in to Slipher").wait_for()


def test_tabs_do_not_share_a_session(console: Console) -> None:
    other = console.page.context.new_page()
    other.goto(f"{console.url}/")
    other.get_by_role("heading", name="Sign in to Slipher").wait_for()
    other.close()


def test_a_role_signs_in_by_link(browser: Any, slipher: Instance) -> None:
    with (
        pytest.raises(Exception, match="not authorized to perform: sts:AssumeRole"),
        new_console(browser, slipher, role="no-such-role"),
    ):
        pass
