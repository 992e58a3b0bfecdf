"""The signed fixtures: each has the verdict that its name promises, and all can be rebuilt."""

import importlib.util
import json
from datetime import datetime
from pathlib import Path

import pytest

from gateway.errors import SignatureRefused
from gateway.exchange import message, receipts
from gateway.signatures.keys import load_certificate
from gateway.signatures.verify import passed, verify
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.parse import parse

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
EXPECTED = json.loads((FIXTURES / "sealed" / "expected.json").read_text(encoding="utf-8"))
TRUSTED = [
    load_certificate(ROOT / "keys" / f"{name}.crt.pem") for name in ("ch-ma", "ch-ma-rsa", "ch-ma-expired")
]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_verdict(name: str) -> None:
    """A sealed fixture has exactly the verdict and the reason that are written down for it."""
    expected = EXPECTED[name]
    document = parse((FIXTURES / "sealed" / name).read_bytes())
    try:
        verdict = passed(verify(document, TRUSTED, at=datetime.fromisoformat(expected["at"])))
    except SignatureRefused as error:
        verdict = error.verdict
    assert verdict.indication.value == expected["verdict"]
    assert verdict.rule == expected.get("rule", "signature.passed")


def test_each_file_has_an_expectation() -> None:
    """No sealed fixture is forgotten by the table, and the table names no file that is not there."""
    assert {path.name for path in (FIXTURES / "sealed").glob("*.xml")} == set(EXPECTED)


def test_envelope_and_receipt_belong_together() -> None:
    """The envelope verifies, carries the sealed permit byte for byte, and the receipt answers it."""
    data = (FIXTURES / "envelopes" / "permit-ch-to-fr.xml").read_bytes()
    at = datetime.fromisoformat(EXPECTED["sealed-p256.xml"]["at"])
    gateway = load_certificate(ROOT / "keys" / "ch-gateway.crt.pem")
    envelope = message.read(verify(parse(data), [gateway], at=at).root)
    assert envelope.payload == (FIXTURES / "sealed" / "sealed-p256.xml").read_bytes()
    answer = parse((FIXTURES / "envelopes" / "receipt-accepted.xml").read_bytes())
    partner = load_certificate(ROOT / "keys" / "fr-gateway.crt.pem")
    receipt = receipts.read(verify(answer, [partner], at=at).root)
    receipts.check_belongs(
        receipt,
        message_id=envelope.header.message_id,
        envelope_digest=sha256_hex(data),
        sender=envelope.header.sender,
        recipient=envelope.header.recipient,
    )


def test_the_script_rebuilds_what_is_committed(tmp_path: Path) -> None:
    """From the keys and the permits the script makes the same bytes again."""
    spec = importlib.util.spec_from_file_location("build", FIXTURES / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    build.build(tmp_path)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert made == {path: (FIXTURES / path).read_bytes() for path in made}
    assert len(made) == len(EXPECTED) + 5
