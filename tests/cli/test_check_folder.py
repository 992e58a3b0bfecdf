"""`ecites permit check FOLDER`."""

import csv
import json
import os
from pathlib import Path

import pytest
from cli.conftest import ROOT, Run
from support.killing import Unpicklable, killing

from gateway.cli.checking import workers
from gateway.cli.checking.question import question
from gateway.cli.checking.workers import Workers, walk
from gateway.codec.profile import Profile
from gateway.errors import InternalError

PERMITS = ROOT / "fixtures" / "permits"
AT = ("--at", "2026-11-23T12:00:00Z")
GOOD = (PERMITS / "ch-export-reptile-leather.xml").read_bytes()
BAD = (PERMITS / "broken" / "zero-quantity.xml").read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good permits, two bad ones, rubbish, a file that is not asked for."""
    inner = tmp_path / "permits" / "more"
    inner.mkdir(parents=True)
    for name, data in {
        "a.xml": GOOD,
        "more/b.XML": GOOD,
        "c.xml": BAD,
        "more/d.xml": BAD,
        "e.xml": b"rubbish",
        "f.txt": b"",
    }.items():
        (tmp_path / "permits" / name).write_bytes(data)
    return tmp_path / "permits"


def test_the_summary_counts_by_rule(folder: Path, ecites: Run) -> None:
    """Every file is counted once, every rule with the number of its documents."""
    code, out, err = ecites("permit", "check", folder, "--json", *AT)
    answer = json.loads(out)
    assert (code, err) == (1, "")
    assert (answer["files"], answer["accepted"], answer["refused"]) == (5, 2, 3)
    rules = {row["rule"]: row["documents"] for row in answer["rules"]}
    assert rules == {"lines.quantity-not-positive": 2, "document.not-xml": 1}


def test_good_files_end_with_zero(tmp_path: Path, ecites: Run) -> None:
    """A folder without an error is good, and so is an empty one."""
    assert ecites("permit", "check", tmp_path, *AT)[0] == 0
    (tmp_path / "a.xml").write_bytes(GOOD)
    code, out, _ = ecites("permit", "check", tmp_path, *AT)
    assert code == 0
    assert "1 files, 1 accepted, 0 refused" in out


def test_findings_as_csv(folder: Path, tmp_path: Path, ecites: Run) -> None:
    """One row for each finding, one for each document without any; a formula stays text."""
    (folder / "g.xml").write_bytes(BAD.replace(b"CH-2026-000123", b"=cmd|' /C calc'!A0"))
    out = tmp_path / "findings.csv"
    assert ecites("permit", "check", folder, "--out", out, *AT)[0] == 1
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["file"] for row in rows}) == 6
    assert sorted(row["rule"] for row in rows)[:2] == ["", ""]
    assert {row["number"] for row in rows if row["number"].endswith("A0")} == {"'=cmd|' /C calc'!A0"}
    assert all(row["line"] for row in rows if row["rule"] == "lines.quantity-not-positive")


def test_findings_as_json_lines(folder: Path, tmp_path: Path, ecites: Run) -> None:
    """One object for each document, in the asked language."""
    out = tmp_path / "findings.jsonl"
    ecites("permit", "check", folder, "--out", out, "--language", "fr", *AT)
    objects = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(objects) == 5
    assert {each["verdict"] for each in objects} == {"PASSED", "FAILED"}


def test_a_file_that_cannot_be_read_stops_nothing(folder: Path, ecites: Run, monkeypatch) -> None:
    """A link that leads nowhere is a finding, a pipe is left out, and the rest goes on."""
    (folder / "gone.xml").symlink_to(folder / "nowhere.xml")
    os.mkfifo(folder / "pipe.xml")
    _, out, _ = ecites("permit", "check", folder, "--json", *AT)
    answer = json.loads(out)
    assert answer["files"] == 6
    assert {row["rule"]: row["documents"] for row in answer["rules"]}["document.unreadable"] == 1


def test_a_file_that_ends_its_process_stops_nothing(folder: Path) -> None:
    """The processes are started again, the file is named, and every other file has its report."""
    (folder / "killer.xml").write_bytes(GOOD)
    asked = question(at=None, profile=Profile.STRICT, counterparts=None, used=None, species=None, config=None)
    with Workers(asked, 2, examine_file=killing) as pool:
        results = {Path(e.name).name: e for e in pool.examine(walk(folder, "*.xml"))}
    assert set(results) == {"a.xml", "b.XML", "c.xml", "d.xml", "e.xml", "killer.xml"}
    assert results["killer.xml"].report.errors[0].rule == "document.unreadable"
    assert results["a.xml"].report.accepted or results["a.xml"].report.errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--html", "x.html"), "--html"),
        (("--out", "x.xlsx"), "must end in .csv or .jsonl"),
        (("--profile", "lenient"), "lenient"),
    ],
)
def test_wrong_options(arguments: tuple[str, ...], words: str, folder: Path, ecites: Run) -> None:
    """Options that do not go together end with 2 and a sentence."""
    code, _, err = ecites("permit", "check", folder, *arguments)
    assert code == 2
    assert words in err.replace("\n", " ")


def test_a_large_folder_needs_a_bounded_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more files are under way than the window holds, however many there are."""
    for number in range(40):
        (tmp_path / f"{number}.xml").write_bytes(b"")
    asked = question(at=None, profile=Profile.STRICT, counterparts=None, used=None, species=None, config=None)
    most = 0
    with Workers(asked, 1) as pool:
        submit = pool._pool.submit

        def counting(*arguments):
            nonlocal most
            future = submit(*arguments)
            under_way.add(future)
            most = max(most, len(under_way))
            return future

        under_way: set[object] = set()
        monkeypatch.setattr(pool._pool, "submit", counting)
        for _ in pool.examine(walk(tmp_path, "*.xml"), batch=2):
            under_way = {future for future in under_way if not future.done()}
    assert most <= workers.WINDOW


def test_processes_that_do_not_start_are_our_fault(tmp_path: Path) -> None:
    """No file is blamed when the processes cannot even begin."""
    (tmp_path / "a.xml").write_bytes(GOOD)
    with pytest.raises(InternalError, match="do not start"):
        Workers(Unpicklable(), 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("files", "batch"), [(0, 1), (1, 1), (11, 1), (12, 2), (191, 31), (192, 32), (10**6, 32)]
)
def test_few_files_are_dealt_out_to_all_processes(files: int, batch: int) -> None:
    """Batches are large only when there are files enough for every process."""
    assert workers.batch_for(files, 2) == batch
