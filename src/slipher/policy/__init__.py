"""IAM policy evaluation, with reasons. Pure.

`document.parse(text, kind)`  kind identity | resource | trust -> Document, or AwsError MalformedPolicyDocument
`evaluate.evaluate(Request, Policies) -> Decision(allowed, reason, where, matches)`
`explain.denied_text(request, decision)`  AWS's AccessDenied text; `explain.reason_line` names who decided
"""
