"""`ecites permit convert`: documents alone."""

import json
from pathlib import Path

import pytest
from cli.conftest import ROOT, Run

from gateway.cli.convert import To
from gateway.codec import schema
from gateway.codec.versions import VERSIONS
from gateway.xmlio.parse import MAX_BYTES, parse

PERMITS = ROOT / "fixtures" / "permits"
SEALED = ROOT / "fixtures" / "sealed" / "sealed-p256.xml"
PARROTS = PERMITS / "ch-export-live-parrots.xml"


def test_the_choices_are_the_versions() -> None:
    """--to knows every message version and no other."""
    assert [choice.value for choice in To] == list(VERSIONS)


@pytest.mark.parametrize("to", VERSIONS)
def test_without_out_the_document_goes_to_standard_output(to: str, ecites: Run) -> None:
    """Standard output has the document and nothing else; what is lost is said on standard error."""
    code, out, err = ecites("permit", "convert", PARROTS, "--to", to)
    assert code == 0
    assert schema.check(to, parse(out.encode()).root) == ()
    assert f"v2 -> {to}" in err


def test_what_is_lost_is_listed_element_by_element(ecites: Run) -> None:
    """Each loss has value, reason, box, line and path; values stand before attributes."""
    _, _, err = ecites("permit", "convert", PARROTS, "--to", "v1")
    lines = err.splitlines()
    place = lines.index("  not carried: Marking 'Ring CH 1234 A': v1 has no element for it") + 1
    assert lines[place].startswith("    box 9, line 85, /CITESEPermit/SpecifiedSupplyChainConsignment/")
    assert lines[place].endswith("[1]/PhysicalLogisticsShippingMarks/Marking[1]")
    assert place < next(index for index, line in enumerate(lines) if "@languageID" in line)
    assert lines[-1] == f"not carried by v1: {sum('not carried:' in line for line in lines)}"


def test_what_is_carried_whole_is_said(ecites: Run) -> None:
    """Without losses, the last line says that nothing is missing."""
    _, _, err = ecites("permit", "convert", PARROTS, "--to", "v3")
    assert err.splitlines()[-1] == "everything that v2 says is carried by v3"


def test_the_original_is_kept_beside_the_conversion(tmp_path: Path, ecites: Run) -> None:
    """OUT is the conversion, OUT.original.xml has the original bytes, and FILE is untouched."""
    file, target = tmp_path / "permit.xml", tmp_path / "new.xml"
    file.write_bytes(PARROTS.read_bytes())
    code, out, err = ecites("permit", "convert", file, "--to", "v1", "--out", target)
    assert (code, err) == (0, "")
    assert f"v2 -> v1: {target}" in out
    assert schema.check("v1", parse(target.read_bytes()).root) == ()
    assert (tmp_path / "new.xml.original.xml").read_bytes() == PARROTS.read_bytes() == file.read_bytes()


@pytest.mark.parametrize("taken", ["new.xml", "new.xml.original.xml"])
def test_another_file_is_not_overwritten(taken: str, tmp_path: Path, ecites: Run) -> None:
    """A file that is there and holds something else stops the command before anything is written."""
    (tmp_path / taken).write_bytes(b"mine")
    code, _, err = ecites("permit", "convert", PARROTS, "--to", "v1", "--out", tmp_path / "new.xml")
    assert code == 2
    assert taken in err.replace("\n", "")
    assert [path.name for path in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_bytes() == b"mine"


def test_the_file_itself_is_never_the_target(tmp_path: Path, ecites: Run) -> None:
    """--out with the name of FILE would replace the original, and is refused."""
    file = tmp_path / "permit.xml"
    file.write_bytes(PARROTS.read_bytes())
    code, _, _ = ecites("permit", "convert", file, "--to", "v1", "--out", file)
    assert code == 2
    assert file.read_bytes() == PARROTS.read_bytes()


def test_doing_it_twice_is_no_error(tmp_path: Path, ecites: Run) -> None:
    """The same conversion into the same file changes nothing and ends well."""
    arguments = ("permit", "convert", PARROTS, "--to", "v3", "--out", tmp_path / "new.xml")
    assert [ecites(*arguments)[0] for _ in range(2)] == [0, 0]


def test_a_folder_that_is_not_there(tmp_path: Path, ecites: Run) -> None:
    """A place that cannot be written to is a usage error with the reason."""
    code, _, err = ecites("permit", "convert", PARROTS, "--to", "v1", "--out", tmp_path / "no" / "new.xml")
    assert code == 2
    assert "cannot be written" in err.replace("\n", " ")


def test_json(tmp_path: Path, ecites: Run) -> None:
    """The JSON names files, digests, losses and moves."""
    code, out, _ = ecites("permit", "convert", PARROTS, "--to", "v1", "--out", tmp_path / "new.xml", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer.keys() == {
        "out", "original", "from", "to", "sealed", "sha256", "original_sha256", "losses", "moves", "tolerated"
    }  # fmt: skip
    assert (answer["from"], answer["to"], answer["sealed"]) == ("v2", "v1", False)
    assert {"Marking", "@languageID"} <= {loss["what"] for loss in answer["losses"]}


def test_json_needs_a_file(ecites: Run) -> None:
    """Document and JSON would both go to standard output."""
    code, _, err = ecites("permit", "convert", PARROTS, "--to", "v1", "--json")
    assert code == 2
    assert "--out" in err


def test_the_seal_stays_with_the_original(tmp_path: Path, ecites: Run) -> None:
    """A conversion of a sealed document is unsigned, and that is said."""
    code, out, _ = ecites("permit", "convert", SEALED, "--to", "v3", "--out", tmp_path / "new.xml")
    assert code == 0
    assert "the seal does not cover the conversion" in out
    assert b"Signature>" not in (tmp_path / "new.xml").read_bytes()
    assert b"Signature>" in (tmp_path / "new.xml.original.xml").read_bytes()
    _, out, _ = ecites("permit", "convert", PARROTS, "--to", "v3", "--out", tmp_path / "other.xml")
    assert "the seal does not cover" not in out


@pytest.mark.parametrize(
    "data",
    [
        (PERMITS / "broken" / "schema-bad-decimal.xml").read_bytes(),
        (PERMITS / "broken" / "no-namespace.xml").read_bytes(),
        b"<unknown/>",
        b"not xml",
        b"",
        b" " * (MAX_BYTES + 10),
    ],
    ids=["decimal", "namespace", "root", "text", "empty", "large"],
)
def test_a_bad_document_is_refused(data: bytes, tmp_path: Path, ecites: Run) -> None:
    """What does not fit its schema ends with 1 and its findings, and nothing is written."""
    bad, target = tmp_path / "bad.xml", tmp_path / "new.xml"
    bad.write_bytes(data)
    code, out, _ = ecites("permit", "convert", bad, "--to", "v1", "--out", target, "--json")
    answer = json.loads(out)
    assert (code, answer["verdict"]) == (1, "FAILED")
    assert answer["findings"]
    assert not target.exists()


def test_a_converted_permit_is_a_permit(tmp_path: Path, ecites: Run) -> None:
    """There and back: the last document is checked like any other."""
    ecites("permit", "convert", PARROTS, "--to", "v1", "--out", tmp_path / "v1.xml")
    ecites("permit", "convert", tmp_path / "v1.xml", "--to", "v2", "--out", tmp_path / "v2.xml")
    code, _, _ = ecites("permit", "convert", tmp_path / "v2.xml", "--to", "v3")
    assert code == 0


def test_a_value_cannot_break_the_list(tmp_path: Path, ecites: Run) -> None:
    """Line breaks and control characters of a document do not reach the terminal."""
    file = tmp_path / "permit.xml"
    file.write_bytes(PARROTS.read_bytes().replace(b"Ring CH 1234 A", "Ring\n\u009b31m A".encode()))
    _, _, err = ecites("permit", "convert", file, "--to", "v1")
    assert "  not carried: Marking 'Ring\ufffd\ufffd31m A': v1 has no element for it" in err.splitlines()


def test_what_a_real_sender_wrote_is_converted_tolerantly(tmp_path: Path, ecites: Run) -> None:
    """The tolerant profile converts an answer of a hub, lists each tolerance, and keeps the original."""
    sender = PERMITS / "senders" / "hub-answer-v1.xml"
    assert ecites("permit", "convert", sender, "--to", "v2")[0] == 1
    out = tmp_path / "v2.xml"
    code, printed, _ = ecites(
        "permit", "convert", sender, "--to", "v2", "--profile", "tolerant", "--out", out, "--json"
    )
    assert code == 0
    assert schema.check("v2", parse(out.read_bytes()).root) == ()
    assert "tolerated.soap-body" in {each["rule"] for each in json.loads(printed)["tolerated"]}
    assert (tmp_path / "v2.xml.original.xml").read_bytes() == sender.read_bytes()
