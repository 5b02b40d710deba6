"""Passwords of GetClusterCredentials: what was signed comes back, and nothing else does."""

from __future__ import annotations

from hypothesis import given, strategies as st

from slipher.base.dbtoken import LoginGrant, sign, verify

GRANTS = st.builds(
    LoginGrant,
    st.text(),
    st.text(),
    st.floats(1, 1e10),
    st.booleans(),
    st.lists(st.text(), max_size=3).map(tuple),
    st.none() | st.text(),
)


@given(GRANTS, st.text(min_size=1))
def test_what_was_signed_comes_back(grant: LoginGrant, secret: str) -> None:
    password = sign(grant, secret)
    assert password.isascii() and not set(password) & set(" \"'\\/@:=")
    assert verify(password.encode(), secret, grant.expires - 0.5) == grant
    assert verify(password.encode(), secret, grant.expires) is None
    assert verify(password.encode(), secret + "x", 0) is None


@given(GRANTS, st.data())
def test_no_byte_may_change(grant: LoginGrant, data: st.DataObject) -> None:
    password = bytearray(sign(grant, "s").encode())
    place = data.draw(st.integers(0, len(password) - 2))  # the last letter may have bits that mean nothing
    password[place] ^= data.draw(st.integers(1, 127))
    assert verify(bytes(password), "s", 0) is None


@given(st.binary(max_size=200))
def test_any_bytes(password: bytes) -> None:
    assert verify(password, "s", 0) is None
