"""The token of a permit, and what is kept of it."""

import hmac

import pytest

from gateway.errors import MalformedRequest
from gateway.permits.token_id import NOBODYS, TokenHash, checked, fits, hashed, new_token


def test_a_made_token_is_one_and_no_other() -> None:
    """It passes its own check, is easy to read, and does not come twice."""
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    for token in made:
        assert checked(token) == token
        assert not set(token) & set("O0I1LU")
        assert [len(group) for group in token.split("-")] == [4, 4, 4, 4]


def test_only_the_token_fits_its_hash() -> None:
    """Not another one, not another spelling; nothing fits where there is none."""
    kept = hashed("K7QM-2XVB")
    assert fits("K7QM-2XVB", kept)
    assert not fits("K7QM-2XVC", kept)
    assert not fits("k7qm-2xvb", kept)
    assert not fits("K7QM-2XVB", NOBODYS)
    assert not fits("", NOBODYS)


def test_the_same_token_is_kept_in_two_ways() -> None:
    """Each hash has its own salt, and the token is not in it."""
    one, other = hashed("K7QM-2XVB"), hashed("K7QM-2XVB")
    assert one.salt != other.salt
    assert one.digest != other.digest
    assert b"K7QM" not in one.salt + one.digest


def test_a_known_hash() -> None:
    """The parameters stay: what is in databases must still be found."""
    digest = bytes.fromhex("3ef7c22df79942c9ee527e4d6a904e772267a8084a4693e41434a575b35ce6f2")
    assert hashed("K7QM-2XVB", b"salt of 16 bytes") == TokenHash(b"salt of 16 bytes", digest)


def test_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the function that is made for it."""
    compared = []
    real = hmac.compare_digest

    def counted(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    kept = hashed("K7QM-2XVB")
    assert fits("K7QM-2XVB", kept)
    assert compared == [(kept.digest, kept.digest)]


@pytest.mark.parametrize(
    "token", ["short77", "x" * 65, "with space", "tab\there", "Zürich-1234", "line\nfeed8"]
)
def test_what_is_no_token(token: str) -> None:
    """Refused without being repeated."""
    with pytest.raises(MalformedRequest) as caught:
        checked(token)
    assert token not in f"{caught.value.message} {caught.value.advice} {caught.value.fields}"
