"""What AWS's operations refuse, seen through botocore."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError


def refused(code: str, method: Any, **given: Any) -> str:
    """The message of the error with which a call ends; it must have this code."""
    with pytest.raises(ClientError) as found:
        method(**given)
    assert found.value.response["Error"]["Code"] == code, found.value
    return str(found.value.response["Error"]["Message"])
