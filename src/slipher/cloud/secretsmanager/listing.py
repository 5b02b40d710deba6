"""ListSecrets: filters, order, pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Row, select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.secretsmanager.common import invalid
from slipher.cloud.secretsmanager.secrets import shape
from slipher.cloud.secretsmanager.values import read_for
from slipher.cloud.state.secretsmanager import secrets

MOST = 20  # secrets of BatchGetSecretValue
Matches = Callable[[Row[Any], str], bool]


def _words(row: Row[Any], text: str) -> bool:
    """'all': each word of the filter begins a word somewhere in the secret, in any case."""
    tags = [one[part] for one in row.facts["Tags"] for part in ("Key", "Value")]
    here = re.split(r"[^a-z0-9]+", " ".join([row.name, row.facts.get("Description") or "", *tags]).lower())
    return all(any(word.startswith(one) for word in here) for one in re.split(r"[^a-z0-9]+", text.lower()) if one)


FILTERS: dict[str, Matches] = {
    "name": lambda row, text: row.name.startswith(text),
    "description": lambda row, text: (row.facts.get("Description") or "").lower().startswith(text.lower()),
    "tag-key": lambda row, text: any(one["Key"].startswith(text) for one in row.facts["Tags"]),
    "tag-value": lambda row, text: any(one["Value"].startswith(text) for one in row.facts["Tags"]),
    "owning-service": lambda row, text: (row.facts.get("OwningService") or "").startswith(text),
    "primary-region": lambda row, text: row.region == text,
    "all": _words,
}
ORDERS: dict[str, Callable[[Row[Any]], Any]] = {
    "created-date": lambda row: row.created,
    "last-changed-date": lambda row: row.changed,
    "last-accessed-date": lambda row: row.accessed or 0.0,
    "name": lambda row: row.name,
}


def _passes(row: Row[Any], filters: list[dict[str, Any]]) -> bool:
    """Filters are joined by AND, the values of one by OR; a value after ! excludes."""
    for one in filters:
        test, values = FILTERS[one["Key"]], one["Values"]
        wanted = [text for text in values if not text.startswith("!")]
        if any(test(row, text[1:]) for text in values if text.startswith("!")):
            return False
        if wanted and not any(test(row, text) for text in wanted):
            return False
    return True


def _filters(params: Any) -> list[dict[str, Any]]:
    """The filters of a request, checked."""
    filters = list(params.get("Filters") or [])
    for one in filters:
        if one.get("Key") not in FILTERS or not one.get("Values"):
            raise AwsError(
                "ValidationException",
                f"1 validation error detected: Value '{one.get('Key')}' at 'filters.1.member.key' failed to satisfy "
                f"constraint: Member must satisfy enum value set: [{', '.join(sorted(FILTERS))}]",
            )
    return filters


def batch_get(call: Call) -> dict[str, Any]:
    """BatchGetSecretValue: the values of a list of secrets, or of those that filters find; each asks for its own permission."""
    params = call.params
    given, filters = list(params.get("SecretIdList") or []), _filters(params)
    if bool(given) == bool(filters):
        raise invalid("Either 'SecretIdList' or 'Filters' must be provided, but not both.")
    if given and (params.get("MaxResults") is not None or params.get("NextToken")):
        raise invalid("MaxResults and NextToken can only be used with Filters.")
    limit = params["MaxResults"] if params.get("MaxResults") is not None else MOST
    if not 1 <= limit <= MOST or len(given) > MOST:
        raise invalid(f"There can be from 1 to {MOST} secrets.")
    more: dict[str, Any] = {}
    if filters:
        mine = (secrets.c.account == call.account, secrets.c.region == call.region, secrets.c.due.is_(None))
        with call.gateway.read() as db:
            rows = db.execute(select(secrets).where(*mine).order_by(secrets.c.arn)).all()
        every = [str(row.arn) for row in rows if _passes(row, filters) and row.arn > (params.get("NextToken") or "")]
        given = every[:limit]
        more = {"NextToken": given[-1]} if len(every) > limit else {}
    values, errors = [], []
    for one in given:
        try:
            values.append(read_for(call, str(one)))
        except AwsError as error:
            errors.append({"SecretId": one, "ErrorCode": error.code, "Message": error.message})
    return {"SecretValues": values, "Errors": errors} | more


def list_(call: Call) -> dict[str, Any]:
    """ListSecrets."""
    params = call.params
    limit = params["MaxResults"] if params.get("MaxResults") is not None else 100
    if not 1 <= limit <= 100:
        raise invalid("MaxResults must be between 1 and 100.")
    filters = _filters(params)
    order = ORDERS.get(params.get("SortBy") or "created-date")
    direction = params.get("SortOrder") or "desc"
    if order is None or direction not in ("asc", "desc"):
        raise invalid("SortBy or SortOrder has a value that is not known.")
    now = call.gateway.now()
    with call.gateway.read() as db:
        rows = db.execute(
            select(secrets).where(secrets.c.account == call.account, secrets.c.region == call.region)
        ).all()
        found = [
            row
            for row in rows
            if (row.due is None or (row.due > now and params.get("IncludePlannedDeletion"))) and _passes(row, filters)
        ]
        found.sort(key=lambda row: (order(row), row.name), reverse=direction == "desc")
        names = [row.arn for row in found]
        start = 0
        if params.get("NextToken"):
            if params["NextToken"] not in names:
                raise AwsError("InvalidNextTokenException", "The NextToken value is invalid.")
            start = names.index(params["NextToken"]) + 1
        page = found[start : start + limit]
        result: dict[str, Any] = {"SecretList": [shape(db, row, "SecretVersionsToStages") for row in page]}
    if start + limit < len(found):
        result["NextToken"] = page[-1].arn
    return result
