"""The console's frame and first screen: signing in by a link, clusters, themes, help, narrow screens, what is denied."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from browser import Console


def test_the_dashboard_shows_the_clusters_live(console: Console) -> None:
    page = console.page
    cluster = console.instance.cluster
    card = page.get_by_role("listitem").filter(has_text=cluster.id)
    card.get_by_text("Available").wait_for()
    assert f"{cluster.host}:{cluster.port}" in card.inner_text()
    assert "federated-user/admin" in page.get_by_role("banner").or_(page.locator("#top")).first.inner_text()
    page.get_by_role("link", name="IAM", exact=True).first.click()
    console.heading("Roles")
    assert page.url == f"{console.url}/iam"
    page.go_back()
    console.heading("Redshift dashboard")
    console.axe()


def test_the_first_load_is_small(console: Console) -> None:
    """Under a million bytes, packed as they travel."""
    protocol = console.page.context.new_cdp_session(console.page)
    protocol.send("Network.enable")
    protocol.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    protocol.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    console.page.reload(wait_until="networkidle")
    console.heading("Redshift dashboard")
    assert 100_000 < sum(sizes) < 1_000_000
    assert len(sizes) < 60


def test_the_link_leaves_no_code_in_the_address(console: Console) -> None:
    assert console.page.url == console.url
    kept = console.page.evaluate("() => JSON.stringify([Object.keys(localStorage), Object.keys(sessionStorage)])")
    assert kept == '[[],["slipher.session"]]'


def test_dark_and_narrow(console: Console) -> None:
    page = console.page
    page.get_by_role("button", name="Dark mode").click()
    assert "awsui-dark-mode" in page.locator("body").get_attribute("class")
    console.axe()
    page.reload()
    console.heading("Redshift dashboard")
    assert "awsui-dark-mode" in page.locator("body").get_attribute("class")
    console.narrow()
    page.reload()
    console.heading("Redshift dashboard")
    console.no_sideways()
    console.axe()


def test_every_area_opens_by_keyboard_and_has_no_serious_finding(console: Console) -> None:
    page = console.page
    areas = page.get_by_role("navigation", name="Service navigation").get_by_role("link").all_inner_texts()[1:]
    assert len(areas) == 9
    for area in areas:
        console.open("/")
        console.heading("Redshift dashboard")
        entry = page.get_by_role("navigation", name="Service navigation").get_by_role("link", name=area, exact=True)
        entry.focus()
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Console home").first.wait_for()
        page.get_by_role("heading", level=1).first.wait_for()
        assert page.title().endswith("| Slipher"), area
        console.axe()


def test_who_may_not_list_clusters_reads_why(as_role: Callable[..., Console]) -> None:
    console = as_role({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    alert = console.page.get_by_role("alert").filter(has_text="Access denied")
    alert.wait_for()
    assert re.search(
        r"User: arn:aws:sts::\d+:assumed-role/console-test-0/console is not authorized to perform: redshift:DescribeClusters",
        alert.inner_text(),
    )
    console.axe()


def test_an_unknown_address(console: Console) -> None:
    console.open("/nothing/here")
    console.heading("Page not found")


def test_help_and_region(console: Console) -> None:
    page: Any = console.page
    page.get_by_role("button", name="Help", exact=True).click()
    page.get_by_text("calls the public AWS APIs").wait_for()
    page.get_by_role("button", name="Region N. Virginia (us-east-1)").click()
    page.get_by_role("menuitem", name="Ireland (eu-west-1)").click()
    page.get_by_text("No clusters in this region").wait_for()
