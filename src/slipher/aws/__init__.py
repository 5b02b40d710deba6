"""AWS protocols from the models of botocore: parse, serialise, route, sign. Pure.

`models.service/operation`    botocore's models, cached
`route.route(...)`            request -> Routed(service, operation, path parameters)
`parse.parse_request(...)`    -> the operation's input; `parse.check_required`
`serialize.serialize_response/serialize_error` -> Response(status, headers, body)
`sigv4.presented(query, headers)`, `sigv4.verify(...)`, `sigv4.sign(...)`
`sigv2.presented_v2(query)`, `sigv2.verify_v2(...)`  S3's older URLs
`payload.PayloadCheck(headers, presented, secret)`: `.feed(bytes) -> bytes`, `.finish()`, `.checksums`
"""
