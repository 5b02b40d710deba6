"""The web console's first screen in Chromium: how many bytes it loads, and how soon it can be used.

A context of its own a round, so nothing is cached; signed in beforehand. It can be used when its heading stands and the main
thread takes an event; it is whole when the cluster's status, which the page asks the API for, is there.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

from bench import measure
from bench.measure import Row
from bench.ours import Ours
from bench.postgres import Postgres
from slipher.host.console import link

HEADING, READY = "Redshift dashboard", "Available"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync".split()
)
BYTES_GOAL, SECONDS_GOAL = 1_000_000, 1.5
WATCH = """([heading, ready]) => new Promise(done => {
    let usable = 0;
    const look = () => {
        const title = document.querySelector('h1');
        if (!usable && title && title.textContent.includes(heading)) setTimeout(() => { usable = performance.now(); look() }, 0);
        if (usable && document.body.innerText.includes(ready)) done([usable, performance.now()]);
        else requestAnimationFrame(look);
    };
    look();
})"""


def console_bench(ours: Ours, peer: Postgres | None, rows: int, rounds: int) -> list[Row]:
    """The rows of the table; one that says what is missing where there is no browser."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return [Row("the console's first screen", "not measured: playwright is not installed")]
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        return [Row("the console's first screen", "not measured: chromium is not installed")]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_page()
        page.goto(link(ours.instance.environment))
        page.get_by_role("heading", name=HEADING).wait_for()
        session = page.evaluate("() => sessionStorage.getItem('slipher.session')")
        address = f"{ours.instance.endpoint}/console/"
        found = [_load(browser, address, session) for _ in range(max(1, rounds))]
        browser.close()
    size = int(measure.median([one["bytes"] for one in found]))
    requests = int(measure.median([one["requests"] for one in found]))

    def middle(name: str) -> float:
        return measure.median([one[name] for one in found]) / 1000

    usable, whole, again = middle("usable"), middle("whole"), middle("again")
    return [
        Row(
            f"the console's first screen: bytes that it loads ({requests} requests)", f"{size / 1000:.0f} kB",
            goal=f"< {BYTES_GOAL / 1e6:.0f} MB", met="yes" if size < BYTES_GOAL else f"no: {size / 1e6:.2f} MB",
        ),
        Row(
            "the same: until it can be used, nothing cached", f"{usable:.2f} s", goal=f"about {SECONDS_GOAL} s",
            met="yes" if usable <= SECONDS_GOAL * 1.1 else f"no: {usable:.1f} s",
        ),
        Row("the same: until the cluster's status is shown", f"{whole:.2f} s; {again:.2f} s when loaded again"),
    ]  # fmt: skip


def _load(browser: Any, address: str, session: str) -> dict[str, float]:
    """One load with an empty cache, and one after it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.add_init_script(f"sessionStorage.setItem('slipher.session', {json.dumps(session)})")
    page = context.new_page()
    sizes: list[float] = []
    protocol = context.new_cdp_session(page)
    protocol.send("Network.enable")
    note: Callable[[dict[str, Any]], None] = lambda event: sizes.append(event["encodedDataLength"])  # noqa: E731
    protocol.on("Network.loadingFinished", note)
    page.goto(address, wait_until="commit")
    usable, whole = page.evaluate(WATCH, [HEADING, READY])
    size, requests = sum(sizes), len(sizes)
    page.goto(address, wait_until="commit")
    _, again = page.evaluate(WATCH, [HEADING, READY])
    context.close()
    return {"usable": usable, "whole": whole, "again": again, "bytes": size, "requests": requests}
