"""`ecites init`, `serve`, `db` and `log`: a working folder and what can be wrong with it."""

import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from cli.conftest import ROOT, Run

COMMANDS = [
    (),
    ("init",),
    ("serve",),
    ("doctor",),
    ("demo",),
    ("simulate",),
    ("permit",),
    ("permit", "check"),
    ("permit", "show"),
    ("permit", "convert"),
    ("permit", "sign"),
    ("permit", "verify"),
    ("qr",),
    ("qr", "make"),
    ("qr", "verify"),
    ("qr", "list"),
    ("qr", "list", "make"),
    ("qr", "list", "show"),
    ("rules",),
    ("rules", "list"),
    ("rules", "show"),
    ("codes",),
    ("codes", "list"),
    ("codes", "show"),
    ("codes", "diff"),
    ("species",),
    ("species", "import"),
    ("species", "show"),
    ("species", "info"),
    ("keys",),
    ("keys", "new"),
    ("keys", "csr"),
    ("keys", "import"),
    ("keys", "list"),
    ("keys", "roll"),
    ("keys", "retire"),
    ("delivery",),
    ("delivery", "list"),
    ("delivery", "show"),
    ("delivery", "retry"),
    ("delivery", "drop"),
    ("dead",),
    ("dead", "list"),
    ("dead", "requeue"),
    ("dead", "drop"),
    ("partner",),
    ("partner", "list"),
    ("partner", "show"),
    ("partner", "export"),
    ("partner", "check"),
    ("partner", "add"),
    ("partner", "test"),
    ("partner", "remove"),
    ("partner", "import"),
    ("evidence",),
    ("evidence", "export"),
    ("evidence", "verify"),
    ("webhook",),
    ("webhook", "new"),
    ("webhook", "list"),
    ("webhook", "test"),
    ("report",),
    ("report", "annual"),
    ("report", "reconciliation"),
    ("log",),
    ("log", "search"),
    ("log", "verify"),
    ("log", "checkpoint"),
    ("log", "prove"),
    ("log", "export"),
    ("db",),
    ("db", "upgrade"),
    ("token",),
    ("token", "new"),
    ("token", "list"),
    ("token", "revoke"),
    ("user",),
    ("user", "add"),
    ("user", "list"),
    ("user", "show"),
    ("user", "disable"),
    ("user", "enable"),
    ("user", "password"),
    ("user", "second-factor"),
    ("user", "second-factor", "reset"),
    ("user", "sessions"),
    ("user", "sessions", "revoke"),
    ("trust",),
    ("trust", "list"),
    ("trust", "agree"),
    ("trust", "refuse"),
]


@pytest.fixture
def folder(tmp_path: Path, ecites: Run) -> Path:
    """A fresh working folder of Switzerland."""
    place = tmp_path / "ch"
    assert ecites("init", place, "--authority", "CH:MA", "--authority", "CH:CUSTOMS")[0] == 0
    return place


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_is_complete(command: tuple[str, ...], ecites: Run) -> None:
    """Each command explains itself, and each of its options says something."""
    code, out, _ = ecites(*command, "--help")
    assert code == 0
    assert "Usage: ecites" in out
    for option in re.findall(r"^  (--[a-z-]+.*)$", out, re.MULTILINE):
        assert re.search(r"\S  +\S", option) or option.endswith((">", "TIME", "TEXT", "DATE")), option


def test_help_is_light() -> None:
    """Help does not import the heavy parts."""
    code = (
        "import sys; sys.argv=['ecites','--help']\n"
        "from gateway.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy={'lxml','aiohttp','sqlalchemy','signxml','cryptography','xmlschema'} & set(sys.modules)\n"
        "sys.exit(','.join(sorted(heavy)) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - our own code
    assert ended.returncode == 0, ended.stderr


def test_the_documentation_shows_the_real_help(ecites: Run) -> None:
    """docs/cli.md quotes each help text as it is printed."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    quoted = dict(re.findall(r"<!-- help: ([a-z -]+?) -->\s*```[a-z]*\n(.*?)```", text, re.DOTALL))
    for command in COMMANDS:
        name = " ".join(("ecites", *command))
        assert name in quoted, f"docs/cli.md lacks {name}"
        assert quoted[name].strip() == ecites(*command, "--help")[1].strip(), name


def test_version(ecites: Run) -> None:
    """--version names the program."""
    assert ecites("--version")[1].startswith("ecites-gateway ")


def test_init_shows_tokens_once_and_keeps_hashes(tmp_path: Path, ecites: Run) -> None:
    """The tokens stand in the output and nowhere in the folder."""
    code, out, _ = ecites("init", tmp_path / "ch", "--authority", "CH:MA", "--json")
    answer = json.loads(out)
    assert code == 0
    token = answer["tokens"][0]["token"]
    for file in (tmp_path / "ch").rglob("*"):
        assert not file.is_file() or token.encode() not in file.read_bytes(), file
    assert (tmp_path / "ch" / "keys" / "gateway.key.pem").stat().st_mode & 0o777 == 0o600


def test_init_never_overwrites(folder: Path, ecites: Run) -> None:
    """A folder with a configuration is left alone."""
    before = (folder / "ecites.toml").read_bytes()
    code, _, err = ecites("init", folder, "--authority", "CH:MA")
    assert code == 3
    assert "exists already" in err
    assert (folder / "ecites.toml").read_bytes() == before


def edit(folder: Path, old: str, new: str) -> None:
    """Change the configuration."""
    config = folder / "ecites.toml"
    text = config.read_text(encoding="utf-8")
    assert old in text
    config.write_text(text.replace(old, new), encoding="utf-8")


def append(folder: Path, text: str) -> None:
    """Add to the configuration."""
    with (folder / "ecites.toml").open("a", encoding="utf-8") as config:
        config.write(text)


def of_another_revision(folder: Path) -> None:
    """A database that a newer program has made."""
    with closing(sqlite3.connect(folder / "ecites.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'future'")


def cut(file: Path) -> None:
    """Keep the first 60 bytes of a file."""
    file.write_bytes(file.read_bytes()[:60])


PARTNER = '[[partner]]\nid = "fr"\nurl = "http://fr.invalid/"\nauthority = []\ncertificates = '
SEAL = 'key = "keys/ch-ma.key.pem"\ncertificate = "keys/ch-ma.crt.pem"\n'

BREAK: dict[str, Callable[[Path], object]] = {
    "key missing": lambda folder: (folder / "keys/ch-ma.key.pem").unlink(),
    "certificate missing": lambda folder: (folder / "keys/gateway.crt.pem").unlink(),
    "key truncated": lambda folder: cut(folder / "keys/gateway.key.pem"),
    "key and certificate swapped": lambda folder: shutil.copy(
        folder / "keys/gateway.crt.pem", folder / "keys/ch-ma.crt.pem"
    ),
    "development keys in production": lambda folder: edit(folder, '"development"', '"production"'),
    "database missing": lambda folder: (folder / "ecites.db").unlink(),
    "database of another revision": of_another_revision,
    "database empty": lambda folder: (folder / "ecites.db").write_bytes(b""),
    "unknown key": lambda folder: edit(folder, "port = ", "prot = "),
    "no seal": lambda folder: edit(folder, SEAL, ""),
    "partner without certificate": lambda folder: append(folder, PARTNER + "[]\n"),
    "partner's certificate missing": lambda folder: append(folder, PARTNER + '["no.pem"]\n'),
}


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("key missing", "ch-ma.key.pem cannot be read"),
        ("certificate missing", "gateway.crt.pem cannot be read"),
        ("key truncated", "is not a private key in PEM form"),
        ("key and certificate swapped", "do not belong together"),
        ("development keys in production", "throw-away development certificate"),
        ("database missing", "is missing"),
        ("database of another revision", "has revision future"),
        ("database empty", "the database is empty"),
        ("unknown key", "did you mean port?"),
        ("no seal", "authority CH:MA has no seal"),
        ("partner without certificate", "partner fr has no certificate"),
        ("partner's certificate missing", "no.pem cannot be read"),
    ],
)
def test_serve_refuses_to_start(how: str, says: str, folder: Path, ecites: Run) -> None:
    """What is missing or does not fit is one clear sentence, one piece of advice, and exit code 3."""
    BREAK[how](folder)
    code, _, err = ecites("serve", "--config", folder / "ecites.toml")
    assert code == 3
    assert says in err
    assert "what to do:" in err
    assert "Traceback" not in err


def test_serve_refuses_an_empty_trust_store(folder: Path, ecites: Run) -> None:
    """Promise 5: a gateway that could verify nothing does not start."""
    edit(
        folder,
        '[[authority]]\nid = "CH:MA"\nkey = "keys/ch-ma.key.pem"\ncertificate = "keys/ch-ma.crt.pem"\n',
        "",
    )
    code, _, err = ecites("serve", "--config", folder / "ecites.toml")
    assert code == 3
    assert "the trust store is empty" in err


def test_db_upgrade_makes_a_lost_database_again(folder: Path, ecites: Run) -> None:
    """Db upgrade prepares an empty database, and running it again changes nothing."""
    (folder / "ecites.db").unlink()
    for _ in range(2):
        assert ecites("db", "upgrade", "--config", folder / "ecites.toml")[0] == 0
    code, out, _ = ecites("log", "search", "--config", folder / "ecites.toml", "--json")
    assert (code, json.loads(out)) == (0, {"entries": [], "next": None})


def test_a_new_token_works_and_is_stored_hashed(folder: Path, ecites: Run) -> None:
    """Token new adds one for an authority that lives here, and only its hash is kept."""
    code, out, _ = ecites(
        "token", "new", "--authority", "CH:CUSTOMS", "--config", folder / "ecites.toml", "--json"
    )
    token = json.loads(out)["token"]
    assert code == 0
    with closing(sqlite3.connect(folder / "ecites.db")) as connection:
        held = dict(connection.execute("SELECT token_hash, authority FROM tokens").fetchall())
    assert held[hashlib.sha256(token.encode()).hexdigest()] == "CH:CUSTOMS"
    assert ecites("token", "new", "--authority", "FR:MA", "--config", folder / "ecites.toml")[0] == 2


def test_a_token_for_a_partner_that_has_a_mailbox(folder: Path, ecites: Run) -> None:
    """Its hash is kept for the partner and for no authority; nobody else gets one."""
    config = folder / "ecites.toml"
    certificate = "public/gateway.crt.pem"
    with config.open("a", encoding="utf-8") as opened:
        for name, more in (("fr", "mailbox = true"), ("de", 'url = "http://127.0.0.1:1/"')):
            opened.write(f'\n[[partner]]\nid = "{name}"\ncertificates = ["{certificate}"]\n{more}\n')
            opened.write(f'\n[[partner.authority]]\nid = "{name.upper()}:CUSTOMS"\n')
    code, out, _ = ecites("token", "new", "--partner", "fr", "--config", config, "--json")
    answer = json.loads(out)
    assert (code, answer["partner"]) == (0, "fr")
    with closing(sqlite3.connect(folder / "ecites.db")) as connection:
        rows = connection.execute("SELECT token_hash, authority, partner FROM tokens").fetchall()
    assert (hashlib.sha256(answer["token"].encode()).hexdigest(), "", "fr") in rows
    for words in (("--partner", "de"), ("--partner", "xx"), ("--partner", "fr", "--authority", "CH:MA"), ()):
        code, _, err = ecites("token", "new", *words, "--config", config)
        assert code == 2
    assert "name an authority or a partner" in err


def test_log_search_without_a_configuration(ecites: Run) -> None:
    """A missing configuration ends with 3 and says how to make one."""
    code, _, err = ecites("log", "search", "--config", "nowhere.toml")
    assert code == 3
    assert "ecites init" in err


def test_a_mistake_of_ours_is_a_sentence(monkeypatch: pytest.MonkeyPatch, ecites: Run) -> None:
    """An unexpected error ends with 3 and without a traceback."""
    monkeypatch.setattr("gateway.config.load", lambda _: 1 / 0)
    code, _, err = ecites("log", "search")
    assert code == 3
    assert "a mistake in the gateway itself" in err
    assert "Traceback" not in err
