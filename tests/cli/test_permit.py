"""`ecites permit`: documents alone."""

import hashlib
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli.conftest import ROOT, Run
from cryptography.hazmat.primitives import serialization
from support.keys import certificate_for, pem_of, private_key
from support.requirements import program

from gateway.signatures.keys import SigningKey, new_development_key
from gateway.signatures.sign import sign
from gateway.xmlio.parse import parse

PERMITS = ROOT / "fixtures" / "permits"
SEALED = ROOT / "fixtures" / "sealed"
KEYS = ROOT / "keys"
AT = ("--at", "2026-11-23T12:00:00Z")
LEATHER = PERMITS / "ch-export-reptile-leather.xml"
KEY = ("--key", KEYS / "ch-ma.key.pem", "--cert", KEYS / "ch-ma.crt.pem")


def test_check_a_good_permit(ecites: Run) -> None:
    """A good permit ends with 0 and says PASSED."""
    code, out, _ = ecites("permit", "check", LEATHER, *AT)
    assert code == 0
    assert "PASSED: errors: 0, warnings: 0" in out


def test_check_says_what_where_why(ecites: Run) -> None:
    """A broken rule ends with 1 and says what is wrong, in which box and line, by which source."""
    code, out, _ = ecites("permit", "check", PERMITS / "broken" / "zero-quantity.xml", *AT)
    assert code == 1
    for part in ("FAILED", "lines.quantity-not-positive", "box 11", "line ", "why:"):
        assert part in out


def test_check_as_json(ecites: Run) -> None:
    """The JSON has exactly its members, each finding its eight, and says what was not checked and why."""
    code, out, _ = ecites("permit", "check", PERMITS / "broken" / "expired.xml", "--json", *AT)
    answer = json.loads(out)
    assert code == 1
    assert set(answer) == {
        "document", "at", "profile", "species_data", "verdict", "findings", "not_checked"
    }  # fmt: skip
    digest = answer["document"].pop("sha256")
    assert digest == hashlib.sha256((PERMITS / "broken" / "expired.xml").read_bytes()).hexdigest()
    assert answer["document"] == {"version": "v2", "type": "E", "issuer": "CH", "number": "CH-2026-000123"}
    assert (answer["at"], answer["profile"]) == ("2026-11-23T12:00:00+00:00", "strict")
    assert answer["species_data"] is None
    skipped = {each["rule"]: each["reason"] for each in answer["not_checked"]}
    assert skipped["species.unknown"] == "not checked: no species data"
    assert answer["verdict"] == "FAILED"
    members = {"rule", "severity", "area", "box", "path", "line", "message", "source"}
    assert all(set(finding) == members for finding in answer["findings"])


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"not xml", b"<!DOCTYPE a><a/>", b"<a/>", b"\xff\xfe<\x00a\x00/\x00>\x00"]
)
@pytest.mark.parametrize("command", [("check",), ("verify", "--trust", KEYS)])
def test_rubbish_is_a_bad_document(
    command: tuple[object, ...], data: bytes, tmp_path: Path, ecites: Run
) -> None:
    """Rubbish ends with 1 and a finding, in text and in JSON, never with a traceback."""
    file = tmp_path / "rubbish.xml"
    file.write_bytes(data)
    code, out, err = ecites("permit", *command, file, "--json")
    answer = json.loads(out)
    assert (code, answer["verdict"], err) == (1, "FAILED", "")
    digest = hashlib.sha256(data).hexdigest()
    nothing = {"version": None, "type": None, "issuer": None, "number": None, "sha256": digest}
    assert answer["document"] == nothing
    assert len(answer["findings"]) == 1
    assert ecites("permit", *command, file)[0] == 1


def test_verify_passed(ecites: Run) -> None:
    """A sealed permit verifies against a certificate and against a folder of certificates."""
    for trust in (KEYS / "ch-ma.crt.pem", KEYS):
        code, out, _ = ecites("permit", "verify", SEALED / "sealed-p256.xml", "--trust", trust, "--json", *AT)
        assert (code, json.loads(out)["verdict"]) == (0, "PASSED")


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("altered-after-sealing.xml", "FAILED"),
        ("sealed-by-a-stranger.xml", "INDETERMINATE"),
        ("certificate-ended.xml", "INDETERMINATE"),
        ("not-sealed.xml", "FAILED"),
    ],
)
def test_verify_not_passed(name: str, verdict: str, tmp_path: Path, ecites: Run) -> None:
    """Anything but PASSED ends with 1 and says why."""
    for certificate in ("ch-ma", "ch-ma-expired"):
        (tmp_path / f"{certificate}.pem").write_bytes((KEYS / f"{certificate}.crt.pem").read_bytes())
    code, out, _ = ecites("permit", "verify", SEALED / name, "--trust", tmp_path, "--json", *AT)
    answer = json.loads(out)
    assert (code, answer["verdict"]) == (1, verdict)
    assert answer["findings"][0]["message"]


def test_verify_a_short_key(tmp_path: Path, ecites: Run) -> None:
    """RSA of 2048 bits is refused unless whoever asks allows it; longer keys can be asked for."""
    private = private_key("rsa2048")
    key = SigningKey(private, certificate_for(private))
    (tmp_path / "short.pem").write_bytes(pem_of(key.certificate))
    (tmp_path / "sealed.xml").write_bytes(sign(parse(LEATHER.read_bytes()).root, key))
    verify = ("permit", "verify", tmp_path / "sealed.xml", "--trust", tmp_path, *AT)
    code, out, _ = ecites(*verify)
    assert code == 1
    assert "use RSA with 3072 bits or more" in out
    assert ecites(*verify, "--min-rsa-bits", "2048")[0] == 0
    code, out, _ = ecites(*verify, "--min-rsa-bits", "4096")
    assert code == 1
    assert "use RSA with 4096 bits or more" in out
    for bits in ("1024", "2047", "2049"):
        code, _, err = ecites(*verify, "--min-rsa-bits", bits)
        assert code == 2
        assert f"must be 2048, or 3072 or more, not {bits}" in " ".join(err.split())


def test_verify_at_a_moment(ecites: Run) -> None:
    """--at decides about the certificate's time."""
    arguments = ("permit", "verify", SEALED / "certificate-ended.xml", "--trust", KEYS)
    assert ecites(*arguments, "--at", "2026-01-15")[0] == 0
    assert ecites(*arguments, "--at", "2026-11-23")[0] == 1


def test_sign_then_verify(tmp_path: Path, ecites: Run) -> None:
    """What sign writes, verify accepts, also from standard output."""
    key = ("--key", KEYS / "ch-ma-rsa.key.pem", "--cert", KEYS / "ch-ma-rsa.crt.pem")
    out_file = tmp_path / "sealed.xml"
    code, out, _ = ecites("permit", "sign", LEATHER, *key, "--out", out_file, "--json")
    assert code == 0
    assert json.loads(out)["file"] == str(out_file)
    code, out, _ = ecites("permit", "sign", LEATHER, *key)
    assert code == 0
    other = tmp_path / "other.xml"  # not the same bytes: the signing time may be another second
    other.write_bytes(out.encode())
    for sealed in (out_file, other):
        assert ecites("permit", "verify", sealed, "--trust", KEYS)[0] == 0


def test_an_encrypted_key_opens_with_its_passphrase(tmp_path: Path, ecites: Run) -> None:
    """The passphrase comes from a file, never from the command line; a wrong one is a usage error."""
    key, certificate = tmp_path / "a.key.pem", tmp_path / "a.crt.pem"
    made = new_development_key("CH:MA", "CH", at=datetime.now(UTC))  # noqa: TID251 - the command asks the real clock
    pem = made.private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"open sesame"),
    )
    key.touch(mode=0o600)
    key.write_bytes(pem)
    certificate.write_bytes(made.certificate.public_bytes(serialization.Encoding.PEM))
    for word, expected in (("open sesame\n", 0), ("open, please\n", 2)):
        secret = tmp_path / f"secret{expected}"
        secret.touch(mode=0o600)
        secret.write_text(word)
        arguments = ("--key", key, "--cert", certificate, "--passphrase-file", secret)
        assert ecites("permit", "sign", LEATHER, *arguments, "--out", tmp_path / "out.xml")[0] == expected


def test_sign_twice_is_refused(tmp_path: Path, ecites: Run) -> None:
    """A sealed permit is not sealed again."""
    code, _, err = ecites("permit", "sign", SEALED / "sealed-p256.xml", *KEY)
    assert code == 1
    assert "already_signed" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("permit", "check"),
        ("permit", "check", "missing.xml"),
        ("permit", "check", LEATHER, "--at", "yesterday"),
        ("permit", "verify", LEATHER),
        ("permit", "verify", LEATHER, "--trust", PERMITS),
        ("permit", "sign", LEATHER, "--key", KEYS / "ch-ma.key.pem", "--cert", KEYS / "ch-ma-rsa.crt.pem"),
        (
            "permit",
            "sign",
            LEATHER,
            "--key",
            KEYS / "ch-ma.key.pem",
            "--cert",
            KEYS / "ch-ma.crt.pem",
            "--json",
        ),
        ("permit", "frobnicate"),
        ("init", "x", "--authority", "Switzerland"),
    ],
)
def test_usage_errors_end_with_2(arguments: tuple[object, ...], ecites: Run) -> None:
    """A wrong call ends with 2 and says what is wrong with it."""
    code, _, err = ecites(*arguments)
    assert code == 2
    assert "Error" in err


@pytest.mark.parametrize("kind", ["sealed-p256.xml", "sealed-rsa3072.xml"])
def test_xmlsec1_verifies_what_we_sign(kind: str) -> None:
    """The xmlsec1 program, which none of us wrote, accepts our seal."""
    name = "ch-ma" if "p256" in kind else "ch-ma-rsa"
    verified = subprocess.run(  # noqa: S603 - a program of the system with our own files
        [
            program("xmlsec1"),
            "--verify",
            "--enabled-key-data",
            "x509,rsa,ec",
            "--pubkey-cert-pem",
            str(KEYS / f"{name}.crt.pem"),
            str(SEALED / kind),
        ],
        capture_output=True,
        check=False,
        text=True,
    )
    assert verified.returncode == 0, verified.stderr
