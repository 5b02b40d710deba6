"""The console's files: a single page for every address of it, and what Vite made beside it.

The page's scripts and styles carry a nonce, new for each answer: nothing else may run, and no script may come from a bucket,
though objects have the same origin (see sandboxed()).
"""

from __future__ import annotations

import functools
import gzip
import html
import mimetypes
import secrets
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from slipher.aws.serialize import Response
from slipher.cloud.call import HttpFacts

FOLDER = Path(__file__).parents[2] / "console"
NONCE, REGION = "__SLIPHER_NONCE__", "__SLIPHER_REGION__"
PACKED = ("text/", "application/javascript", "application/json", "image/svg+xml")
GUARDS = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
ACTIVE = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml")
# an object that is a page may run its scripts, but as if from an origin of its own: it cannot read the console's session
SANDBOX = "sandbox allow-scripts allow-forms allow-popups allow-downloads"
TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".woff": "font/woff", ".map": "application/json"}


def answer(region: str, http: HttpFacts) -> Response:
    """A file, or the page: the browser's half knows what its address means. A missing file with a suffix is missing."""
    name = unquote(http.path.removeprefix("/console/"))
    packed = "gzip" in http.headers.get("accept-encoding", "")
    if name.startswith("assets/") or PurePosixPath(name).suffix in (".js", ".css", ".svg", ".ico", ".png", ".txt"):
        found = _file(name)
        if found is None:
            return plain(404, "There is no such file in the console.")
        kind, raw, small = found
        kept = "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache"
        headers = {"content-type": kind, "cache-control": kept, "vary": "accept-encoding", **GUARDS}
        if packed and small is not None:
            return Response(200, {**headers, "content-encoding": "gzip"}, small)
        return Response(200, headers, raw)
    page = _file("index.html")
    if page is None:
        return plain(501, "This installation of Slipher was made without the console: run `make console`.")
    nonce = secrets.token_urlsafe(18)
    text = page[1].decode().replace(NONCE, nonce).replace(REGION, html.escape(region))
    headers = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": POLICY.format(nonce=nonce),
        **GUARDS,
    }
    return Response(200, headers, text.encode())


def plain(status: int, text: str, more: dict[str, str] | None = None) -> Response:
    """A short answer in words."""
    headers = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store", **GUARDS, **(more or {})}
    return Response(status, headers, f"{text}\n".encode())


@functools.lru_cache(maxsize=512)
def _file(name: str) -> tuple[str, bytes, bytes | None] | None:
    """Type, content, and the content packed where that is worth it; None for what is not in the folder."""
    path = (FOLDER / name).resolve()
    if not path.is_relative_to(FOLDER.resolve()) or "\0" in name or not path.is_file():
        return None
    raw = path.read_bytes()
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    small = gzip.compress(raw, 9, mtime=0) if kind.startswith(PACKED) and len(raw) > 1000 else None
    return (f"{kind}; charset=utf-8" if kind.startswith("text/") else kind), raw, small


def sandboxed(headers: dict[str, str]) -> dict[str, str]:
    """What an object's answer gets besides, so that a page out of a bucket has no power over the console."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return {"content-security-policy": SANDBOX} if kind in ACTIVE else {}
