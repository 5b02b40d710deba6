"""The grammar: one recursive-descent parser for conditions, projections and updates."""

from __future__ import annotations

import re
from typing import NoReturn

from slipher.cloud.dynamodb.expressions.evaluate import less
from slipher.cloud.dynamodb.expressions.names import Placeholders
from slipher.cloud.dynamodb.expressions.nodes import (
    Action,
    Between,
    Both,
    Compare,
    Condition,
    Either,
    Function,
    In,
    Not,
    Operand,
    Path,
    Sum,
    Value,
)  # fmt: skip
from slipher.cloud.dynamodb.expressions.reserved import RESERVED
from slipher.cloud.dynamodb.values import invalid

TOKEN = re.compile(r"\s*(?:([#:][A-Za-z0-9_]+|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|<>|<=|>=|[][=<>(),.+-])|$)")
WORD = re.compile(r"[A-Za-z_]")
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
MAX_SIZE, MAX_OPERATORS, MAX_DEPTH = 4096, 300, 100

# function -> (number of operands, whether it is a condition by itself)
FUNCTIONS = {
    "attribute_exists": (1, True), "attribute_not_exists": (1, True), "attribute_type": (2, True),
    "begins_with": (2, True), "contains": (2, True), "size": (1, False),
    "if_not_exists": (2, False), "list_append": (2, False),
}  # fmt: skip
IN_SET = ("if_not_exists", "list_append")
TYPES = "S N B BOOL NULL M L SS NS BS".split()
LONG = {"S": "STRING", "N": "NUMBER", "B": "BINARY", "BOOL": "BOOLEAN", "NULL": "NULL", "M": "MAP", "L": "LIST",
        "SS": "STRING_SET", "NS": "NUMBER_SET", "BS": "BINARY_SET"}  # fmt: skip
LITERALS = {  # operand types of literals that an operator takes
    "<": "S N B", "<=": "S N B", ">": "S N B", ">=": "S N B", "BETWEEN": "S N B", "begins_with": "S B",
    "attribute_type": "S",
}  # fmt: skip


class Parser:
    """An expression's tokens and a place among them."""

    def __init__(self, member: str, text: str, given: Placeholders) -> None:
        self.member, self.text, self.given = member, text, given
        self.tokens: list[tuple[str, int, int]] = []
        self.at = self.depth = self.operators = 0
        if not text.strip():
            self.fail("The expression can not be empty;")
        if len(text.encode()) > MAX_SIZE:
            self.fail(f"Expression size has exceeded the maximum allowed size; expression size: {len(text.encode())}")
        place = 0
        while place < len(text):
            found = TOKEN.match(text, place)
            if found is None:
                start = place + len(text[place:]) - len(text[place:].lstrip())
                self.tokens.append((text[start], start, start + 1))
                self.syntax(len(self.tokens) - 1)
            if found.group(1) is None:
                break
            self.tokens.append((found.group(1), found.start(1), found.end(1)))
            place = found.end()

    def fail(self, text: str) -> NoReturn:
        raise invalid(f"Invalid {self.member}: {text}")

    def syntax(self, at: int | None = None) -> NoReturn:
        at = self.at if at is None else at
        token = self.tokens[at][0] if at < len(self.tokens) else "<EOF>"
        near = self.tokens[max(at - 1, 0) : at + 2]
        self.fail(f'Syntax error; token: "{token}", near: "{self.text[near[0][1] : near[-1][2]] if near else ""}"')

    def peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def next(self) -> str:
        token = self.peek()
        if not token:
            self.syntax()
        self.at += 1
        return token

    def takes(self, *wanted: str) -> str | None:
        """The next token, if it is one of these (words in any case)."""
        token = self.peek().upper()
        if token in wanted:
            self.at += 1
            return token
        return None

    def expect(self, token: str) -> None:
        if self.takes(token) is None:
            self.syntax()

    def end(self) -> None:
        if self.at < len(self.tokens):
            self.syntax()

    def count(self) -> None:
        self.operators += 1
        if self.operators > MAX_OPERATORS:
            self.fail(
                "The expression contains too many operators; maximum operator count: "
                f"{MAX_OPERATORS}, operator count: {self.operators}"
            )

    # operands

    def name(self) -> str:
        start = self.at
        token = self.next()
        if token[0] == "#":
            found = self.given.name(token)
            if found is None:
                self.fail(
                    f"An expression attribute name used in the document path is not defined; attribute name: {token}"
                )
            return found
        if not WORD.match(token):
            self.syntax(start)
        if token.upper() in RESERVED:
            self.fail(f"Attribute name is a reserved keyword; reserved keyword: {token}")
        return token

    def path(self) -> Path:
        parts: list[str | int] = [self.name()]
        while self.peek() in (".", "["):
            if self.next() == ".":
                parts.append(self.name())
                continue
            if not self.peek().isdigit():
                self.syntax()
            parts.append(int(self.next()))
            self.expect("]")
        if len(parts) > 32:
            self.fail("The document path has too many nesting elements; nesting levels: " + str(len(parts)))
        return Path(tuple(parts))

    def operand(self) -> Operand:
        token = self.peek()
        if token.startswith(":"):
            found = self.given.value(self.next())
            if found is None:
                self.fail(f"An expression attribute value used in expression is not defined; attribute value: {token}")
            return Value(found)
        follows = self.tokens[self.at + 1][0] if self.at + 1 < len(self.tokens) else ""
        if WORD.match(token) and follows == "(" and token.upper() not in ("IN", "AND", "OR", "NOT", "BETWEEN"):
            return self.function()
        return self.path()

    def function(self) -> Function:
        name = self.next()
        if name not in FUNCTIONS:
            self.fail(f"Invalid function name; function: {name}")
        if (name in IN_SET) != (self.member == "UpdateExpression"):
            self.fail(f"The function is not allowed in {_article(self.member)}; function: {name}")
        self.count()
        self.expect("(")
        self.deeper()
        operands = [self.operand()]
        while self.takes(","):
            operands.append(self.operand())
        self.expect(")")
        self.depth -= 1
        if len(operands) != FUNCTIONS[name][0]:
            self.fail(
                "Incorrect number of operands for operator or function; operator or function: "
                f"{name}, number of operands: {len(operands)}"
            )
        needs_path = name not in ("list_append", "size", "begins_with", "contains")
        if needs_path and not isinstance(operands[0], Path):
            self.fail(f"Operator or function requires a document path; operator or function: {name}")
        if any(isinstance(one, Function) and FUNCTIONS[one.name][1] for one in operands):
            self.fail(f"The function is not allowed to be used this way in an expression; function: {operands[0]}")
        if name == "attribute_type":
            kind = operands[1]
            if not isinstance(kind, Value):
                self.fail(
                    "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: path"
                )
            self.literals(name, kind)
            if kind.wire["S"] not in TYPES:
                self.fail(
                    f"Invalid attribute type name found; type: {kind.wire['S']}, valid types: {{{','.join(TYPES)}}}"
                )
        elif name == "begins_with":
            self.literals(name, *operands)
        return Function(name, tuple(operands))

    def literals(self, operator: str, *operands: Operand) -> None:
        for one in operands:
            if isinstance(one, Value) and one.kind not in LITERALS.get(operator, one.kind).split():
                self.fail(
                    "Incorrect operand type for operator or function; operator or function: "
                    f"{operator}, operand type: {one.kind}"
                )

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail("The expression is nested too deeply;")

    # conditions

    def either(self) -> Condition:
        found = self.both()
        while self.takes("OR"):
            self.count()
            found = Either(found, self.both())
        return found

    def both(self) -> Condition:
        found = self.negated()
        while self.takes("AND"):
            self.count()
            found = Both(found, self.negated())
        return found

    def negated(self) -> Condition:
        if self.takes("NOT"):
            self.count()
            self.deeper()
            found = Not(self.negated())
            self.depth -= 1
            return found
        return self.simple()

    def simple(self) -> Condition:
        start = self.at
        if self.takes("("):
            self.deeper()
            inner = self.at
            found = self.either()
            self.expect(")")
            self.depth -= 1
            if self.tokens[inner][0] == "(" and self._closes(inner) == self.at - 2:
                self.fail("The expression has redundant parentheses;")
            return found
        left = self.operand()
        if operator := self.takes(*COMPARISONS):
            self.count()
            right = self.operand()
            self.literals(operator, left, right)
            self.comparable(left, right)
            if isinstance(left, Path) and left == right:
                self.fail(
                    "The first operand must be distinct from the remaining operands for this operator or function; "
                    f"operator: {operator}, first operand: {left}"
                )
            return Compare(operator, left, right)
        if self.takes("BETWEEN"):
            self.count()
            low = self.operand()
            self.expect("AND")
            high = self.operand()
            self.comparable(left, low, high)
            self.literals("BETWEEN", left, low, high)
            self.bounds(low, high)
            return Between(left, low, high)
        if self.takes("IN"):
            self.count()
            self.expect("(")
            choices = [self.operand()]
            while self.takes(","):
                choices.append(self.operand())
            self.expect(")")
            if len(choices) > 100:
                self.fail(
                    f"Invalid number of operands for operator or function; operator: IN, number of operands: {len(choices)}"
                )
            self.comparable(left, *choices)
            return In(left, tuple(choices))
        if isinstance(left, Function):
            if not FUNCTIONS[left.name][1]:
                self.fail(f"The function is not allowed to be used this way in an expression; function: {left.name}")
            return left
        self.syntax(start if self.at >= len(self.tokens) and start == self.at else self.at)

    def _closes(self, opening: int) -> int:
        """Where the parenthesis that opens there is closed."""
        depth = 0
        for at in range(opening, len(self.tokens)):
            depth += {"(": 1, ")": -1}.get(self.tokens[at][0], 0)
            if not depth:
                return at
        return -1

    def comparable(self, *operands: Operand) -> None:
        for one in operands:
            if isinstance(one, Function) and one.name != "size":
                self.fail(f"The function is not allowed to be used this way in an expression; function: {one.name}")

    def bounds(self, low: Operand, high: Operand) -> None:
        if not isinstance(low, Value) or not isinstance(high, Value):
            return
        if low.kind != high.kind:
            self.fail(
                "The BETWEEN operator requires same data type for lower and upper bounds; "
                f"lower bound operand: AttributeValue: {_shown(low)}, upper bound operand: AttributeValue: {_shown(high)}"
            )
        if less(high.wire, low.wire):
            self.fail(
                "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
                f"lower bound operand: AttributeValue: {_shown(low)}, upper bound operand: AttributeValue: {_shown(high)}"
            )

    # updates

    def sections(self) -> list[Action]:
        found: list[Action] = []
        seen = set()
        while self.at < len(self.tokens):
            verb = self.takes("SET", "REMOVE", "ADD", "DELETE")
            if verb is None:
                self.syntax()
            if verb in seen:
                self.fail(f'The "{verb}" section can only be used once in an update expression;')
            seen.add(verb)
            found.append(self.action(verb))
            while self.takes(","):
                found.append(self.action(verb))
        self.overlaps([one.path for one in found])
        return found

    def action(self, verb: str) -> Action:
        path = self.path()
        if verb == "REMOVE":
            return Action(verb, path)
        if verb == "SET":
            self.expect("=")
            return Action(verb, path, self.sum())
        operand = self.operand()
        if not isinstance(operand, Value):
            self.syntax(self.at - 1)
        allowed = ("SS", "NS", "BS") + (("N",) if verb == "ADD" else ())
        if operand.kind not in allowed:
            self.fail(
                f"Incorrect operand type for operator or function; operator: {verb}, "
                f"operand type: {LONG[operand.kind]}, typeSet: ALLOWED_FOR_{verb}_OPERAND"
            )
        self.count()
        return Action(verb, path, operand)

    def sum(self) -> Operand:
        left = self.addend()
        if operator := self.takes("+", "-"):
            self.count()
            right = self.addend()
            for one in (left, right):
                if isinstance(one, Value) and one.kind != "N":
                    self.fail(
                        "Incorrect operand type for operator or function; operator or function: "
                        f"{operator}, operand type: {one.kind}"
                    )
            return Sum(operator, left, right)
        return left

    def addend(self) -> Operand:
        if self.takes("("):
            self.deeper()
            found = self.sum()
            self.expect(")")
            self.depth -= 1
            return found
        return self.operand()

    def overlaps(self, paths: list[Path]) -> None:
        """Two paths of one expression may neither contain each other nor take a part for both map and list."""
        ordered = sorted(paths, key=lambda path: [(isinstance(part, str), str(part)) for part in path.parts])
        for index, one in enumerate(ordered):
            for other in ordered[index + 1 :]:
                same = 0
                for a, b in zip(one.parts, other.parts, strict=False):
                    if a != b:
                        break
                    same += 1
                short = min(len(one.parts), len(other.parts))
                if same == short:
                    how = "overlap"
                elif same and type(one.parts[same]) is not type(other.parts[same]):
                    how = "conflict"
                else:
                    continue
                self.fail(
                    f"Two document paths {how} with each other; must remove or rewrite one of these paths; "
                    f"path one: {one}, path two: {other}"
                )


def _article(member: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", member).lower()
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _shown(value: Value) -> str:
    return f"{{{value.kind}:{value.wire[value.kind]}}}"


def condition(member: str, text: str | None, given: Placeholders) -> Condition | None:
    """A condition, filter or key condition; None without text."""
    if text is None:
        return None
    parser = Parser(member, text, given)
    found = parser.either()
    parser.end()
    return found


def projection(text: str | None, given: Placeholders) -> list[Path] | None:
    """The paths of a ProjectionExpression."""
    if text is None:
        return None
    parser = Parser("ProjectionExpression", text, given)
    found = [parser.path()]
    while parser.takes(","):
        found.append(parser.path())
    parser.end()
    parser.overlaps(found)
    return found


def update(text: str | None, given: Placeholders) -> list[Action]:
    """The actions of an UpdateExpression."""
    return [] if text is None else Parser("UpdateExpression", text, given).sections()
