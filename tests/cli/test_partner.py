"""`ecites partner`: directories are written, checked and imported between two working folders."""

import io
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from cli.conftest import Run

from gateway import clock
from gateway.cli.doctor_keys import check_expiry
from gateway.config import load
from gateway.loading.directories import load_directories
from gateway.loading.keys import load_keyring
from gateway.loading.known import load_known

SWISS = '\n[directories]\nid = "ch"\nurl = "https://ch.invalid/x"\ntrusted = ["hub.pem"]\n'
FRENCH = '\n[directories]\nid = "fr"\nurl = "https://fr.invalid/x"\npublisher = "hub"\n'


@pytest.fixture
def swiss(tmp_path: Path, ecites: Run) -> Path:
    """The configuration of Switzerland, which believes the directories of France's gateway."""
    return make(tmp_path, ecites, "ch", SWISS)


@pytest.fixture
def french(tmp_path: Path, swiss: Path, ecites: Run) -> Path:
    """The configuration of France, which publishes."""
    config = make(tmp_path, ecites, "fr", FRENCH)
    shutil.copy(config.parent / "public" / "gateway.crt.pem", swiss.parent / "hub.pem")
    return config


@pytest.fixture
def published(tmp_path: Path, french: Path, ecites: Run) -> Path:
    """The first edition of France's directory."""
    return export(tmp_path, french, ecites, 1)


def make(tmp_path: Path, ecites: Run, party: str, more: str) -> Path:
    """A working folder with a table [directories]."""
    names = ("--authority", f"{party.upper()}:MA", "--authority", f"{party.upper()}:CUSTOMS")
    assert ecites("init", tmp_path / party, *names)[0] == 0
    config = tmp_path / party / "ecites.toml"
    with config.open("a", encoding="utf-8") as file:
        file.write(more)
    return config


def export(tmp_path: Path, config: Path, ecites: Run, serial: int) -> Path:
    """An edition with that serial."""
    file = tmp_path / f"directory-{serial}.xml"
    code, _, err = ecites("partner", "export", file, "--serial", serial, "--config", config)
    assert (code, err) == (0, "")
    return file


def take(ecites: Run, file: Path, config: Path, *more: str) -> tuple[int, str, str]:
    """Import without being asked."""
    return ecites(
        "partner", "import", file, "--config", config, "--reason", "agreed by telephone", "--yes", *more
    )


def paste(french: Path, swiss: Path) -> None:
    """Write the table of France into the configuration of Switzerland by hand."""
    shutil.copytree(french.parent / "public", swiss.parent / "partners" / "fr")
    table = (french.parent / "public" / "fr.partner.toml").read_text(encoding="utf-8")
    with swiss.open("a", encoding="utf-8") as file:
        file.write(table.replace('certificates = ["', 'certificates = ["partners/fr/'))


def test_a_directory_travels(swiss: Path, published: Path, ecites: Run) -> None:
    """Exported there, checked and imported here: the partner is known, and the log says who and why."""
    code, out, _ = ecites("partner", "check", published, "--config", swiss)
    assert code == 0
    assert "directory of hub, serial 1" in out
    assert "change: added fr" in out
    assert not (swiss.parent / "partners.d").exists()
    code, out, err = take(ecites, published, swiss, "--as", "Anna")
    assert code == 0, err
    assert (swiss.parent / "partners.d" / "hub.xml").read_bytes() == published.read_bytes()
    listed = json.loads(ecites("partner", "list", "--config", swiss, "--json")[1])["partners"]
    assert [(each["id"], each["source"], each["url"]) for each in listed] == [
        ("fr", "hub", "https://fr.invalid/x")
    ]
    assert "FR:CUSTOMS" in ecites("partner", "show", "fr", "--config", swiss)[1]
    entries = json.loads(ecites("log", "search", "--config", swiss, "--json")[1])["entries"]
    assert [(e["kind"], e["actor"], e["outcome"]) for e in entries] == [
        ("changed", "Anna", "directory-imported")
    ]
    assert entries[0]["detail"].startswith("agreed by telephone; directory of hub, serial 1: added fr")


def test_a_gateway_knows_what_was_imported(swiss: Path, published: Path, ecites: Run) -> None:
    """What `serve` starts with has the partner and its certificates."""
    assert take(ecites, published, swiss)[0] == 0
    settings = load(swiss)
    known = load_known(settings, load_keyring(settings, clock.now()), load_directories(settings))
    assert set(known.directory.partners) == {"fr"}
    assert len(known.trust.of("fr")) == len(known.trust.of("FR:MA")) == 1
    ends = " ".join(each.message for each in check_expiry(settings, clock.now() + timedelta(days=360)))
    assert "FR:MA" in ends, "the doctor warns of certificates in directories"
    before = load_known(settings, load_keyring(settings, clock.now()), ())
    assert not before.trust.of("fr"), "what a gateway did not start with it does not come to trust"


def test_only_a_newer_edition_replaces_one(tmp_path: Path, swiss: Path, french: Path, ecites: Run) -> None:
    """The same serial and an older one are refused, whoever has the file; a newer one is taken."""
    assert take(ecites, export(tmp_path, french, ecites, 5), swiss)[0] == 0
    for serial in (4, 5):
        code, _, err = take(ecites, export(tmp_path, french, ecites, serial), swiss)
        assert code == 1
        assert f"has serial {serial}, and the one that is here has 5" in err
    code, out, _ = take(ecites, export(tmp_path, french, ecites, 6), swiss)
    assert code == 0
    assert "no partner changes" in out


def test_a_stranger_is_refused(
    tmp_path: Path, swiss: Path, french: Path, published: Path, ecites: Run
) -> None:
    """A directory signed by somebody who is not trusted is not imported, and the log is left alone."""
    shutil.copy(swiss.parent / "public" / "gateway.crt.pem", swiss.parent / "hub.pem")
    code, _, err = take(ecites, published, swiss)
    assert code == 1
    assert "the signer is not registered here" in err
    assert not (swiss.parent / "partners.d").exists()
    assert json.loads(ecites("log", "search", "--config", swiss, "--json")[1])["entries"] == []


def test_trust_can_be_named_for_a_check(swiss: Path, french: Path, published: Path, ecites: Run) -> None:
    """--trust answers whether the directory would be good if its publisher were trusted."""
    certificate = french.parent / "public" / "gateway.crt.pem"
    shutil.copy(swiss.parent / "public" / "gateway.crt.pem", swiss.parent / "hub.pem")
    code, out, _ = ecites("partner", "check", published, "--trust", certificate, "--config", swiss, "--json")
    assert (code, json.loads(out)["changes"]) == (0, ["added fr"])


def test_what_is_configured_is_not_replaced(swiss: Path, french: Path, published: Path, ecites: Run) -> None:
    """A partner of ecites.toml stays the operator's own."""
    paste(french, swiss)
    code, _, err = take(ecites, published, swiss)
    assert code == 1
    assert "lists fr, which stands in the configuration already" in err


def test_no_is_no(swiss: Path, published: Path, ecites: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --yes the operator is asked, and nothing happens when the answer is no."""
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    code, out, err = ecites("partner", "import", published, "--config", swiss, "--reason", "why")
    assert "Take it over?" in out
    assert (code, "Aborted" in err) == (1, True), err
    assert not (swiss.parent / "partners.d").exists()


def test_without_a_trusted_publisher_no_directory_is_believed(
    swiss: Path, published: Path, ecites: Run
) -> None:
    """The operator is told what to name, and what to compare first."""
    text = swiss.read_text(encoding="utf-8")
    swiss.write_text(text.replace('trusted = ["hub.pem"]', ""), encoding="utf-8")
    code, _, err = take(ecites, published, swiss)
    assert code == 3
    assert "no publisher is trusted" in err
    assert "fingerprint by telephone" in err


def test_two_publishers_do_not_list_the_same_partner(
    tmp_path: Path, swiss: Path, french: Path, published: Path, ecites: Run
) -> None:
    """Who is registered by one directory is not replaced by another one."""
    assert take(ecites, published, swiss)[0] == 0
    text = french.read_text(encoding="utf-8")
    french.write_text(text.replace('publisher = "hub"', 'publisher = "other"'), encoding="utf-8")
    code, _, err = take(ecites, export(tmp_path, french, ecites, 9), swiss)
    assert code == 1
    assert "lists fr, which stands in the directory of hub already" in err


def test_serve_refuses_a_partner_that_is_registered_twice(
    swiss: Path, french: Path, published: Path, ecites: Run
) -> None:
    """Also when the table of the configuration was written after the directory was imported."""
    assert take(ecites, published, swiss)[0] == 0
    paste(french, swiss)
    code, _, err = ecites("serve", "--config", swiss)
    assert code == 3
    assert "lists fr, which stands in the configuration already" in err


@pytest.mark.parametrize("how", ["cut", "untrusted"])
def test_serve_refuses_a_broken_directory(how: str, swiss: Path, published: Path, ecites: Run) -> None:
    """A file that is not what was imported, or whose publisher is not trusted any more, is named."""
    assert take(ecites, published, swiss)[0] == 0
    file = swiss.parent / "partners.d" / "hub.xml"
    if how == "cut":
        file.write_bytes(file.read_bytes()[:500])
    else:
        shutil.copy(swiss.parent / "public" / "gateway.crt.pem", swiss.parent / "hub.pem")
    code, out, _ = ecites("doctor", "--config", swiss)
    assert code != 0
    assert "hub.xml: " in out, "the doctor says before the start what the start would say"
    code, _, err = ecites("serve", "--config", swiss)
    assert code == 3
    assert "hub.xml: " in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--reason", " "), "why you do it"),
        (("--reason", "x", "--as", "a" * 65), "at most 64"),
        (("--reason", "x", "--json"), "add --yes"),
    ],
)
def test_who_and_why_are_needed(
    arguments: tuple[str, ...], says: str, swiss: Path, published: Path, ecites: Run
) -> None:
    """An import without a reason, or by a name that the log cannot hold, is a usage error."""
    code, _, err = ecites("partner", "import", published, "--config", swiss, *arguments)
    assert code == 2
    assert says in " ".join(err.replace("│", " ").split())


def test_export_needs_to_know_who_we_are(tmp_path: Path, ecites: Run) -> None:
    """Without [directories] nobody could be told where this gateway is."""
    config = make(tmp_path, ecites, "de", "")
    code, _, err = ecites("partner", "export", tmp_path / "x.xml", "--config", config)
    assert code == 3
    assert "write id and url into [directories]" in err


def test_an_unknown_partner_is_a_usage_error(swiss: Path, french: Path, ecites: Run) -> None:
    """Show names the partners that there are."""
    code, _, err = ecites("partner", "show", "xx", "--config", swiss)
    assert code == 2
    assert "there is no partner 'xx'" in err
