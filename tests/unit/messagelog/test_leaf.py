"""The bytes of a leaf, and what is not in them."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from support.exchange import log_entry
from support.keys import NOW

from gateway.errors import ProofRefused
from gateway.messagelog.leaf import content_of, leaf_of, permit_mark, read_leaf

KEY = bytes(range(32))
ENTRY = log_entry(
    id="01939f00-0000-7000-8000-000000000001", message_id="01939f00-0000-7000-8000-000000000002",
    digest="ab" * 32, detail="Größe", headers={"b": "2", "a": "1"}, actor="ines",
    salt=bytes(range(16)),
)  # fmt: skip


def test_the_bytes_are_written_down():
    """Worked out by hand once: a program in another language must come to these bytes."""
    assert (
        content_of(ENTRY)
        == (
            '{"actor":"ines","correlation_id":"0123456789abcdef","detail":"Größe","headers":{"a":"1","b":"2"},'
            '"issuer":"CH","number":"CH-2026-000123","salt":"000102030405060708090a0b0c0d0e0f"}'
        ).encode()
    )
    assert leaf_of(ENTRY, KEY).canonical() == (
        b'{"at":"2026-11-23T12:00:00.000000Z","authority":"CH:MA",'
        b'"content":"' + CONTENT + b'","digest":"' + b"ab" * 32 + b'",'
        b'"id":"01939f00-0000-7000-8000-000000000001","kind":"received",'
        b'"message_id":"01939f00-0000-7000-8000-000000000002","outcome":"accepted","partner":"ch",'
        b'"permit":"' + PERMIT + b'","v":1}'
    )


CONTENT = b"c8469e96573772face24cb8881f59240c040b6cf5de3a2e5d740f71f4724fc56"
"""echo -n CONTENT | sha256sum"""
PERMIT = b"a11f6275932b1bb878de4713dd7b5b4db4251d49ecbd1e42b2db607619d4587f"
"""printf 'CH\\nCH-2026-000123' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102...1f"""


def test_nothing_personal_stands_in_a_leaf():
    """Who acted, the permit's number, the sentence: none of them, nor the salt that would help to guess."""
    data = leaf_of(ENTRY, KEY).canonical()
    for secret in ("ines", "CH-2026-000123", "Größe", "0123456789abcdef", ENTRY.salt.hex()):
        assert secret.encode() not in data


@pytest.mark.parametrize(
    "changes",
    [
        {"actor": "other"},
        {"issuer": "FR"},
        {"number": "other"},
        {"detail": "other"},
        {"correlation_id": "other"},
        {"headers": {"a": "1"}},
        {"salt": bytes(16)},
        {"digest": "cd" * 32},
        {"outcome": "refused"},
        {"at": NOW + timedelta(microseconds=1)},
        {"partner": "fr"},
    ],
    ids=str,
)
def test_every_member_of_an_entry_counts(changes):
    """A change of any of them makes another leaf."""
    assert leaf_of(replace(ENTRY, **changes), KEY) != leaf_of(ENTRY, KEY)


def test_the_same_moment_in_another_zone_makes_the_same_leaf():
    """PostgreSQL and SQLite hand moments out in different ways."""
    elsewhere = replace(ENTRY, at=ENTRY.at.astimezone(timezone(timedelta(hours=5, minutes=45))))
    assert leaf_of(elsewhere, KEY).canonical() == leaf_of(ENTRY, KEY).canonical()


def test_the_mark_of_a_permit_needs_the_key_of_the_log():
    """Two logs mark the same permit differently; issuer and number cannot run into each other."""
    assert permit_mark("CH", "1", KEY) != permit_mark("CH", "1", bytes(32))
    assert permit_mark("C", "H1", KEY) != permit_mark("CH", "1", KEY)
    assert permit_mark("", "", KEY) == ""


def test_a_leaf_is_read_back():
    leaf = leaf_of(ENTRY, KEY)
    assert read_leaf(leaf.canonical()) == leaf


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data + b" ",
        lambda data: data.replace(b":", b": ", 1),
        lambda data: data.replace(b'"v":1', b'"v":2'),
        lambda data: data.replace(b"received", b"perceived"),
        lambda data: data.replace(b'"v":1', b'"v":1,"w":2'),
        lambda data: data.replace(b'"outcome":"accepted",', b""),
        lambda data: data.replace(b"accepted", b"acc\\u0065pted"),
        lambda data: b"[]",
        lambda data: b"\xff",
        lambda data: b"",
    ],
)
def test_bytes_that_no_log_writes_are_refused(spoil):
    """White space, other members, another version, an unknown kind, another spelling."""
    with pytest.raises(ProofRefused):
        read_leaf(spoil(leaf_of(ENTRY, KEY).canonical()))
