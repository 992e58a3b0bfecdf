"""Checkpoints as text, and their signatures."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from support.keys import NOW, seal
from support.requirements import program

from gateway.errors import ProofRefused, SignatureRefused
from gateway.messagelog.checkpoint import Checkpoint, Note, SignatureLine, read_note, read_notes
from gateway.messagelog.tree import EMPTY
from gateway.signatures.notes import note_key_id, prove_text, sign_text

MADE = Checkpoint.made("example.org/log", 7, EMPTY, number=3, at=NOW)
KEYS = {"ec": seal(), "rsa": seal(algorithm="rsa")}


def signed(checkpoint=MADE, key=None):
    """A checkpoint with a line of its log and one of a witness whom nobody here knows."""
    key, name = key or KEYS["ec"], checkpoint.origin
    value = sign_text(checkpoint.text.encode(), key)
    return Note(
        checkpoint,
        (
            SignatureLine(name, note_key_id(name, key.certificate), value),
            SignatureLine("witness.example/w1", b"abcd", b"some other signature"),
        ),
    )


def lines(note):
    return [(line.name, line.key_id, line.signature) for line in note.signatures]


def test_the_text_is_as_the_format_has_it():
    assert MADE.text == (
        "example.org/log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
        "number 3\ntime 2026-11-23T12:00:00.000000Z\n"
    )
    assert (MADE.number, MADE.at) == (3, NOW)


def test_one_that_others_published_is_read():
    """The example of the specification of cosignatures (C2SP tlog-cosignature)."""
    data = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "\N{EM DASH} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
        "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    ).encode()
    note = read_note(data)
    assert (note.checkpoint.size, note.data) == (20852163, data)
    assert (note.checkpoint.number, note.checkpoint.at) == (None, None)


@pytest.mark.parametrize("kind", KEYS)
def test_its_signature_is_proven(kind):
    """With the one certificate among several; lines of others are kept and passed over."""
    note, key = signed(key=KEYS[kind]), KEYS[kind]
    again = read_note(note.data)
    assert again == note
    candidates = [seal("stranger", "FR").certificate, key.certificate]
    assert (
        prove_text(again.checkpoint.text.encode(), MADE.origin, lines(again), candidates) == key.certificate
    )


@pytest.mark.parametrize("kind", KEYS)
def test_a_signature_of_somebody_else_proves_nothing(kind):
    """Another certificate, another name, another text, a line that claims our key."""
    note, trusted = signed(key=KEYS[kind]), [KEYS[kind].certificate]
    text = note.checkpoint.text.encode()
    with pytest.raises(SignatureRefused, match="no certificate"):
        prove_text(text, MADE.origin, lines(note), [seal("stranger", "FR").certificate])
    with pytest.raises(SignatureRefused, match="no certificate"):
        prove_text(text, "another/log", lines(note), trusted)
    with pytest.raises(SignatureRefused, match="does not hold"):
        prove_text(text + b"x", MADE.origin, lines(note), trusted)
    mine = lines(note)[0]
    with pytest.raises(SignatureRefused, match="does not hold"):
        prove_text(text, MADE.origin, [mine, (*mine[:2], b"forged")], trusted)


@given(st.integers(0, 2_000), st.integers(0, 7))
def test_no_byte_can_be_changed(at, bit):
    """What is still read has lost its signature, unless the byte belongs to a line of somebody else."""
    note = signed()
    data = bytearray(note.data)
    at %= len(data)
    data[at] ^= 1 << bit
    try:
        found = read_note(bytes(data))
        prove_text(found.checkpoint.text.encode(), MADE.origin, lines(found), [KEYS["ec"].certificate])
    except (ProofRefused, SignatureRefused):
        return
    assert found.checkpoint == note.checkpoint
    assert found.signatures[0] == note.signatures[0]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.replace(b"\n7\n", b"\n07\n"),
        lambda data: data.replace(b"\n7\n", b"\n-7\n"),
        lambda data: data.replace(b"\n\n", b"\n"),
        lambda data: data.replace(b"47DEQ", b"DEQ"),
        lambda data: data.replace(b"SuFU=", b"SuFV="),
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: data.replace(b"number 3", b"number\x003"),
        lambda data: b"\n" + data,
        lambda data: data[: data.index(b"\n\n") + 2],
        lambda data: b"",
        lambda data: data + b"x" * 70_000,
        lambda data: b"\xff" + data,
    ],
)
def test_what_is_written_otherwise_is_refused(spoil):
    """One spelling only: two readers must not take two checkpoints from the same bytes."""
    with pytest.raises(ProofRefused):
        read_note(spoil(signed().data))


def test_a_file_of_several_is_read():
    """As the gateway keeps them beside the database."""
    notes = [signed(replace(MADE, size=size)) for size in (1, 2, 3)]
    assert list(read_notes(b"\n".join(note.data for note in notes))) == notes
    assert list(read_notes(b"")) == []
    with pytest.raises(ProofRefused):
        list(read_notes(b"\n".join(note.data for note in notes)[:-30]))


@pytest.mark.parametrize("kind", KEYS)
def test_openssl_comes_to_the_same(kind, tmp_path: Path):
    """Somebody without our program checks the signature, as docs/message-log.md tells."""
    key, note = KEYS[kind], signed(key=KEYS[kind])
    pem = key.certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "text").write_bytes(note.checkpoint.text.encode())
    (tmp_path / "signature").write_bytes(note.signatures[0].signature)
    options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"] if kind == "rsa" else []
    shown = subprocess.run(  # noqa: S603 - a program of the system
        [program("openssl"), "dgst", "-sha256", "-verify", "key.pem", *options, "-signature", "signature",
         "text"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert shown.stdout.strip() == "Verified OK"
