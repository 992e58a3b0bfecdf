"""Bundles that were written once verify for ever, whatever this program writes today."""

from pathlib import Path

import pytest
from support.keys import NOW

from gateway.flows.check_bundle import check_bundle
from gateway.signatures.keys import load_certificates
from gateway.signatures.verdict import Indication

ROOT = Path(__file__).resolve().parents[2]
BUNDLES = sorted((ROOT / "fixtures" / "bundles").glob("*.zip"))


@pytest.mark.parametrize("file", BUNDLES, ids=lambda file: file.name)
def test_a_bundle_of_each_version_passes(file):
    """The committed bytes, with the certificates of `keys/`; a changed word of guide or manifest fails."""
    report = check_bundle(file.read_bytes(), load_certificates(ROOT / "keys"), now=NOW)
    assert report.verdict is Indication.PASSED, report.checks


def test_there_are_bundles():
    """The walk above has something to walk."""
    assert [file.name for file in BUNDLES] == ["delivered-version-1.zip", "delivered-version-2.zip"]
