"""DynamoDB's expressions by themselves: their grammar, their meaning on items, and the texts of their errors."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from slipher.base.errors import AwsError
from slipher.cloud.dynamodb import positions
from slipher.cloud.dynamodb.expressions import Placeholders, apply, condition, holds, project, projection, update
from slipher.cloud.dynamodb.values import normal, number

ITEM: dict[str, Any] = {
    "s": {"S": "hello"}, "n": {"N": "5"}, "b": {"B": "AAEC"}, "t": {"BOOL": True}, "z": {"NULL": True},
    "m": {"M": {"a": {"N": "1"}, "l": {"L": [{"S": "x"}, {"M": {"q": {"S": "deep"}}}]}}},
    "l": {"L": [{"N": "1"}, {"S": "two"}, {"N": "3"}]}, "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2"]},
}  # fmt: skip
VALUES = {":five": {"N": "5.0"}, ":one": {"N": "1"}, ":hell": {"S": "hell"}, ":a": {"S": "a"}, ":S": {"S": "S"}, ":t": {"BOOL": True},
          ":ba": {"SS": ["b", "a"]}, ":byte": {"B": "AQ=="}, ":nine": {"N": "9"}, ":l": {"L": [{"S": "new"}]}}  # fmt: skip
NAMES = {"#s": "s", "#m": "m", "#d": "a.b"}


def placeholders(member: str, text: str) -> Placeholders:
    return Placeholders({"ExpressionAttributeNames": NAMES, "ExpressionAttributeValues": VALUES, member: text}, member)


def meets(text: str) -> bool:
    return holds(condition("ConditionExpression", text, placeholders("ConditionExpression", text)), ITEM)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n = :five", True), ("n <> :five", False), ("absent <> :five", True), ("absent = :five", False), ("n < :nine", True),
        ("n <= :five AND n >= :five", True), ("n > :hell", False), ("s > :hell", True), ("#s = :hell OR n = :five", True),
        ("NOT n = :five", False), ("not (n = :one or n = :nine)", True), ("n = :one OR n = :five AND s = :hell", False),
        ("n BETWEEN :one AND :nine", True), ("n IN (:one, :five)", True), ("s in (:one)", False), ("attribute_exists(m.l[1].q)", True),
        ("attribute_exists(m.l[2])", False), ("attribute_not_exists(m.x.y)", True), ("attribute_type(s, :S)", True),
        ("attribute_type(n, :S)", False), ("begins_with(s, :hell)", True), ("contains(s, :hell)", True), ("contains(ss, :a)", True),
        ("contains(ns, :a)", False), ("contains(l, :one)", True), ("contains(b, :byte)", True), ("size(s) = :five", True),
        ("size(ss) > :one", True), ("size(n) = :one", False), ("ss = :ba", True), ("t = :t", True), ("m.a = l[0]", True),
        ("#m.l[1].q > :hell", False), ("attribute_not_exists(#d)", True),
    ],
)  # fmt: skip
def test_conditions(text: str, expected: bool) -> None:
    assert meets(text) is expected


@pytest.mark.parametrize(
    ("member", "text", "message"),
    [
        ("ConditionExpression", " ", "The expression can not be empty;"),
        ("ConditionExpression", "n = ", 'Syntax error; token: "<EOF>", near: "="'),
        ("ConditionExpression", "n ! :one", 'Syntax error; token: "!", near: "n !"'),
        ("ConditionExpression", "n = :none", "An expression attribute value used in expression is not defined; attribute value: :none"),
        ("ConditionExpression", "#none = :one", "An expression attribute name used in the document path is not defined; attribute name: #none"),
        ("ConditionExpression", "status = :one", "Attribute name is a reserved keyword; reserved keyword: status"),
        ("ConditionExpression", "foo(n)", "Invalid function name; function: foo"),
        ("ConditionExpression", "size(n)", "The function is not allowed to be used this way in an expression; function: size"),
        ("ConditionExpression", "attribute_exists(n, s)", "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2"),
        ("ConditionExpression", "begins_with(n, :one)", "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"),
        ("ConditionExpression", "attribute_type(n, :a)", "Invalid attribute type name found; type: a, valid types: {S,N,B,BOOL,NULL,M,L,SS,NS,BS}"),
        ("ConditionExpression", "n BETWEEN :nine AND :one", "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:9}, upper bound operand: AttributeValue: {N:1}"),
        ("ConditionExpression", "((n = :one))", "The expression has redundant parentheses;"),
        ("ConditionExpression", "n = :one s", 'Syntax error; token: "s", near: ":one s"'),
        ("UpdateExpression", "SET a = :one SET b2 = :one", 'The "SET" section can only be used once in an update expression;'),
        ("UpdateExpression", "SET m.a = :one, m = :one", "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m], path two: [m, a]"),
        ("UpdateExpression", "SET m.a = :one REMOVE m[0]", "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [m, [0]], path two: [m, a]"),
        ("UpdateExpression", "ADD n :a", "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND"),
        ("UpdateExpression", "SET n = n + :a", "Incorrect operand type for operator or function; operator or function: +, operand type: S"),
    ],
)  # fmt: skip
def test_errors(member: str, text: str, message: str) -> None:
    with pytest.raises(AwsError) as found:
        if member == "UpdateExpression":
            update(text, placeholders(member, text))
        else:
            condition(member, text, placeholders(member, text))
    assert found.value.message == f"Invalid {member}: {message}"


def after(text: str) -> dict[str, Any]:
    return apply(update(text, placeholders("UpdateExpression", text)), ITEM)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("SET n = n + :one", "n", {"N": "6"}), ("SET n = :nine - n", "n", {"N": "4"}), ("SET x = if_not_exists(n, :one)", "x", {"N": "5"}),
        ("SET x = if_not_exists(x, :one)", "x", {"N": "1"}), ("SET l = list_append(:l, l)", "l", {"L": [{"S": "new"}, *ITEM["l"]["L"]]}),
        ("SET l[1] = :one, l[9] = :nine", "l", {"L": [{"N": "1"}, {"N": "1"}, {"N": "3"}, {"N": "9"}]}),
        ("REMOVE l[0], l[1]", "l", {"L": [{"N": "3"}]}), ("REMOVE s", "s", None), ("ADD n :one", "n", {"N": "6"}),
        ("ADD fresh :one", "fresh", {"N": "1"}), ("ADD ss :ba", "ss", {"SS": ["a", "b"]}), ("DELETE ss :ba", "ss", None),
        ("set s = n, n = s", "s", {"N": "5"}), ("SET m.l[1].q = :a", "m", {"M": {"a": {"N": "1"}, "l": {"L": [{"S": "x"}, {"M": {"q": {"S": "a"}}}]}}}),
    ],
)  # fmt: skip
def test_updates(text: str, name: str, expected: Any) -> None:
    assert after(text).get(name) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SET x = nothing", "The provided expression refers to an attribute that does not exist in the item"),
        ("SET nothing.x = :one", "The document path provided in the update expression is invalid for update"),
        ("SET x = s + :one", "An operand in the update expression has an incorrect data type"),
        ("ADD s :one", "An operand in the update expression has an incorrect data type"),
    ],
)
def test_updates_that_cannot_be(text: str, message: str) -> None:
    with pytest.raises(AwsError) as found:
        after(text)
    assert found.value.message == message


def test_projections() -> None:
    text = "s, m.l[1].q, l[2], l[0], nothing"
    paths = projection(text, placeholders("ProjectionExpression", text))
    assert project(paths, ITEM) == {
        "s": ITEM["s"], "m": {"M": {"l": {"L": [{"M": {"q": {"S": "deep"}}}]}}}, "l": {"L": [{"N": "1"}, {"N": "3"}]},
    }  # fmt: skip


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6)
STRINGS = st.text(st.characters(codec="utf-8"), max_size=6)


@given(left=NUMBERS, right=NUMBERS)
def test_numbers_keep_their_order_as_bytes(left: Decimal, right: Decimal) -> None:
    a, b = (positions.part({"N": number(str(one))}) for one in (left, right))
    assert (a < b, a == b) == (left < right, left == right)


@given(left=st.tuples(STRINGS, STRINGS), right=st.tuples(STRINGS, STRINGS))
def test_strings_keep_their_order_as_bytes(left: tuple[str, str], right: tuple[str, str]) -> None:
    a, b = (b"".join(positions.part({"S": text}) for text in one) for one in (left, right))
    assert (a < b) == ([one.encode() for one in left] < [one.encode() for one in right])


@given(values=st.lists(NUMBERS, min_size=1, max_size=8), bounds=st.tuples(NUMBERS, NUMBERS).map(sorted), other=STRINGS)
def test_windows_hold_what_the_operators_say(values: list[Decimal], bounds: list[Decimal], other: str) -> None:
    low, high = bounds
    meaning = {
        "=": lambda v: v == low, "<": lambda v: v < low, "<=": lambda v: v <= low, ">": lambda v: v > low, ">=": lambda v: v >= low,
        "BETWEEN": lambda v: low <= v <= high,
    }  # fmt: skip
    prefix = positions.part({"S": other})
    wires = [normal({"N": str(one)})[0] for one in (low, high)]
    for operator, holds_of in meaning.items():
        start, end = positions.window(prefix, operator, tuple(wires if operator == "BETWEEN" else wires[:1]))
        for value in values:
            place = prefix + positions.part({"N": number(str(value))}) + b"rest"
            assert (start <= place < end) == holds_of(value)


TREES = st.recursive(
    st.sampled_from(["n = :one", "n < :nine", "attribute_exists(s)", "attribute_exists(absent)", "s IN (:a, :hell)", "size(l) >= :one"]),
    lambda inner: st.one_of(
        inner.map(lambda text: ("not", text)), st.tuples(st.sampled_from(["and", "or"]), inner, inner)
    ),
    max_leaves=8,
)  # fmt: skip


def said(tree: Any) -> str:
    if isinstance(tree, str):
        return tree
    if tree[0] == "not":
        return f"NOT {shielded(tree[1])}"
    return f"{shielded(tree[1])} {tree[0]} {shielded(tree[2])}"


def shielded(tree: Any) -> str:
    return said(tree) if isinstance(tree, str) else f"({said(tree)})"


def meant(tree: Any) -> bool:
    if isinstance(tree, str):
        return meets(tree)
    if tree[0] == "not":
        return not meant(tree[1])
    return all(map(meant, tree[1:])) if tree[0] == "and" else any(map(meant, tree[1:]))


@given(tree=TREES)
@settings(max_examples=60)
def test_logic(tree: Any) -> None:
    assert meets(said(tree)) is meant(tree)


@given(text=st.text("()#:ab.[]0=<>+-, SETANDORNOTIN", max_size=40))
@settings(max_examples=150)
def test_any_text_is_read_or_refused(text: str) -> None:
    for member in ("ConditionExpression", "UpdateExpression", "ProjectionExpression"):
        given_ = placeholders(member, text)
        try:
            {"ConditionExpression": lambda g: condition("ConditionExpression", text, g), "UpdateExpression": lambda g: update(text, g),
             "ProjectionExpression": lambda g: projection(text, g)}[member](given_)  # fmt: skip
        except AwsError as error:
            assert error.message.startswith(f"Invalid {member}: ")
