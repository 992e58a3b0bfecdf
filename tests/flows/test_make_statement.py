"""Statements are made about sealed permits only, and by their issuers only."""

from dataclasses import replace

import pytest
from support.keys import NOW, certificate_for, private_key, seal
from support.permits import digest_of, line, permit_bytes, sealed, sealed_bytes

from gateway.errors import IdentityMismatch, MalformedRequest, SignatureRefused
from gateway.flows.make_statement import make_statement, state
from gateway.permits.statement import LONGEST_STATEMENT
from gateway.signatures.keys import SigningKey
from gateway.xmlio.canonical import sha256_hex


def make(document, key=None, trusted=None):
    """A statement with the Swiss seal unless told otherwise."""
    key = key or seal()
    return make_statement(document, key, trusted or [key.certificate], at=NOW)


def test_the_digest_is_that_of_the_document_as_it_is_handed_on():
    """With its seal and every byte."""
    document = sealed_bytes()
    assert make(document).statement.digest == sha256_hex(document)


def test_an_unsealed_permit_gets_none():
    """There is nobody behind it."""
    with pytest.raises(SignatureRefused):
        make(permit_bytes())


def test_a_changed_permit_gets_none():
    """Nothing is stated about what would be refused."""
    with pytest.raises(SignatureRefused):
        make(sealed_bytes().replace(b"Varanus salvator", b"Varanus niloticus"))


def test_another_seal_of_the_same_party_may_state():
    """The seal was rolled since: both certificates are named."""
    new = seal("CH:MA new")
    with pytest.raises(SignatureRefused):
        make(sealed_bytes(), new)
    assert make(sealed_bytes(), new, [seal().certificate]).text


def test_another_party_may_not_state():
    """France's key about a permit of Switzerland; nor a key that names no Party."""
    private = private_key("p256")
    for key in (seal("FR:MA", "FR"), SigningKey(private, certificate_for(private))):
        with pytest.raises(IdentityMismatch):
            make(sealed_bytes(), key, [seal().certificate])


def test_long_lines_make_room_for_each_other():
    """A code that nobody can read is worth less than one that tells fewer lines; all are counted."""
    names = ["".join(chr(0x4E00 + 7919 * (40 * n + k) ** 2 % 20_000) for k in range(40)) for n in range(6)]
    lines = tuple(map(line, "ABCDEF", names))
    key = seal(algorithm="rsa")
    made = make(sealed_bytes(key=key, lines=lines), key)
    assert len(made.text) <= LONGEST_STATEMENT
    assert 0 < len(made.statement.lines) < made.statement.line_count == 6


def test_a_permit_without_an_end_gets_none():
    """Nobody could check its dates."""
    with pytest.raises(MalformedRequest):
        make(sealed_bytes(validity=None))


def test_a_key_of_another_party_states_nothing():
    """Nor does one whose permit says too little; a good one does."""
    kept = sealed()
    digest = digest_of(kept)
    assert state(kept.permit, digest, seal(), NOW)
    assert state(kept.permit, digest, seal("FR:MA", "FR"), NOW) == ""
    assert state(replace(kept.permit, validity=None), digest, seal(), NOW) == ""
