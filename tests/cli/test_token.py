"""`ecites token`: made narrow, listed without showing any, withdrawn with a reason."""

import json
from pathlib import Path

import pytest
from cli.conftest import Run

from gateway.storage.tokens import token_hash


@pytest.fixture
def config(tmp_path: Path, ecites: Run) -> Path:
    """The configuration of a fresh folder of Switzerland."""
    assert ecites("init", tmp_path / "ch", "--authority", "CH:MA", "--authority", "CH:CUSTOMS")[0] == 0
    return tmp_path / "ch" / "ecites.toml"


def made(config: Path, ecites: Run, *words: str) -> dict[str, object]:
    """A new token of Swiss customs."""
    code, out, _ = ecites("token", "new", "--authority", "CH:CUSTOMS", *words, "--config", config, "--json")
    assert code == 0
    return dict(json.loads(out))


def listed(config: Path, ecites: Run) -> dict[str, dict[str, object]]:
    """All tokens by their hash."""
    code, out, _ = ecites("token", "list", "--config", config, "--json")
    assert code == 0
    return {each["hash"]: each for each in json.loads(out)["tokens"]}


def test_a_narrow_token_that_expires(config: Path, ecites: Run) -> None:
    """Scopes and days come back in the list; the token does not."""
    narrow = made(config, ecites, "--scope", "inbox:read", "--scope", "permits:check", "--expires", "30")
    assert narrow["scopes"] == ["inbox:read", "permits:check"]
    kept = listed(config, ecites)[token_hash(str(narrow["token"]))]
    assert (kept["scopes"], kept["expires_at"]) == (narrow["scopes"], narrow["expires_at"])
    assert kept["last_used_on"] is None
    _, out, _ = ecites("token", "list", "--config", config)
    assert str(narrow["token"]) not in out
    assert "inbox:read permits:check" in out
    assert str(narrow["expires_at"])[:10] in out
    assert "all of its role" in out


def test_without_scopes_it_may_do_all_of_its_role(config: Path, ecites: Run) -> None:
    """And no more."""
    assert made(config, ecites)["scopes"] == [
        "endorsements:write",
        "events:read",
        "inbox:acknowledge",
        "inbox:read",
        "ledger:read",
        "permits:check",
        "permits:read",
        "receipts:read",
        "status:write",
    ]


@pytest.mark.parametrize("scope", ["permits:submit", "nonsense"])
def test_a_scope_that_the_role_does_not_have_is_refused(scope: str, config: Path, ecites: Run) -> None:
    """The sentence says which there are; nothing is made."""
    before = listed(config, ecites)
    code, _, err = ecites("token", "new", "--authority", "CH:CUSTOMS", "--scope", scope, "--config", config)
    assert code == 2
    assert "permits:check" in err
    assert listed(config, ecites) == before


def test_a_partners_token_takes_no_scopes(config: Path, ecites: Run) -> None:
    """It opens the mailbox and nothing else."""
    code, _, err = ecites("token", "new", "--partner", "fr", "--scope", "inbox:read", "--config", config)
    assert code == 2
    assert "mailbox" in err


def test_a_token_is_withdrawn_with_a_reason(config: Path, ecites: Run) -> None:
    """It alone is gone, and the message log says who did it and why."""
    hashed = token_hash(str(made(config, ecites)["token"]))
    before = listed(config, ecites)
    words = ("token", "revoke", hashed[:12], "--reason", "lost on a train", "--as", "Ana")
    code, out, _ = ecites(*words, "--yes", "--config", config)
    assert code == 0
    assert "CH:CUSTOMS" in out
    assert set(before) - set(listed(config, ecites)) == {hashed}
    _, out, _ = ecites("log", "search", "--config", config, "--json")
    (entry,) = [each for each in json.loads(out)["entries"] if each["outcome"] == "token-revoked"]
    assert (entry["actor"], entry["authority"]) == ("Ana", "CH:CUSTOMS")
    assert "lost on a train" in entry["detail"]


@pytest.mark.parametrize("beginning", ["", "0123456", "0123456789ab"])
def test_what_names_no_token_withdraws_none(beginning: str, config: Path, ecites: Run) -> None:
    """Too short, or of no token."""
    before = listed(config, ecites)
    code, _, err = ecites("token", "revoke", beginning, "--reason", "x", "--yes", "--config", config)
    assert code == 2
    assert "ecites token list" in err
    assert listed(config, ecites) == before


def test_a_beginning_too_short_is_refused_also_when_one_token_has_it(config: Path, ecites: Run) -> None:
    """Seven characters are one too few."""
    hashed = token_hash(str(made(config, ecites)["token"]))
    words = ("--reason", "x", "--yes", "--config", config)
    assert ecites("token", "revoke", hashed[:7], *words)[0] == 2
    assert ecites("token", "revoke", hashed[:8], *words)[0] == 0
