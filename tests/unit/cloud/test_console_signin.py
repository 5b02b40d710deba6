"""The federation endpoint and the console's pages, over HTTP: tokens that work once, headers, and buckets of the same names."""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from botocore.exceptions import ClientError

EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"},
    }
)


@pytest.fixture
def web(local: Any) -> httpx.Client:
    return httpx.Client(base_url=local.url, follow_redirects=False, trust_env=False)


def session_text(keys: dict[str, Any]) -> str:
    return json.dumps(
        {
            "sessionId": keys["AccessKeyId"],
            "sessionKey": keys["SecretAccessKey"],
            "sessionToken": keys["SessionToken"],
        }
    )


def federated(local: Any, policy: str = EVERYTHING) -> dict[str, Any]:
    keys: dict[str, Any] = local.client("sts").get_federation_token(Name="bob", Policy=policy)["Credentials"]
    return keys


def assumed(local: Any, **options: Any) -> dict[str, Any]:
    iam = local.client("iam")
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName="viewer", AssumeRolePolicyDocument=TRUST)
        iam.attach_role_policy(RoleName="viewer", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    arn = "arn:aws:iam::123456789012:role/viewer"
    keys: dict[str, Any] = local.client("sts").assume_role(RoleArn=arn, RoleSessionName="s1", **options)["Credentials"]
    return keys


def token(web: httpx.Client, keys: dict[str, Any], **more: str) -> str:
    answer = web.get("/federation", params={"Action": "getSigninToken", "Session": session_text(keys), **more})
    assert answer.status_code == 200, answer.text
    made: str = answer.json()["SigninToken"]
    return made


def login(web: httpx.Client, signin_token: str, destination: str) -> httpx.Response:
    query = {"Action": "login", "Issuer": "me", "Destination": destination, "SigninToken": signin_token}
    return web.get("/federation", params=query)


def code_of(answer: httpx.Response) -> tuple[str, str]:
    assert answer.status_code == 302, answer.text
    place = urlsplit(answer.headers["location"])
    assert place.path == "/console/signin" and not place.query
    values = dict(parse_qsl(place.fragment))
    return values["code"], values["to"]


def take_up(web: httpx.Client, **form: str) -> httpx.Response:
    return web.post("/federation", data={"Action": "getSession", **form})


def as_keys(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    got = answer.json()
    return {
        "AccessKeyId": got["sessionId"],
        "SecretAccessKey": got["sessionKey"],
        "SessionToken": got["sessionToken"],
    }


def test_a_link_signs_in_once(local: Any, web: httpx.Client) -> None:
    made = token(web, federated(local))
    answer = login(web, made, f"{local.url}/console/iam?region=eu-west-1")
    code, target = code_of(answer)
    assert target == "/iam?region=eu-west-1"
    assert answer.headers["referrer-policy"] == "no-referrer" and answer.headers["cache-control"] == "no-store"
    assert login(web, made, "/console/").status_code == 400
    keys = as_keys(take_up(web, Code=code))
    assert take_up(web, Code=code).status_code == 400
    who = local.client("sts", keys).get_caller_identity()["Arn"]
    assert who == "arn:aws:sts::123456789012:federated-user/bob"


def test_a_console_session_may_call_iam_and_its_first_credentials_may_not(local: Any, web: httpx.Client) -> None:
    keys = federated(local)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        local.client("iam", keys).list_roles()
    console = as_keys(take_up(web, SigninToken=token(web, keys)))
    local.client("iam", console).list_roles()
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        local.client("iam", keys).list_roles()


def test_a_console_session_may_no_more_than_its_first_credentials(local: Any, web: httpx.Client) -> None:
    narrow = json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}}
    )
    console = as_keys(take_up(web, SigninToken=token(web, federated(local, narrow))))
    iam = local.client("iam", console)
    iam.list_users()
    with pytest.raises(ClientError, match="AccessDenied"):
        iam.list_roles()


def test_a_role_signs_in_for_as_long_as_was_asked(local: Any, web: httpx.Client) -> None:
    keys = assumed(local, DurationSeconds=900)
    console = as_keys(take_up(web, SigninToken=token(web, keys, SessionDuration="3600")))
    local.clock.offset = timedelta(seconds=1800)
    with local.signing():
        who = local.client("sts", console).get_caller_identity()["Arn"]
        assert who == "arn:aws:sts::123456789012:assumed-role/viewer/s1"
        local.client("iam", console).list_roles()
        with pytest.raises(ClientError, match="ExpiredToken"):
            local.client("sts", keys).get_caller_identity()


def test_without_a_duration_it_lasts_as_the_credentials_do(local: Any, web: httpx.Client) -> None:
    keys = assumed(local, DurationSeconds=900)
    answer = take_up(web, SigninToken=token(web, keys))
    assert answer.json()["expiration"][:16] == keys["Expiration"].strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize("late", [15 * 60 + 1])
def test_a_token_is_short_lived(local: Any, web: httpx.Client, late: int) -> None:
    made = token(web, federated(local))
    local.clock.offset = timedelta(seconds=late)
    answer = login(web, made, "/console/")
    assert answer.status_code == 400 and "expired" in answer.text


def test_a_code_lives_a_minute(local: Any, web: httpx.Client) -> None:
    code, _ = code_of(login(web, token(web, federated(local)), "/console/"))
    local.clock.offset = timedelta(seconds=61)
    assert take_up(web, Code=code).status_code == 400


def test_who_may_not_come_in(local: Any, web: httpx.Client) -> None:
    def refused(text: str, **more: str) -> str:
        answer = web.post("/federation", data={"Action": "getSigninToken", "Session": text, **more})
        assert answer.status_code == 400 and "SigninToken" not in answer.text
        return answer.text

    keys = federated(local)
    assert "not GetSessionToken" in refused(session_text(local.client("sts").get_session_token()["Credentials"]))
    assert "not valid" in refused(session_text({**keys, "SecretAccessKey": "x" * 40}))
    assert "not valid" in refused(session_text({**keys, "SessionToken": "ü"}))
    assert "not valid" in refused(session_text({**keys, "AccessKeyId": local.key}))
    assert "SessionDuration" in refused(session_text(keys), SessionDuration="3600")
    for text in (
        "",
        "{}",
        "[]",
        "null",
        "nonsense",
        '{"sessionId": 1, "sessionKey": 2, "sessionToken": 3}',
        "[" * 20000,
    ):
        assert "must be JSON" in refused(text)
    local.clock.offset = timedelta(hours=13)
    assert "expired" in refused(session_text(keys))


@pytest.mark.parametrize(
    "place", ["https://evil.example/", "//evil.example/console/", "javascript:alert(1)", "/federation", "/consolex", "http://[",
              "https://console.aws.amazon.com.evil.example/iam"]
)  # fmt: skip
def test_a_link_leads_nowhere_else(local: Any, web: httpx.Client, place: str) -> None:
    assert login(web, token(web, federated(local)), place).status_code == 400


def test_aws_consoles_addresses_lead_to_their_like(local: Any, web: httpx.Client) -> None:
    place = "https://us-east-1.console.aws.amazon.com/redshiftv2/home?region=us-east-1"
    assert code_of(login(web, token(web, federated(local)), place))[1] == "/redshift?region=us-east-1"
    assert code_of(login(web, token(web, federated(local)), "https://console.aws.amazon.com/"))[1] == "/"


def test_only_the_consoles_own_page_takes_a_session_up(local: Any, web: httpx.Client) -> None:
    made = token(web, federated(local))
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        answer = web.post("/federation", data={"Action": "getSession", "SigninToken": made}, headers={"origin": origin})
        assert answer.status_code == 403
    assert web.get("/federation", params={"Action": "getSession", "SigninToken": made}).status_code == 403
    assert take_up(web, SigninToken=made).status_code == 200


def test_no_secret_is_stored_or_logged(local: Any, web: httpx.Client) -> None:
    made = token(web, federated(local))
    stored = (local.gateway.data_dir / "gateway.db").read_bytes()
    stored += (local.gateway.data_dir / "gateway.db-wal").read_bytes()
    assert made.encode() not in stored


def test_signing_in_is_an_event_of_cloudtrail(local: Any, web: httpx.Client) -> None:
    take_up(web, SigninToken=token(web, federated(local)))
    trail = local.client("cloudtrail")
    for name in ("ConsoleLogin", "GetSigninToken"):
        asked = [{"AttributeKey": "EventName", "AttributeValue": name}]
        event = trail.lookup_events(LookupAttributes=asked)["Events"][0]
        record = json.loads(event["CloudTrailEvent"])
        assert event["EventSource"] == "signin.amazonaws.com"
        assert record["eventType"] == "AwsConsoleSignIn" and record["responseElements"] == {name: "Success"}
        assert record["userIdentity"]["arn"] == "arn:aws:sts::123456789012:federated-user/bob"


def test_the_page_for_every_address_and_its_policy(web: httpx.Client) -> None:
    first, second = (web.get("/console/iam/roles/x.y-z") for _ in range(2))
    assert first.status_code == 200 and first.headers["content-type"].startswith("text/html")
    policy = first.headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert policy != second.headers["content-security-policy"], "a nonce is for one answer"
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert f'nonce="{nonce}"' in first.text and "__SLIPHER" not in first.text
    assert first.headers["x-frame-options"] == "DENY" and first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["cache-control"] == "no-store"


def test_files(web: httpx.Client) -> None:
    page = web.get("/console/").text
    script = page.partition('src="')[2].partition('"')[0]
    answer = web.get(script)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-encoding"] == "gzip" and "immutable" in answer.headers["cache-control"]
    plain = web.get(script, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.content == answer.content
    assert web.head(script).content == b"" and web.head(script).status_code == 200
    for place in (
        "/console/assets/..%2f..%2fbase/ids.py",
        "/console/assets/%2e%2e/%2e%2e/base/ids.py",
        "/console/assets/none.js",
    ):
        assert web.get(place).status_code == 404, place
    assert web.post("/console/").status_code == 405
    assert web.get("/console").headers["location"] == "/console/"


def test_buckets_of_the_same_names_are_there_for_whoever_signs(local: Any, web: httpx.Client) -> None:
    s3 = local.client("s3")
    for name in ("console", "federation"):
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="k", Body=b"mine")
        assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"mine"
        link = s3.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "k"})
        assert httpx.get(link, trust_env=False).content == b"mine"
    assert web.get("/console/k").headers["content-type"].startswith("text/html")


def test_a_browser_at_the_root_is_led_to_the_console_and_a_client_is_not(web: httpx.Client) -> None:
    assert web.get("/", headers={"sec-fetch-dest": "document"}).headers["location"] == "/console/"
    assert web.get("/").status_code == 403


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/xhtml+xml; charset=utf-8", "TEXT/HTML"])
def test_a_page_out_of_a_bucket_has_an_origin_of_its_own(local: Any, kind: str) -> None:
    s3 = local.client("s3")
    s3.create_bucket(Bucket="pages")
    s3.put_object(Bucket="pages", Key="a", Body=b"<script>1</script>", ContentType=kind)
    link = s3.generate_presigned_url("get_object", Params={"Bucket": "pages", "Key": "a"})
    policy = httpx.get(link, trust_env=False).headers["content-security-policy"]
    assert "sandbox" in policy and "allow-same-origin" not in policy
    s3.put_object(Bucket="pages", Key="b", Body=b"1,2", ContentType="text/csv")
    link = s3.generate_presigned_url("get_object", Params={"Bucket": "pages", "Key": "b"})
    assert "content-security-policy" not in httpx.get(link, trust_env=False).headers


def test_actions(web: httpx.Client) -> None:
    assert web.get("/federation").status_code == 400
    assert web.get("/federation?Action=other").status_code == 400
    assert web.put("/federation?Action=login").status_code == 405
