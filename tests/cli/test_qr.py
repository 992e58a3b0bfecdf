"""`ecites qr`, and the statement that `ecites permit show` draws."""

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from cli.conftest import ROOT, Run
from cryptography.hazmat.primitives.serialization import Encoding
from support.key_material import authority, crl, curve_key, leaf, revoked
from support.keys import NOW, pem_of, seal
from support.permits import NUMBER, permit_bytes, sealed_bytes

AT = ("--at", "2026-11-23T12:00:00Z")
KEYS = ROOT / "keys"
SEALED = ROOT / "fixtures" / "sealed" / "sealed-p256.xml"
SEAL = ("--key", KEYS / "ch-ma.key.pem", "--cert", KEYS / "ch-ma.crt.pem")


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    """A folder with the Swiss seal."""
    folder = tmp_path / "trust"
    folder.mkdir()
    (folder / "ch-ma.crt.pem").write_bytes((KEYS / "ch-ma.crt.pem").read_bytes())
    return folder


@pytest.fixture
def statement(tmp_path: Path, ecites: Run) -> Path:
    """A file with a statement."""
    file = tmp_path / "statement.txt"
    assert ecites("qr", "make", SEALED, *SEAL, "--out", file, *AT)[0] == 0
    return file


def put_list(ecites: Run, folder: Path, rows: str = "", *more: object) -> tuple[int, str, str]:
    """Make a status list of Switzerland in a folder."""
    csv = folder.parent / "barred.csv"
    csv.write_text("number,status,since\n" + rows)
    return ecites("qr", "list", "make", csv, *SEAL, "--out", folder / "ch.jws", *AT, *more)


def test_a_statement_with_a_fresh_list_is_good(ecites: Run, trust: Path, statement: Path) -> None:
    """Exit code 0, from a file, as an argument, and in JSON."""
    assert put_list(ecites, trust)[0] == 0
    code, out, err = ecites("qr", "verify", statement, "--trust", trust, *AT)
    assert (code, err) == (0, "")
    assert out.startswith("✓ GOOD\n")
    assert "CH-2026-000123" in out
    code, out, _ = ecites("qr", "verify", statement.read_text(), "--trust", trust, "--json", *AT)
    answer = json.loads(out)
    assert (code, answer["verdict"], answer["good"]) == (0, "PASSED", True)
    assert answer["statement"]["number"] == "CH-2026-000123"
    assert answer["statement"]["lines"][0]["quantity"] == "250"


def test_from_standard_input(
    ecites: Run, trust: Path, statement: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a scanner that is a keyboard gives it."""
    put_list(ecites, trust)
    monkeypatch.setattr("sys.stdin", io.StringIO(statement.read_text()))
    assert ecites("qr", "verify", "-", "--trust", trust, *AT)[0] == 0


def test_without_a_list_it_is_not_good(ecites: Run, trust: Path, statement: Path) -> None:
    """Check with the issuer, exit code 1; a list named apart is as good as one in the folder."""
    code, out, _ = ecites("qr", "verify", statement, "--trust", trust, *AT)
    assert code == 1
    assert out.startswith("? CHECK WITH THE ISSUER\n")
    put_list(ecites, trust)
    elsewhere = (trust / "ch.jws").rename(trust.parent / "elsewhere")
    assert ecites("qr", "verify", statement, "--trust", trust, "--status", elsewhere, *AT)[0] == 0


def test_a_list_that_is_too_old(ecites: Run, trust: Path, statement: Path) -> None:
    """It says until when it counts; after that the answer is not good."""
    put_list(ecites, trust, "", "--hours", "1")
    assert ecites("qr", "verify", statement, "--trust", trust, "--at", "2026-11-23T13:00:00Z")[0] == 0
    code, out, _ = ecites("qr", "verify", statement, "--trust", trust, "--at", "2026-11-23T13:00:01Z")
    assert code == 1
    assert "CHECK WITH THE ISSUER" in out
    assert (
        ecites("qr", "list", "show", trust / "ch.jws", "--trust", trust, "--at", "2026-11-23T14:00:00Z")[0]
        == 1
    )


def test_a_barred_permit(ecites: Run, trust: Path, statement: Path) -> None:
    """The list is shown, asked about one number, and bars the permit; in French too."""
    put_list(ecites, trust, "CH-2026-000123,stolen,2026-11-01\nCH-2026-000999,lost,2026-11-02\n")
    code, out, _ = ecites("qr", "verify", statement, "--trust", trust, "--language", "fr", *AT)
    assert code == 1
    assert out.startswith("✗ PAS BON\n")
    assert "déclaré volé depuis le 2026-11-01" in out
    show = ("qr", "list", "show", trust / "ch.jws", "--trust", trust, *AT)
    code, out, _ = ecites(*show)
    assert (code, "2 permits barred" in out) == (0, True)
    assert ecites(*show, "--number", "CH-2026-000123")[0] == 1
    assert ecites(*show, "--number", "CH-2026-000001")[0] == 0
    code, out, _ = ecites(*show, "--number", "CH-2026-000123", "--json")
    assert (code, json.loads(out)["found"]["status"]) == (1, "stolen")


def test_a_changed_character(ecites: Run, trust: Path, statement: Path) -> None:
    """NOT GOOD, and nothing of it is repeated."""
    put_list(ecites, trust)
    text = statement.read_text()
    middle = len(text) // 2
    changed = text[:middle] + ("B" if text[middle] == "A" else "A") + text[middle + 1 :]
    code, out, _ = ecites("qr", "verify", changed, "--trust", trust, *AT)
    assert code == 1
    assert "NOT GOOD" in out
    assert "CH-2026-000123" not in out


def test_the_document(ecites: Run, trust: Path, statement: Path, tmp_path: Path) -> None:
    """With --document the digest counts too."""
    put_list(ecites, trust)
    verify = ("qr", "verify", statement, "--trust", trust, *AT, "--document")
    assert ecites(*verify, SEALED)[0] == 0
    other = tmp_path / "other.xml"
    other.write_bytes(SEALED.read_bytes() + b"\n")
    assert ecites(*verify, other)[0] == 1


def test_a_revoked_certificate_in_the_folder(ecites: Run, tmp_path: Path) -> None:
    """A revocation list beside the certificates is used without being named."""
    folder = tmp_path / "issuers"
    folder.mkdir()
    key, certificate = tmp_path / "seal.key.pem", folder / "seal.crt.pem"
    key.write_bytes(pem_of(curve_key(50)))
    key.chmod(0o600)
    named = leaf(100)
    certificate.write_bytes(pem_of(named))
    (folder / "ca.crt.pem").write_bytes(pem_of(authority()))
    crl_file = folder / "ca.crl"
    crl_file.write_bytes(crl(revoked(100, NOW - timedelta(days=1))).public_bytes(Encoding.DER))
    code, out, _ = ecites("qr", "verify", "a.b.c" * 50, "--trust", folder, *AT)
    assert (code, "NOT GOOD" in out) == (1, True)
    crl_file.write_bytes(b"rubbish")
    code, _, err = ecites("qr", "verify", "a.b.c" * 50, "--trust", folder, *AT)
    assert code == 2
    assert "ca.crl" in err


def test_make_prints_the_text_and_draws_it(ecites: Run, tmp_path: Path) -> None:
    """Without --out the text goes to standard output; --svg writes the drawing."""
    svg = tmp_path / "code.svg"
    code, out, _ = ecites("qr", "make", SEALED, *SEAL, "--svg", svg, *AT)
    assert (code, out.count(".")) == (0, 2)
    assert svg.read_text().startswith("<?xml")
    code, out, _ = ecites("qr", "make", SEALED, *SEAL, "--json", *AT)
    answer = json.loads(out)
    assert answer["claims"]["sub"] == "CH-2026-000123"
    assert answer["qr"]["modules"] > 60


def test_make_refuses_what_is_not_sealed(ecites: Run, tmp_path: Path) -> None:
    """An unsealed permit, and one that somebody else sealed."""
    file = tmp_path / "permit.xml"
    file.write_bytes(permit_bytes())
    assert ecites("qr", "make", file, *SEAL, *AT)[0] == 1
    file.write_bytes(sealed_bytes(NUMBER, seal("stranger")))
    assert ecites("qr", "make", file, *SEAL, *AT)[0] == 1


def test_a_key_that_does_not_fit_is_a_usage_error(ecites: Run) -> None:
    """The key of another certificate."""
    wrong = ("--key", KEYS / "stranger.key.pem", "--cert", KEYS / "ch-ma.crt.pem")
    assert ecites("qr", "make", SEALED, *wrong, *AT)[0] == 2


def test_nothing_to_verify_is_a_usage_error(ecites: Run, trust: Path) -> None:
    """A short text that is no file."""
    code, _, err = ecites("qr", "verify", "nosuch.txt", "--trust", trust)
    assert code == 2
    assert "nosuch.txt" in err


@pytest.mark.parametrize(
    "rows",
    [
        "CH-1,eaten,2026-11-01\n",
        "CH-1,lost\n",
        ",lost,2026-11-01\n",
        "CH-1,lost,soon\n",
        "A,lost,2026-11-01\nA,lost,2026-11-01\n",
    ],
)
def test_a_bad_row_is_a_usage_error(ecites: Run, trust: Path, rows: str) -> None:
    """An unknown status, a column too few, no number, no day, a number twice: no list is written."""
    code, _, err = put_list(ecites, trust, rows)
    assert (code, (trust / "ch.jws").exists()) == (2, False)
    assert err


def test_a_bad_header_is_a_usage_error(ecites: Run, tmp_path: Path) -> None:
    """The columns are named."""
    csv = tmp_path / "x.csv"
    csv.write_text("nr,status,since\n")
    code, _, err = ecites("qr", "list", "make", csv, *SEAL, "--out", tmp_path / "x.jws", *AT)
    assert code == 2
    assert "number,status,since" in err


def test_show_refuses_a_list_of_a_stranger(ecites: Run, trust: Path, tmp_path: Path) -> None:
    """Nothing of it is shown."""
    put_list(ecites, trust)
    code, out, _ = ecites("qr", "list", "show", trust / "ch.jws", "--trust", KEYS / "stranger.crt.pem", *AT)
    assert code == 1
    assert "no certificate of the signer" in out
    code, out, _ = ecites(
        "qr", "list", "show", trust / "ch.jws", "--trust", KEYS / "stranger.crt.pem", "--json", *AT
    )
    assert (code, json.loads(out)["proven"]) == (1, False)


def test_show_draws_a_statement(ecites: Run, trust: Path, statement: Path, tmp_path: Path) -> None:
    """On the page and on paper, with the seal verified."""
    show = ("permit", "show", SEALED, "--trust", trust, "--qr", statement, *AT)
    code, out, _ = ecites(*show, "--html")
    assert code == 0
    assert "QR code with a signed statement" in out
    assert ecites(*show, "--pdf", "--out", tmp_path / "form.pdf")[0] == 0


def test_show_draws_no_statement_that_does_not_hold(
    ecites: Run, trust: Path, statement: Path, tmp_path: Path
) -> None:
    """Of another document, by a stranger, without --trust, on a form that has no code."""
    other = tmp_path / "other.xml"
    other.write_bytes(SEALED.read_bytes() + b"\n")
    code, _, err = ecites("permit", "show", other, "--trust", trust, "--qr", statement, "--html", *AT)
    assert (code, "not the one that is stated" in " ".join(err.replace("│", " ").split())) == (2, True)
    stranger = KEYS / "stranger.crt.pem"
    assert ecites("permit", "show", SEALED, "--trust", stranger, "--qr", statement, "--html", *AT)[0] == 2
    assert ecites("permit", "show", SEALED, "--qr", statement, "--html", *AT)[0] == 2
    assert ecites("permit", "show", SEALED, "--trust", trust, "--qr", statement, *AT)[0] == 2
