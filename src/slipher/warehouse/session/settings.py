"""A session's parameters: checked when set, rolled back with their transaction, read by what they steer."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slipher.base.errors import SqlError, not_supported
from slipher.warehouse.session.parameters import BY_NAME, PARAMETERS, Parameter

TRUE = {"on", "true", "1", "yes", "t", "y"}
FALSE = {"off", "false", "0", "no", "f", "n"}
ENCODINGS = {"utf8", "utf-8", "unicode", "sql_ascii"}  # the last: no conversion, what a client of the C locale asks for


class Settings:
    """Values by name; names with a point are the session's own context variables."""

    def __init__(self, overrides: dict[str, str] | None = None) -> None:
        self._defaults = {one.name: one.default for one in PARAMETERS}
        for name, value in (overrides or {}).items():
            if name in self._defaults:
                self._defaults[name] = self._checked(BY_NAME[name], value)
        self._values = dict(self._defaults)
        self._local: dict[str, str | None] = {}
        self._paths: dict[tuple[str, str], tuple[str, ...]] = {}

    def get(self, name: str) -> str:
        """A parameter's value; 42704 for unknown ones."""
        value = self._local.get(name) or self._values.get(name)
        if value is None:
            raise unrecognized(name)
        return value

    def has(self, name: str) -> bool:
        """Whether the parameter is known."""
        return name in self._values

    def all(self) -> list[tuple[str, str]]:
        """Every parameter that SHOW ALL prints."""
        return sorted((one.name, self.get(one.name)) for one in PARAMETERS if not one.readonly)

    def set(self, name: str, value: str | None, *, local: bool = False, superuser: bool = False) -> Parameter | None:
        """Set a parameter (None: its default); the row of the table, None for a context variable."""
        parameter = BY_NAME.get(name)
        if parameter is None:
            if "." not in name:
                raise unrecognized(name)
            self._values[name] = value or ""
            return None
        if parameter.readonly:
            raise SqlError("55P02", f'parameter "{name}" cannot be changed')
        made = self._defaults[name] if value is None else self._checked(parameter, value)
        if parameter.fixed and made != parameter.default:
            raise not_supported(f"{name} = {made}")
        if local:
            self._local[name] = made
        else:
            self._values[name] = made
            self._local.pop(name, None)
        return parameter

    def reset_all(self) -> None:
        """Every parameter's default."""
        self._values = dict(self._defaults)
        self._local.clear()

    def mark(self) -> object:
        """The state to come back to if a transaction fails."""
        return dict(self._values)

    def commit(self, mark: object) -> None:
        """The transaction ended well: SET LOCAL ends with it."""
        self._local.clear()

    def rollback(self, mark: object) -> None:
        """Back to the state of mark()."""
        assert isinstance(mark, dict)
        self._values = dict(mark)
        self._local.clear()

    def boolean(self, name: str) -> bool:
        """A boolean parameter."""
        return self.get(name).lower() in TRUE

    @property
    def case_sensitive(self) -> bool:
        """Whether quoted identifiers keep their case; downcase_delimited_identifier is the older way to say it."""
        return self.boolean("enable_case_sensitive_identifier") or not self.boolean("downcase_delimited_identifier")

    def integer(self, name: str) -> int:
        """An integer parameter."""
        return int(self.get(name))

    def search_path(self, user: str) -> tuple[str, ...]:
        """The schemas of search_path, $user being the user's name."""
        text = self.get("search_path")
        found = self._paths.get((text, user))
        if found is None:
            parts = [part.strip().strip("\"'").strip() for part in text.split(",")]
            found = tuple(user if part == "$user" else part for part in parts if part)
            self._paths[text, user] = found
        return found

    def _checked(self, parameter: Parameter, value: str) -> str:
        bad = SqlError("22023", f'invalid value for parameter "{parameter.name}": "{value}"')
        low = value.strip().lower()
        kind = parameter.kind
        if kind == "bool":
            if low not in TRUE | FALSE:
                raise SqlError("22023", f'parameter "{parameter.name}" requires a Boolean value')
            return (
                ("on" if low in TRUE else "off")
                if parameter.default in ("on", "off")
                else ("true" if low in TRUE else "false")
            )
        if kind in ("int", "number"):
            try:
                number = float(value)
                exact = str(int(value)) if kind == "int" else value
            except ValueError:
                raise SqlError("22023", f'parameter "{parameter.name}" requires an integer value') from None
            if not parameter.low <= number <= parameter.high:
                limits = f"({parameter.low:.10g} .. {parameter.high:.10g})"
                raise SqlError("22023", f'{value} is outside the valid range for parameter "{parameter.name}" {limits}')
            return exact
        if kind == "words":
            if low not in {word.lower() for word in parameter.words}:
                raise bad
            return value
        if kind == "encoding":
            if low.strip("'\"") not in ENCODINGS:
                raise not_supported(f"client_encoding {value}") if low.startswith(("latin", "win", "iso")) else bad
            return value.strip("'\"")
        if kind == "zone":
            return _zone(value, bad)
        if kind == "datestyle":
            if any(word.strip() not in ("iso", "mdy", "default") for word in low.split(",")):
                raise not_supported(f"datestyle {value}")
            return "ISO, MDY"
        if parameter.name == "query_group":
            return value[:320]
        return value


def _zone(value: str, bad: SqlError) -> str:
    if value.lower() in ("utc", "gmt", "z", "etc/utc"):
        return "UTC"
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise bad from None
    return value


def unrecognized(name: str) -> SqlError:
    """42704 for a parameter."""
    return SqlError("42704", f'unrecognized configuration parameter "{name}"')
