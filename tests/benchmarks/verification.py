"""Verification of one permit: ours, signxml's share left out, beside the floor and beside OpenJDK."""

import shutil
import statistics
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from lxml import etree

from gateway import clock, resources
from gateway.cli.demonstration import permits
from gateway.codec.registry import check_schema, warm
from gateway.signatures.keys import new_development_key
from gateway.signatures.policy import DEFAULT_POLICY
from gateway.signatures.sign import sign
from gateway.signatures.verify import verify
from gateway.xmlio.parse import parse
from tests.benchmarks import floor
from tests.benchmarks.timing import median_us

ROUNDS = 60
JAVA = Path(__file__).resolve().parents[1] / "support" / "VerifySeal.java"


def measure(algorithm: str) -> dict[str, float]:
    """
    Parse, schema and verification, ours and the floor's in turns on the same bytes; microseconds.

    `algorithm` is `ec` or `rsa`. The second opinion of signxml is left out: its share is one in a hundred,
    and its cost stands in a line of its own. With a JDK a warm JVM verifies the same file in the same run.
    """
    warm()
    at = clock.now()
    key = new_development_key("CH:MA", "CH", at=at, algorithm=algorithm)
    root = parse(permits.make_permit("CH-2026-000001", permits.LEATHER, at)).root
    plain, sealed = sign(root, key), sign(root, key, at=at)
    schema = etree.XMLSchema(file=str(resources.schemas() / "v2" / "CITESEPermit.xsd"))
    trusted = [key.certificate]
    alone, asked = (replace(DEFAULT_POLICY, oracle_share=share) for share in (0.0, 1.0))

    def ours(data: bytes) -> None:
        document = parse(data)
        assert not check_schema("v2", document.root)
        verify(document, trusted, at=at, policy=alone)

    floors, bare, full, floors_full = [], [], [], []
    for _ in range(ROUNDS):
        floors.append(median_us(lambda: floor.verify(plain, schema, key), rounds=1))
        bare.append(median_us(lambda: ours(plain), rounds=1))
        full.append(median_us(lambda: ours(sealed), rounds=1))
        floors_full.append(median_us(lambda: floor.verify_with_properties(sealed, schema, key), rounds=1))
    document = parse(plain)
    times = {
        "floor: parse, schema, verify": statistics.median(floors),
        "floor: the same with XAdES": statistics.median(floors_full),
        "ours: parse, schema, verify": statistics.median(bare),
        "ours: the same with XAdES": statistics.median(full),
        "ours: verify alone": median_us(lambda: verify(document, trusted, at=at, policy=alone)),
        "ours: verify and signxml": median_us(lambda: verify(document, trusted, at=at, policy=asked)),
        "RATIO verification / floor": _ratio(bare, floors),
        "RATIO verification with XAdES / floor": _ratio(full, floors),
        "RATIO both with XAdES": _ratio(full, floors_full),
    }
    return times | _jdk(plain, key.certificate.public_bytes(serialization.Encoding.PEM), times)


def _ratio(ours: list[float], floors: list[float]) -> float:
    """The median over rounds of the ratio within one round."""
    return statistics.median(one / other for one, other in zip(ours, floors, strict=True))


def _jdk(sealed: bytes, certificate: bytes, times: dict[str, float]) -> dict[str, float]:
    """The same document by OpenJDK's own XML Signature, without schema; nothing when there is no JDK."""
    java = shutil.which("java")
    if java is None:
        return {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "seal.xml").write_bytes(sealed)
        (folder / "seal.crt.pem").write_bytes(certificate)
        done = subprocess.run(  # noqa: S603 - a program that was found, on files that we wrote
            [java, str(JAVA), "--time", str(folder / "seal.crt.pem"), str(folder / "seal.xml")],
            capture_output=True,
            check=True,
            timeout=120,
        )
    taken = float(done.stdout)
    return {
        "OpenJDK: parse and verify, warm": taken,
        "RATIO ours with schema / OpenJDK": times["ours: parse, schema, verify"] / taken,
    }


if __name__ == "__main__":
    for kind in ("rsa", "ec"):
        for label, value in measure(kind).items():
            print(f"{kind:<4}{label:<42}{value:>10,.2f}")
