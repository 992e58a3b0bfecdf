"""`ecites user`: people are let in, looked at, and sent away from the command line."""

import json
import re
from pathlib import Path

import pytest
from cli.conftest import Run


@pytest.fixture
def config(tmp_path: Path, ecites: Run) -> Path:
    """The configuration of a fresh folder of Switzerland, with passwords that cost nothing."""
    assert ecites("init", tmp_path / "ch", "--authority", "CH:MA", "--authority", "CH:CUSTOMS")[0] == 0
    file = tmp_path / "ch" / "ecites.toml"
    cheap = "\n[people.password]\nmemory_kib = 64\npasses = 1\nlanes = 1\n"
    file.write_text(file.read_text(encoding="utf-8") + cheap, encoding="utf-8")
    return file


def user(config: Path, ecites: Run, *words: object) -> dict[str, object]:
    """One command that works, as JSON."""
    code, out, err = ecites("user", *words, "--config", config, "--json")
    assert code == 0, err
    return dict(json.loads(out))


def entries(config: Path, ecites: Run) -> list[tuple[str, str, str]]:
    """Outcome, actor and detail of each change in the log, oldest first."""
    _, out, _ = ecites("log", "search", "--kind", "changed", "--config", config, "--json")
    return [(e["outcome"], e["actor"], e["detail"]) for e in reversed(json.loads(out)["entries"])]


ADA = ("Ada", "--post", "ma-officer", "--authority", "CH:MA", "--reason", "new colleague", "--as", "Boss")


def test_somebody_is_let_in_and_listed(config: Path, ecites: Run) -> None:
    """The first password is shown this once; the log says who let them in, as what and why."""
    made = user(config, ecites, "add", *ADA)
    assert re.fullmatch(r"(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}", str(made["first_password"]))
    assert (made["authorities"], made["state"]) == (["CH:MA"], "no second factor yet")
    (listed,) = user(config, ecites, "list")["users"]
    assert listed == {key: value for key, value in made.items() if key != "first_password"}
    code, out, _ = ecites("user", "list", "--config", config)
    assert (code, "Ada" in out, str(made["first_password"]) in out) == (0, True, False)
    assert entries(config, ecites) == [("person-added", "Boss", "Ada, ma-officer, sees CH:MA: new colleague")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Ada", "--post", "ma-officer", "--reason", "x"), "an officer works for an authority"),
        (("Ada", "--post", "auditor", "--authority", "DE:MA", "--reason", "x"), "does not live here"),
        (("Ada", "--post", "auditor", "--authority", "nonsense", "--reason", "x"), "nonsense"),
        (("stranger", "--post", "auditor", "--reason", "x"), "a name has from 1 to 64"),
        (("Ada", "--post", "king", "--reason", "x"), "king"),
        (("Ada", "--post", "auditor", "--reason", " "), "say in one line why"),
    ],
)
def test_an_account_that_cannot_be(words: tuple[str, ...], said: str, config: Path, ecites: Run) -> None:
    """A usage error that says why; nothing is kept."""
    code, _, err = ecites("user", "add", *words, "--config", config)
    assert code == 2
    assert said in " ".join(err.replace("│", " ").split())
    assert user(config, ecites, "list")["users"] == []


def test_accounts_are_closed_opened_and_sent_away(config: Path, ecites: Run) -> None:
    """Each act with its author and reason; an unknown name is a usage error."""
    user(config, ecites, "add", *ADA)
    why = ("--reason", "left", "--as", "Boss")
    assert user(config, ecites, "disable", "ada", *why)["state"] == "disabled"
    assert user(config, ecites, "enable", "Ada", *why)["state"] == "no second factor yet"
    assert user(config, ecites, "second-factor", "reset", "Ada", *why, "--yes")["second_factor_at"] is None
    assert user(config, ecites, "sessions", "revoke", "Ada", *why)["name"] == "Ada"
    assert user(config, ecites, "show", "Ada")["sessions"] == []
    assert [each[0] for each in entries(config, ecites)] == [
        "person-added",
        "person-disabled",
        "person-enabled",
        "second-factor-reset",
        "sessions-ended",
    ]
    assert {each[1] for each in entries(config, ecites)} == {"Boss"}
    for words in (("disable", "Eve", *why), ("show", "Eve"), ("password", "Eve", "--generate", *why)):
        code, _, err = ecites("user", *words, "--config", config)
        assert code == 2
        assert "there is no such person" in " ".join(err.replace("│", " ").split())


def test_a_password_comes_from_a_file_or_is_made(tmp_path: Path, config: Path, ecites: Run) -> None:
    """Never from an argument; one that nobody may have is refused; what was given is not shown."""
    made = user(config, ecites, "add", *ADA)
    file = tmp_path / "password"
    words = ("password", "Ada", "--reason", "forgotten")
    file.write_text("short\n", encoding="utf-8")
    code, _, err = ecites("user", *words, "--file", file, "--config", config)
    assert (code, "5 characters" in err) == (2, True)
    file.write_text("five words that are unrelated\n", encoding="utf-8")
    assert user(config, ecites, *words, "--file", file)["first_password"] is None
    again = user(config, ecites, *words, "--generate")
    assert again["first_password"] not in (None, made["first_password"])
    assert ecites("user", *words, "--config", config)[0] == 2
    assert ecites("user", *words, "--generate", "--file", file, "--config", config)[0] == 2
    file.write_text("\n", encoding="utf-8")
    assert ecites("user", *words, "--file", file, "--config", config)[0] == 3


def test_the_last_administrator_cannot_be_closed(config: Path, ecites: Run) -> None:
    """Otherwise nobody could let anybody in."""
    user(config, ecites, "add", "Boss", "--post", "administrator", "--reason", "first")
    code, _, err = ecites("user", "disable", "Boss", "--reason", "x", "--config", config)
    assert code == 1
    assert "last administrator" in err
