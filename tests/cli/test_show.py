"""`ecites permit show`."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from cli.conftest import ROOT, Run
from support.keys import certificate_for, pem_of, private_key

from gateway.cli.show import _verified
from gateway.codec.profile import Profile
from gateway.permits.model import Permit
from gateway.permits.values import Identifier
from gateway.rendering.form import Seal
from gateway.signatures.keys import SigningKey
from gateway.signatures.policy import SignaturePolicy
from gateway.signatures.sign import sign
from gateway.xmlio.parse import ParsedDocument, parse

PERMITS = ROOT / "fixtures" / "permits"
SEALED = ROOT / "fixtures" / "sealed"
KEYS = ROOT / "keys"
AT = ("--at", "2026-11-23T12:00:00Z")
CAVIAR = PERMITS / "ch-reexport-caviar.xml"


def test_text_is_the_default(ecites: Run) -> None:
    """Without a choice the form is printed as text, and nobody claims to have verified it."""
    code, out, err = ecites("permit", "show", CAVIAR, *AT)
    assert (code, err) == (0, "")
    assert out.startswith("CITES  Re-export certificate  CH-2026-R-0042\n")
    assert "** IN FORCE **" in out
    assert "** SIGNATURE NOT CHECKED **" in out
    assert ecites("permit", "show", CAVIAR, "--text", *AT) == (0, out, "")


def test_a_page(ecites: Run) -> None:
    """--html prints a page in the language that is asked for."""
    code, out, _ = ecites("permit", "show", CAVIAR, "--html", "--language", "fr", *AT)
    assert code == 0
    assert '<html lang="fr">' in out


def test_a_pdf_into_a_file(ecites: Run, tmp_path: Path) -> None:
    """--pdf --out writes the file and says what is in it."""
    file = tmp_path / "form.pdf"
    code, out, _ = ecites("permit", "show", CAVIAR, "--pdf", "--out", file, *AT)
    assert code == 0
    assert file.read_bytes().startswith(b"%PDF-1")
    assert out == f"{file}: Re-export certificate CH-2026-R-0042: IN FORCE, SIGNATURE NOT CHECKED\n"


def test_a_pdf_does_not_go_to_a_terminal(ecites: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that would spoil a screen need --out."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    code, out, err = ecites("permit", "show", CAVIAR, "--pdf", *AT)
    assert (code, out) == (2, "")
    assert "--out" in err


def test_one_choice_at_a_time(ecites: Run) -> None:
    """Two kinds of drawing are a usage error."""
    code, _, err = ecites("permit", "show", CAVIAR, "--pdf", "--html")
    assert code == 2
    assert "choose one" in err


def test_a_good_seal(ecites: Run) -> None:
    """With --trust the verdict is on top."""
    code, out, _ = ecites("permit", "show", SEALED / "sealed-p256.xml", "--trust", KEYS, *AT)
    assert code == 0
    assert "** SIGNATURE PASSED **" in out


def test_a_seal_with_a_short_key(tmp_path: Path, ecites: Run) -> None:
    """RSA of 2048 bits passes only when whoever asks says that the signer may."""
    private = private_key("rsa2048")
    key = SigningKey(private, certificate_for(private))
    (tmp_path / "short.pem").write_bytes(pem_of(key.certificate))
    (tmp_path / "sealed.xml").write_bytes(sign(parse(CAVIAR.read_bytes()).root, key))
    show = ("permit", "show", tmp_path / "sealed.xml", "--trust", tmp_path, *AT)
    assert ecites(*show)[0] == 1
    code, out, _ = ecites(*show, "--min-rsa-bits", "2048")
    assert code == 0
    assert "** SIGNATURE PASSED **" in out


def test_what_was_proven_is_what_is_drawn(ecites: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a good seal the form is drawn from what was signed, not from what came (promise 3)."""

    def verified(
        document: ParsedDocument, trust: Path, now: datetime, profile: Profile, policy: SignaturePolicy
    ) -> tuple[Seal, Permit | None]:
        seal, proven = _verified(document, trust, now, profile, policy)
        assert proven is not None
        return seal, replace(proven, number=Identifier("FROM-WHAT-WAS-SIGNED"))

    monkeypatch.setattr("gateway.cli.show._verified", verified)
    _, out, _ = ecites("permit", "show", SEALED / "sealed-p256.xml", "--trust", KEYS, *AT)
    assert "FROM-WHAT-WAS-SIGNED" in out.splitlines()[0]


def test_a_bad_seal_is_drawn_and_ends_with_1(ecites: Run) -> None:
    """A changed document is shown with the verdict, and the exit code says it too."""
    code, out, _ = ecites("permit", "show", SEALED / "altered-after-sealing.xml", "--trust", KEYS, *AT)
    assert code == 1
    assert "** SIGNATURE FAILED **" in out
    assert "Box" not in out.splitlines()[0]
    assert "15   Number of the bill of lading" in out


def test_an_unknown_signer_ends_with_1(ecites: Run) -> None:
    """INDETERMINATE is not PASSED."""
    trust = KEYS / "stranger.crt.pem"
    code, out, _ = ecites("permit", "show", SEALED / "sealed-p256.xml", "--trust", trust, *AT)
    assert code == 1
    assert "** SIGNATURE INDETERMINATE **" in out


@pytest.mark.parametrize("data", [b"", b"\x00", b"not xml", b"<!DOCTYPE a><a/>", b"<a/>"])
def test_rubbish_is_refused_with_a_finding(data: bytes, tmp_path: Path, ecites: Run) -> None:
    """What is no permit is not drawn; a finding says why."""
    file = tmp_path / "rubbish.xml"
    file.write_bytes(data)
    code, out, err = ecites("permit", "show", file, *AT)
    assert (code, err) == (1, "")
    assert "FAILED" in out


def test_a_document_that_does_not_fit_its_schema_is_refused(tmp_path: Path, ecites: Run) -> None:
    """The findings say what is wrong; nothing is drawn from half a document."""
    file = tmp_path / "bad.xml"
    file.write_text(CAVIAR.read_text().replace("<PurposeCode>T</PurposeCode>", "<Nonsense/>"))
    code, out, _ = ecites("permit", "show", file, "--html", *AT)
    assert code == 1
    assert "Nonsense" in out
    assert "<html" not in out


def test_a_place_that_cannot_be_written_is_a_usage_error(tmp_path: Path, ecites: Run) -> None:
    """The message names the file."""
    code, _, err = ecites("permit", "show", CAVIAR, "--out", tmp_path / "no" / "where.txt", *AT)
    assert code == 2
    assert "where.txt" in err


def test_what_a_real_sender_wrote_is_drawn_tolerantly(ecites: Run) -> None:
    """A document that only the tolerant profile reads is refused in the strict one, drawn in the other."""
    sender = ROOT / "fixtures" / "permits" / "senders" / "hub-answer-v2.xml"
    assert ecites("permit", "show", sender, "--text")[0] == 1
    code, out, _ = ecites("permit", "show", sender, "--text", "--profile", "tolerant")
    assert code == 0
    assert "Alligator mississippiensis" in out
