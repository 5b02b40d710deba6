"""The web console's half in the gateway: its files, and signing in. All else it does through the public AWS APIs.

It answers requests without a signature only, by `/console/` and `/federation`; a signed request for a bucket called console,
or federation, is S3's as always (and so is an unsigned one in host style).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slipher.aws.serialize import Response
from slipher.cloud.call import HttpFacts
from slipher.cloud.console import files, signin
from slipher.cloud.context import Gateway

SIGNED = ("x-amz-signature", "x-amz-algorithm", "signature", "awsaccesskeyid")  # names in a query
NAVIGATION = "document"


def answer(gateway: Gateway, http: HttpFacts, body: bytes) -> Response:
    """The answer to a request that concerns() the console."""
    if http.path == "/federation":
        return signin.answer(gateway, http, body)
    if http.method not in ("GET", "HEAD"):
        return files.plain(405, "The console's pages can be read only.", {"allow": "GET, HEAD"})
    if http.path in ("/", "/console"):
        return Response(302, {"location": "/console/", **files.GUARDS})
    return files.answer(gateway.settings.region, http)


def concerns(http: HttpFacts) -> bool:
    """Whether a request is for the console: by its path, without a signature; `/` only where a browser opens it as a page."""
    headers: Mapping[str, Any] = http.headers
    if "authorization" in headers or any(name.lower() in SIGNED for name in http.query):
        return False
    if http.path == "/":
        return http.method == "GET" and headers.get("sec-fetch-dest") == NAVIGATION and not http.query
    return http.path in ("/console", "/federation") or http.path.startswith("/console/")
