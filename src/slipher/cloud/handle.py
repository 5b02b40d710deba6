"""A request's life: route, find the key, verify the signature, parse, authorise, handle, serialise."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import inspect
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy.exc import OperationalError

from slipher.aws import models
from slipher.aws.parse import check_required, parse_request
from slipher.aws.payload import PayloadCheck
from slipher.aws.route import parse_query, repeated_query, route, service_of
from slipher.aws.serialize import Response, serialize_error, serialize_response
from slipher.aws.sigv2 import presented_v2, verify_v2
from slipher.aws.sigv4 import UNSIGNED, Presented, presented, verify
from slipher.base.errors import AwsError
from slipher.base.ids import request_id, s3_extended_id, s3_request_id
from slipher.cloud import trail
from slipher.cloud.authorize import note_use, require, requirer
from slipher.cloud.call import Call, Caller, HttpFacts, Raw, Streamed
from slipher.cloud.context import Gateway
from slipher.cloud.identities import Key, find_key
from slipher.cloud.services import INSTEAD, OPERATIONS, RESOURCE_POLICIES, changes_iam
from slipher.spec.iam.actions import ACTIONS

log = logging.getLogger("slipher.gateway")
MAX_BODY = 20 * 1024 * 1024
ANONYMOUS = Caller("anonymous", "anonymous", "anonymous", "anonymous", "")
Body = AsyncIterator[bytes]


class Exchange:
    """One request and what is known of it so far, so that an error can be answered in the right form."""

    def __init__(self, gateway: Gateway, http: HttpFacts, raw_query: str, body: Body) -> None:
        self.gateway = gateway
        self.http = http
        self.raw_query = raw_query
        self.body = body
        self.service = "s3"
        self.operation = ""
        self.request_id = request_id()
        self.extended_id = ""
        self.call: Call | None = None  # once it is known who asks for what

    async def answer(self) -> tuple[Response, Streamed | None]:
        """The response, and for streamed payloads their chunks."""
        try:
            answer = await self._answer()
            if self.call is not None:
                trail.note(self.call, None)
            return answer
        except AwsError as error:
            if self.call is not None:
                trail.note(self.call, error)
            return self._error(in_words_of(self.service, error)), None
        except Exception as error:
            if _no_room(error):
                log.error("request %s: %s %s: no room on the disk", self.request_id, self.service, self.operation)
                code = "InternalError" if self.service == "s3" else "InternalFailure"
                return self._error(
                    AwsError(code, "There is no room left on Slipher's disk, or it cannot be written.", 500)
                ), None
            log.exception("request %s: %s %s failed", self.request_id, self.service, self.operation)
            return (
                self._error(
                    AwsError(
                        "InternalFailure" if self.service != "s3" else "InternalError",
                        "The request processing has failed because of an unknown error, exception or failure.",
                        500,
                    )
                ),
                None,
            )

    def _error(self, error: AwsError) -> Response:
        return serialize_error(
            self.service,
            error,
            self.request_id,
            extended_id=self.extended_id,
            head=self.http.method == "HEAD",
            resource=self.http.path,
        )

    async def _answer(self) -> tuple[Response, Streamed | None]:
        http = self.http
        found = presented(http.query, http.headers) or presented_v2(http.query)
        if found is not None and found.service not in models.SERVICES:
            self.service = _stand_in(http.headers)
        self.service = service_of(found.service if found else None, http.headers, http.path)
        if self.service == "s3":
            self.request_id, self.extended_id = s3_request_id(), s3_extended_id()
        if self.service not in OPERATIONS:
            raise AwsError("NotImplemented", f"The service {self.service} is not implemented by Slipher yet.", 501)
        protocol = models.service(self.service).metadata["protocol"]
        body = b"" if self.service == "s3" else await self._whole_body()
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)) if protocol == "query" else {}
        if found is None:
            self._refuse_unsigned(form.get("Action", ""))
        key = await self._key(found)
        routed = route(self.service, http.method, http.path, http.query, http.headers, form)
        self.operation = routed.operation
        model = models.operation(self.service, routed.operation)
        streaming = model.get_streaming_input() is not None
        check = self._verify(found, key, hashlib.sha256(body).hexdigest(), routed.path)
        if self.service == "s3" and not streaming:
            body = await self._checked_body(check)
        row = OPERATIONS[self.service].get(routed.operation)
        if row is None:
            raise self._missing()
        repeated = repeated_query(self.raw_query) if protocol.startswith("rest") else None
        params = parse_request(model, routed.path, http.query, http.headers, form, body, repeated)
        caller = key.caller if key is not None else ANONYMOUS
        call = Call(
            gateway=self.gateway,
            service=self.service,
            operation=routed.operation,
            account=caller.account,
            region=found.region if found and found.region else self.gateway.settings.region,
            caller=caller,
            params=params,
            http=http,
            request_id=self.request_id,
            body=self._stream(check) if streaming else None,
            checksums=lambda: check.checksums,
            raw=body,
        )
        call.require = requirer(call)
        self.call = call
        check_required(model, params)
        row.refuse_others(call)
        result = await self._run(call, row)
        if changes_iam(self.service, self.operation):
            self.gateway.iam_changed()
        if isinstance(result, Raw):
            headers = {"content-type": result.content_type, "x-amzn-requestid": self.request_id}
            return Response(200, headers, result.body), None
        values: Mapping[str, Any] = (result.result if isinstance(result, Streamed) else result) or {}
        response = serialize_response(model, values, self.request_id)
        if self.service == "s3":
            response.headers["x-amz-id-2"] = self.extended_id
        if isinstance(result, Streamed):
            response.status = result.status
            response.headers["content-length"] = str(result.length)
            return response, result
        return response, None

    async def _run(self, call: Call, row: Any) -> Any:
        """Authorise, then run the handler: coroutine functions here, plain ones in a worker thread."""

        def authorise() -> None:
            note_use(call)
            needs = ACTIONS[call.service][call.operation]
            if needs.action is None or needs.by_handler:
                return
            context = dict(row.context(call)) if row.context is not None else None
            policy = RESOURCE_POLICIES.get(call.service)
            found = policy(call) if policy else (None, None)
            resource = row.resource(call)
            require(call, needs.asked(call.params) or needs.action, resource, context, found)
            for member, action in needs.also:
                if call.params.get(member):
                    require(call, action, resource, context, found)

        elsewhere = INSTEAD.get(call.service)
        handler = (elsewhere(call) if elsewhere is not None else None) or row.handler
        if inspect.iscoroutinefunction(handler):
            await asyncio.to_thread(authorise)
            return await handler(call)

        def both() -> Any:
            authorise()
            return handler(call)

        return await asyncio.to_thread(both)

    def _missing(self) -> AwsError:
        text = f"The operation {self.service}:{self.operation} is not implemented by Slipher yet."
        return AwsError("NotImplemented", text, 501)

    def _refuse_unsigned(self, action: str) -> None:
        """Say of an operation that is called without a signature that it is not here, not that it needs one."""
        if action not in models.service(self.service).operation_names or action in OPERATIONS[self.service]:
            return
        if models.operation(self.service, action).auth_type == "none":
            self.operation = action
            raise self._missing()

    async def _key(self, found: Presented | None) -> Key | None:
        s3 = self.service == "s3"
        if found is None:
            if s3:
                return None
            raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
        key = find_key(self.gateway, found.access_key_id)
        if key is None:
            raise _unknown_key(self.service)
        if key.expires is not None and self.gateway.now() >= key.expires:
            raise _expired(self.service)
        if (key.token or None) != (found.session_token or None):
            if s3 and found.session_token:
                raise AwsError("InvalidToken", "The provided token is malformed or otherwise invalid.", 400)
            raise _unknown_key(self.service)
        if self.service == "iam" and key.token and key.caller.kind in ("user", "federated") and not key.console:
            # IAM takes GetSessionToken's credentials with MFA only, GetFederationToken's in a console's session only
            raise _unknown_key(self.service)
        return key

    def _verify(
        self, found: Presented | None, key: Key | None, body_hash: str, path: Mapping[str, str]
    ) -> PayloadCheck:
        headers = self.http.headers
        if found is None or key is None:
            return PayloadCheck(headers, None, "")
        if not found.timestamp:  # the older signature
            bucket = path.get("Bucket")
            in_host = bucket is not None and self.http.path[1:].partition("/")[0] != bucket
            verify_v2(
                found, key.secret, self.gateway.clock.now(), method=self.http.method, raw_path=self.http.path,
                query=self.http.query, headers=headers, bucket=bucket if in_host else None,
            )  # fmt: skip
            return PayloadCheck(headers, None, "")
        declared = found.payload_hash
        if self.service == "s3":
            payload = UNSIGNED if found.expires is not None else declared
            if payload is None:
                raise AwsError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256", 400)
        else:
            payload = body_hash
        verify(
            found,
            key.secret,
            self.gateway.clock.now(),
            method=self.http.method,
            raw_path=self.http.path,
            query_string=self.raw_query,
            headers=headers,
            payload_hash=payload,
        )
        return PayloadCheck(headers, found, key.secret)

    async def _whole_body(self) -> bytes:
        pieces, size = [], 0
        async for piece in self.body:
            size += len(piece)
            if size > MAX_BODY:
                raise AwsError("RequestEntityTooLarge", "Request body is too large.", 413)
            pieces.append(piece)
        return b"".join(pieces)

    async def _checked_body(self, check: PayloadCheck) -> bytes:
        pieces, size = [], 0
        async for piece in self._stream(check):
            size += len(piece)
            if size > MAX_BODY:
                raise AwsError("MaxMessageLengthExceeded", "Your request was too big.", 400)
            pieces.append(piece)
        return b"".join(pieces)

    async def _stream(self, check: PayloadCheck) -> Body:
        async for piece in self.body:
            payload = check.feed(piece)
            if payload:
                yield payload
        check.finish()


def _no_room(error: BaseException) -> bool:
    """Whether the disk is full or may not be written, by the system's word or SQLite's."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
    return isinstance(error, OperationalError) and any(
        text in str(error.orig) for text in ("disk is full", "readonly database")
    )


def _stand_in(headers: Mapping[str, str]) -> str:
    """A service whose protocol a request for an unknown one seems to speak: the refusal must be readable."""
    if "x-amz-target" in headers:
        return "redshift-data"
    return "sts" if "x-www-form-urlencoded" in headers.get("content-type", "") else "s3"


JSON_CODES = {  # what the json services call the errors of signing (source: "Common errors" of their references)
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "IncompleteSignature": "IncompleteSignatureException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "AuthorizationQueryParametersError": "IncompleteSignatureException",
}


def in_words_of(service: str, error: AwsError) -> AwsError:
    """An error of signing as the service calls it."""
    if error.code in JSON_CODES and (status := _json_status(service)):
        return AwsError(JSON_CODES[error.code], error.message, status, error.extra, error.headers)
    return error


def _json_status(service: str) -> int | None:
    """The HTTP status with which a json service refuses who has not signed well; None if it speaks another protocol."""
    return {"json": 400, "rest-json": 403}.get(models.service(service).metadata["protocol"])


def _unknown_key(service: str) -> AwsError:
    if service == "s3":
        return AwsError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403)
    status = _json_status(service)
    code = "UnrecognizedClientException" if status else "InvalidClientTokenId"
    return AwsError(code, "The security token included in the request is invalid.", status or 403)


def _expired(service: str) -> AwsError:
    if service == "s3":
        return AwsError("ExpiredToken", "The provided token has expired.", 400)
    status = _json_status(service)
    return AwsError(
        "ExpiredTokenException" if status else "ExpiredToken",
        "The security token included in the request is expired",
        status or 403,
    )


def facts(scope: Mapping[str, Any]) -> tuple[HttpFacts, str]:
    """The HTTP facts of an ASGI scope, and the raw query string."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        text = value.decode("utf-8", "surrogateescape")
        key = name.decode("latin-1")
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    raw_query = scope["query_string"].decode("latin-1")
    client = scope.get("client") or ("127.0.0.1", 0)
    raw_path = scope.get("raw_path") or scope["path"].encode()
    http = HttpFacts(
        scope["method"],
        raw_path.partition(b"?")[0].decode("latin-1"),
        parse_query(raw_query),
        headers,
        scope["scheme"],
        client[0],
    )
    return http, raw_query
