"""Condition blocks: every operator with its qualifiers. A row an operator; what rows cannot say is in `holds`.

Rules (source: IAM user guide, "IAM JSON policy elements: Condition operators"): several values of a key are alternatives;
for negated operators none may match; a key that the request lacks fails a positive operator and passes a negated one.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from slipher.policy.match import Values, arn_like, expand, plain, wildcard

Compare = Callable[[str, str], bool]  # (value of the policy, value of the request)


def _number(compare: Callable[[Decimal, Decimal], bool]) -> Compare:
    def test(wanted: str, given: str) -> bool:
        try:
            return compare(Decimal(plain(wanted)), Decimal(given))
        except InvalidOperation:
            return False

    return test


def _moment(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _date(compare: Callable[[datetime, datetime], bool]) -> Compare:
    def test(wanted: str, given: str) -> bool:
        try:
            return compare(_moment(plain(wanted)), _moment(given))
        except (ValueError, OverflowError):
            return False

    return test


def _binary(wanted: str, given: str) -> bool:
    try:
        return base64.b64decode(plain(wanted), validate=True) == base64.b64decode(given, validate=True)
    except binascii.Error:
        return False


def _ip(wanted: str, given: str) -> bool:
    try:
        return ipaddress.ip_address(given) in ipaddress.ip_network(plain(wanted), strict=False)
    except ValueError:
        return False


def _arn(wanted: str, given: str) -> bool:
    return arn_like(wanted, given)


@dataclass(frozen=True, slots=True)
class Operator:
    """How one value is compared, and whether the operator is the negation."""

    compare: Compare
    negated: bool = False


def _equal(a: str, b: str) -> bool:
    return plain(a) == b


def _equal_ignoring_case(a: str, b: str) -> bool:
    return plain(a).lower() == b.lower()


def _like(a: str, b: str) -> bool:
    return wildcard(a)(b) is not None


OPERATORS: dict[str, Operator] = {
    "stringequals": Operator(_equal),
    "stringnotequals": Operator(_equal, True),
    "stringequalsignorecase": Operator(_equal_ignoring_case),
    "stringnotequalsignorecase": Operator(_equal_ignoring_case, True),
    "stringlike": Operator(_like),
    "stringnotlike": Operator(_like, True),
    "numericequals": Operator(_number(lambda a, b: b == a)),
    "numericnotequals": Operator(_number(lambda a, b: b == a), True),
    "numericlessthan": Operator(_number(lambda a, b: b < a)),
    "numericlessthanequals": Operator(_number(lambda a, b: b <= a)),
    "numericgreaterthan": Operator(_number(lambda a, b: b > a)),
    "numericgreaterthanequals": Operator(_number(lambda a, b: b >= a)),
    "dateequals": Operator(_date(lambda a, b: b == a)),
    "datenotequals": Operator(_date(lambda a, b: b == a), True),
    "datelessthan": Operator(_date(lambda a, b: b < a)),
    "datelessthanequals": Operator(_date(lambda a, b: b <= a)),
    "dategreaterthan": Operator(_date(lambda a, b: b > a)),
    "dategreaterthanequals": Operator(_date(lambda a, b: b >= a)),
    "bool": Operator(_equal_ignoring_case),
    "binaryequals": Operator(_binary),
    "ipaddress": Operator(_ip),
    "notipaddress": Operator(_ip, True),
    "arnequals": Operator(_arn),
    "arnlike": Operator(_arn),
    "arnnotequals": Operator(_arn, True),
    "arnnotlike": Operator(_arn, True),
}


def _split(operator: str) -> tuple[str, str, bool]:
    """Qualifier, bare operator and IfExists of an operator's name, lower case."""
    qualifier, colon, name = operator.lower().rpartition(":")
    if not colon:
        qualifier = ""
    bare = name.removesuffix("ifexists")
    return qualifier, bare, bare != name


def known(operator: str) -> bool:
    """Whether an operator exists."""
    qualifier, bare, if_exists = _split(operator)
    if qualifier not in ("", "forallvalues", "foranyvalue"):
        return False
    return bare in OPERATORS or (bare == "null" and not qualifier and not if_exists)


def holds(operator: str, key: str, wanted: Sequence[str], context: Values, variables: bool) -> bool:
    """Whether one condition holds for a request's context (keys in lower case)."""
    qualifier, bare, if_exists = _split(operator)
    given = context.get(key)
    values = [given] if isinstance(given, str) else list(given or ())
    if bare == "null":
        return any((text.lower() == "true") == (not values) for text in wanted)
    row = OPERATORS[bare]
    variables = variables and bare.startswith(("string", "arn"))  # the guide: variables in string and ARN operators
    texts = [expand(text, context) if variables else text for text in wanted]
    patterns = [text for text in texts if text is not None]
    if not values:
        if qualifier == "forallvalues":
            return True
        if qualifier == "foranyvalue":
            return if_exists
        return if_exists or row.negated

    def passes(value: str) -> bool:
        return any(row.compare(pattern, value) for pattern in patterns) != row.negated

    if qualifier == "forallvalues":
        return all(passes(value) for value in values)
    if row.negated and not qualifier:
        return all(passes(value) for value in values)
    return any(passes(value) for value in values)
