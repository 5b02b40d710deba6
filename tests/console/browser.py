"""A browser over the console: Debian's Chromium by Playwright, strict about what a page may do."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from slipher.host.console import link
from slipher.testing import Instance

ROOT = Path(__file__).parents[2]
AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
IMAGES = ROOT / "docs" / "images"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync --hide-scrollbars"
).split()
TIMEOUT = 20_000  # ms: generous, machines are shared
# findings in what Cloudscape itself draws and nobody else can change: its navigation strip on narrow screens
CLOUDSCAPES = ("awsui_mobile-toolbar-nav",)
EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (4\d\d|501)")


def chromium() -> str | None:
    """Where the browser is."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@dataclass
class Watch:
    """What went wrong in a page that no test may overlook. `allow` are patterns of console errors that a test provokes."""

    origin: str
    found: list[str] = field(default_factory=list)
    allow: list[str] = field(default_factory=list)

    def attach(self, page: Any) -> None:
        page.on("pageerror", lambda error: self.found.append(f"page error: {error}"))
        page.on("console", lambda message: self._said(message))
        page.on("request", lambda request: self._asked(request.url))

    def _said(self, message: Any) -> None:
        # the browser writes each refused request into its console; what the screens do with it is what tests look at
        if message.type == "error" and not EXPECTED.search(message.text):
            self.found.append(f"console error: {message.text} ({message.location.get('url', '')})")

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.found.append(f"third-party request: {url}")

    def check(self) -> None:
        left = [one for one in self.found if not any(re.search(pattern, one) for pattern in self.allow)]
        assert left == []


@dataclass
class Console:
    """A page that is signed in. `page` is Playwright's."""

    page: Any
    instance: Instance
    watch: Watch

    @property
    def url(self) -> str:
        return f"{self.instance.endpoint}/console"

    def open(self, path: str = "/") -> Any:
        """Go to a screen as a link would, without loading the page anew; the page."""
        self.page.evaluate(
            "path => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate')) }",
            f"/console{path}",
        )
        return self.page

    def heading(self, name: str | re.Pattern[str], level: int | None = None) -> Any:
        """Wait until a heading is there."""
        found = self.page.get_by_role("heading", name=name, **({"level": level} if level else {})).first
        found.wait_for()
        return found

    def axe(self, *, allow: tuple[str, ...] = ()) -> None:
        """No serious accessibility finding on the page as it stands; `allow` are axe's rule ids with a reason in the test."""
        if not AXE.exists():
            import pytest

            pytest.skip("axe-core is not installed: npm ci in console/")
        if not self.page.evaluate("() => typeof globalThis.axe === 'object'"):
            self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
        serious = [
            f"{one['id']} ({one['impact']}): {one['help']}: {node['html'][:200]}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical") and one["id"] not in allow
            for node in one["nodes"]
            if not any(mark in node["html"] for mark in CLOUDSCAPES)
        ]
        assert not serious, "\n".join([self.page.url, *serious])

    def dark(self, on: bool = True) -> None:
        """Choose the theme."""
        self.page.evaluate("dark => localStorage.setItem('slipher.theme', dark ? 'dark' : 'light')", on)
        self.page.evaluate("dark => document.body.classList.toggle('awsui-dark-mode', dark)", on)

    def narrow(self) -> None:
        """A phone's width."""
        self.page.set_viewport_size({"width": 390, "height": 844})

    def wide(self) -> None:
        """A laptop's width."""
        self.page.set_viewport_size({"width": 1280, "height": 900})

    def no_sideways(self) -> None:
        """The page itself does not scroll sideways (a table inside it may)."""
        width = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        late = time.monotonic() + 10  # the page lays itself out anew after a change of width
        while (over := self.page.evaluate(width)) > 1 and time.monotonic() < late:
            self.page.wait_for_timeout(100)
        assert over <= 1, f"{over} px too wide at {self.page.url}"

    def shot(self, name: str) -> None:
        """A picture for the docs, taken only when SLIPHER_SHOTS is set: docs/images/NAME.png."""
        if os.environ.get("SLIPHER_SHOTS"):
            IMAGES.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")


@contextmanager
def new_console(browser: Any, instance: Instance, *, role: str | None = None, **options: Any) -> Iterator[Console]:
    """A signed-in console in a browser context of its own: the administrator's, or a role's. At its end it must be clean."""
    options = {
        "viewport": {"width": 1280, "height": 900},
        "color_scheme": "light",
        "reduced_motion": "reduce",
        **options,
    }
    context = browser.new_context(**options)
    context.set_default_timeout(TIMEOUT)
    page = context.new_page()
    watch = Watch(instance.endpoint)
    watch.attach(page)
    try:
        page.goto(link(instance.environment, role=role))
        page.get_by_role("heading", name="Redshift dashboard").wait_for()
        yield Console(page, instance, watch)
        watch.check()
    finally:
        context.close()
