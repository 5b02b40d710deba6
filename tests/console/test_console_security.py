"""What a hostile page, object or name cannot do to the console."""

from __future__ import annotations

import http.server
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from browser import Console

HOSTILE = '<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>'

INJECT = """script => {
    const place = document.createElement('div');
    document.body.append(place);
    place.innerHTML = '<img src=x onerror="globalThis.hacked=2"><style>body { display: none }</style>'
        + '<iframe srcdoc="<script>parent.hacked=3</script>"></iframe><a id=js href="javascript:globalThis.hacked=4">x</a>';
    place.querySelector('#js').click();
    const text = '<script src="' + script + '"></script><script>globalThis.hacked=5</script>';
    document.body.append(document.createRange().createContextualFragment(text));
    const made = document.createElement('script');
    made.src = script;
    document.body.append(made);
}"""
FRAME = "src => { const frame = document.createElement('iframe'); frame.src = src; document.body.append(frame) }"


class Foreign(http.server.BaseHTTPRequestHandler):
    """A web site of somebody else's."""

    def do_GET(self) -> None:
        body = b"<!doctype html><title>foreign</title><p>foreign"
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def foreign() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Foreign)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def test_html_in_names_is_inert(console: Console) -> None:
    secrets = console.instance.client("secretsmanager")
    name = f"hostile/{uuid.uuid4().hex[:8]}"
    secrets.create_secret(Name=name, Description=HOSTILE, SecretString="x")
    page = console.page
    console.open("/secrets")
    page.get_by_text(HOSTILE).first.wait_for()
    page.get_by_role("link", name=name).click()
    page.get_by_text(HOSTILE).first.wait_for()
    console.open(f"/secrets/secret?id={HOSTILE.replace('&', '')}")
    page.get_by_role("alert").first.wait_for()
    assert page.evaluate("() => globalThis.hacked") is None
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def test_html_in_rows_and_their_names_is_inert(console: Console) -> None:
    page = console.page
    with console.instance.cluster.connect() as session:
        table = f"hostile_{uuid.uuid4().hex[:8]}"
        session.simple(f"create table {table} (a int)")
        session.simple(f"select '{HOSTILE}' as \"{HOSTILE.replace(chr(34), chr(39))}\", a from {table}")
        console.open("/monitoring")
        page.get_by_role("heading", level=1).first.wait_for()
        page.get_by_text("hacked=1").first.wait_for()
        assert page.evaluate("() => globalThis.hacked") is None
        session.simple(f"drop table {table}")


def test_injected_markup_runs_nothing(console: Console) -> None:
    """The content security policy is the second wall: markup that got in would find it."""
    console.watch.allow.append("Content Security Policy|Content-Security-Policy")
    page = console.page
    bucket = f"hostile-{uuid.uuid4().hex[:8]}"
    s3 = console.instance.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="x.js", Body=b"globalThis.hacked=1", ContentType="text/javascript")
    script = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "x.js"})
    page.evaluate(INJECT, script)
    page.wait_for_timeout(500)
    assert page.evaluate("() => globalThis.hacked") is None
    assert page.evaluate("() => getComputedStyle(document.body).display") != "none"
    s3.delete_object(Bucket=bucket, Key="x.js")
    s3.delete_bucket(Bucket=bucket)


def test_a_page_out_of_a_bucket_cannot_read_the_session(console: Console) -> None:
    console.watch.allow.append("sandbox|SecurityError|denied")
    bucket = f"hostile-{uuid.uuid4().hex[:8]}"
    s3 = console.instance.client("s3")
    s3.create_bucket(Bucket=bucket)
    body = b"""<!doctype html><title>ran</title><script>
      try { document.title = 'read ' + sessionStorage.getItem('slipher.session') }
      catch (error) { document.title = 'refused ' + error.name }
    </script>"""
    s3.put_object(Bucket=bucket, Key="page.html", Body=body, ContentType="text/html")
    console.page.goto(s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "page.html"}))
    assert console.page.title() == "refused SecurityError"
    s3.delete_object(Bucket=bucket, Key="page.html")
    s3.delete_bucket(Bucket=bucket)


def test_it_is_in_no_frame(console: Console, foreign: str) -> None:
    page = console.page.context.new_page()
    page.goto(foreign)
    page.evaluate(FRAME, f"{console.url}/")
    page.wait_for_timeout(1000)
    framed = page.frames[1]
    assert framed.url.startswith("chrome-error:") or framed.evaluate("() => document.title") != "Slipher console"
    page.close()


def test_another_origin_reads_nothing(console: Console, foreign: str) -> None:
    page = console.page.context.new_page()
    page.goto(foreign)
    tries: list[tuple[str, dict[str, Any]]] = [
        ("/console/", {}),
        ("/", {"headers": {"authorization": "AWS4-HMAC-SHA256 Credential=x"}}),
        ("/", {"method": "POST", "body": "Action=GetCallerIdentity&Version=2011-06-15"}),
        ("/federation", {"method": "POST", "body": "Action=getSession&Code=x"}),
        ("/some-bucket/key", {"method": "PUT", "body": "x"}),
    ]
    for path, options in tries:
        told = page.evaluate(
            "([url, options]) => fetch(url, options).then(answer => 'read ' + answer.status, error => 'refused ' + error.name)",
            [console.instance.endpoint + path, options],
        )
        assert told == "refused TypeError", path
    page.close()
