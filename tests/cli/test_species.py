"""`ecites species`: import, show, info."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli.conftest import ROOT, Run

SAMPLE = ROOT / "fixtures" / "species"
DATED = ("--dated", "2026-11-24")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and the moment in which the sample was made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ECITES_CONFIG", raising=False)
    monkeypatch.delenv("ECITES_SPECIES", raising=False)
    monkeypatch.setattr("gateway.clock.now", lambda: datetime(2026, 11, 24, 12, tzinfo=UTC))
    return tmp_path


def test_import_makes_the_sample(here: Path, ecites: Run) -> None:
    """The command makes the committed file of the committed source, and says what it took."""
    code, out, _ = ecites("species", "import", SAMPLE / "sample.csv", *DATED)
    assert code == 0
    assert (here / "species.json").read_bytes() == (SAMPLE / "sample.json").read_bytes()
    assert out.startswith("species.json: 86 taxa (62 animals, 24 plants), 32 synonyms\n")
    assert "dated 2026-11-24" in out
    assert "rows left out: 0" in out
    assert [each.name for each in here.iterdir()] == ["species.json"]


def test_import_as_json(here: Path, ecites: Run) -> None:
    """One object: the file, where it comes from, what is in it, what was left out."""
    code, out, _ = ecites("species", "import", SAMPLE / "sample.csv", *DATED, "--out", "my.json", "--json")
    answer = json.loads(out)
    assert (code, answer["file"], answer["origin"], answer["dated"]) == (
        0,
        "my.json",
        "sample.csv",
        "2026-11-24",
    )
    assert answer["imported_at"] == "2026-11-24T12:00:00+00:00"
    assert answer["counts"] == {
        "taxa": 86, "animals": 62, "plants": 24, "synonyms": 32, "with_range": 52, "without_listing": 0,
        "left_out": 0,
    }  # fmt: skip
    assert answer["left_out"] == []


def test_the_date_may_stand_in_the_name_of_the_file(here: Path, ecites: Run) -> None:
    """The site that makes the export puts the day into its name."""
    file = here / "Index_of_CITES_Species_2025-11-26 16_41.csv"
    shutil.copy(SAMPLE / "sample.csv", file)
    assert json.loads(ecites("species", "import", file, "--json")[1])["dated"] == "2025-11-26"
    assert json.loads(ecites("species", "import", file, *DATED, "--json")[1])["dated"] == "2026-11-24"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "the name sample.csv has no date"),
        (("--dated", "yesterday"), "'yesterday' is not a day"),
        (("--dated", "2026-02-30"), "'2026-02-30' is not a day"),
        (("--dated", "2026-11-25"), "2026-11-25 has not come yet"),
    ],
)
def test_a_day_is_needed(options: tuple[str, ...], words: str, here: Path, ecites: Run) -> None:
    """Findings tell the date of the data: without a day that has come, nothing is imported."""
    code, _, err = ecites("species", "import", SAMPLE / "sample.csv", *options)
    assert code == 2
    assert words in err
    assert not list(here.iterdir())


def test_the_list_goes_beside_the_configuration(here: Path, ecites: Run) -> None:
    """A working folder keeps its list with its settings; the other commands look there too."""
    node = here / "node"
    node.mkdir()
    (node / "ecites.toml").write_text("")
    config = ("--config", node / "ecites.toml")
    assert ecites("species", "import", SAMPLE / "sample.csv", *DATED, *config)[0] == 0
    assert (node / "species.json").exists()
    assert ecites("species", "info", *config)[0] == 0
    assert ecites("species", "info")[0] == 3


def test_rows_left_out_are_told(here: Path, ecites: Run) -> None:
    """By line, with the reason; the text stops after twenty, the JSON does not."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    rows = [f"Animalia,Aus {first}{second}us,II" for first in letters for second in letters[:20]]
    rows += [f"Animalia,Aus bus,V{number}" for number in range(21)]
    Path("index.csv").write_text("\n".join(("Kingdom,FullName,CurrentListing", *rows)))
    code, out, _ = ecites("species", "import", "index.csv", *DATED)
    assert code == 0
    assert "left out, line 522: CurrentListing is 'V0'" in out
    assert out.count("left out, line") == 20
    assert "and 1 more" in out
    answer = json.loads(ecites("species", "import", "index.csv", *DATED, "--json")[1])
    assert len(answer["left_out"]) == 21


def test_a_bad_file_leaves_the_list_as_it_is(here: Path, ecites: Run) -> None:
    """What cannot be read ends with 1 and a sentence, and changes nothing."""
    Path("species.json").write_bytes(b"the list of yesterday")
    Path("bad.csv").write_bytes(b"\xff\xfe")
    code, out, err = ecites("species", "import", "bad.csv", *DATED)
    assert (code, out) == (1, "")
    assert "bad.csv, line 1, column 1: the file is in UTF-16 [malformed_request]" in err
    assert "what to do: save it again as CSV in UTF-8" in err
    assert Path("species.json").read_bytes() == b"the list of yesterday"


def test_a_write_that_fails_leaves_the_list_as_it_is(
    here: Path, ecites: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: the old list stays whole, and no draft lies about."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    Path("species.json").write_bytes(b"the list of yesterday")
    monkeypatch.setattr("os.fsync", full)
    code, _, err = ecites("species", "import", SAMPLE / "sample.csv", *DATED)
    assert code == 3
    assert "species.json cannot be written: No space left on device" in err
    assert [each.name for each in here.iterdir()] == ["species.json"]
    assert Path("species.json").read_bytes() == b"the list of yesterday"


def test_a_folder_that_is_not_there(here: Path, ecites: Run) -> None:
    """A place that cannot be written is told."""
    code, _, err = ecites("species", "import", SAMPLE / "sample.csv", *DATED, "--out", "nosuch/species.json")
    assert code == 3
    assert "nosuch/species.json cannot be written" in err


@pytest.fixture
def imported(here: Path) -> None:
    """The sample in its usual place."""
    shutil.copy(SAMPLE / "sample.json", here / "species.json")


@pytest.mark.usefixtures("imported")
def test_show_a_name(ecites: Run) -> None:
    """Name, rank, listing, range and synonyms; words of a name need no quotes."""
    code, out, _ = ecites("species", "show", "Psittacus", "macao")
    assert code == 0
    for part in ("Ara macao (Linnaeus, 1758)", "synonym", "species", "BR", "Scarlet Macaw", "2026-11-24"):
        assert part in out


@pytest.mark.usefixtures("imported")
def test_show_as_json(ecites: Run) -> None:
    """The taxon with all that the list tells."""
    code, out, _ = ecites("species", "show", "Phalaenopsis amabilis", "--json")
    answer = json.loads(out)
    assert (code, answer["how"], answer["near"], answer["dated"]) == (0, "exact", [], "2026-11-24")
    (taxon,) = answer["taxa"]
    assert taxon["listing"] == "II"
    assert taxon["listed_as"] == "Phalaenopsis"
    assert taxon["synonyms"] == ["Epidendrum amabile"]
    assert taxon["range"] == ["AU", "BN", "ID", "MY", "PG", "PH"]


@pytest.mark.usefixtures("imported")
def test_show_a_near_miss(ecites: Run) -> None:
    """A name that the list does not have ends with 1 and says what may have been meant."""
    code, out, _ = ecites("species", "show", "Ara", "maco")
    assert code == 1
    assert "Ara maco: not in the species data of 2026-11-24; did you mean Ara macao?" in out
    code, out, _ = ecites("species", "show", "Ara maco", "--json")
    assert (code, json.loads(out)["near"]) == (1, ["Ara macao"])
    assert "did you mean" not in ecites("species", "show", "Nonsense", "nonsensica")[1]


def test_info(here: Path, ecites: Run) -> None:
    """Where the list comes from, and what is in it."""
    code, out, _ = ecites("species", "info", "--species", SAMPLE / "sample.json")
    assert code == 0
    assert "86 taxa" in out
    assert "dated 2026-11-24" in out
    answer = json.loads(ecites("species", "info", "--species", SAMPLE / "sample.json", "--json")[1])
    assert answer["counts"]["taxa"] == 86
    assert answer["imported_at"] == "2026-11-24T12:00:00+00:00"


@pytest.mark.parametrize("command", [("show", "Ara macao"), ("info",)])
def test_without_a_list(command: tuple[str, ...], here: Path, ecites: Run) -> None:
    """No list, or a broken one, is told with what to do."""
    code, _, err = ecites("species", *command)
    assert code == 3
    assert "species.json cannot be read: No such file or directory" in err
    assert "ecites species import" in err
    Path("species.json").write_text("{}")
    code, _, err = ecites("species", *command)
    assert (code, "is broken" in err) == (3, True)
