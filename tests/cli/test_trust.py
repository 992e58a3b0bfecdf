"""`ecites trust`: two administrators agree from the command line."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cli.conftest import Run
from support.people import PASSWORD, SECRET

from gateway import clock
from gateway.cli.operating import with_node
from gateway.config import load
from gateway.flows.ports import Node
from gateway.flows.two_persons import settle
from gateway.people.proposals import Fact, Facts
from gateway.people.totp import code_at

COUNTS = frozenset({Fact("is-partner", "fr")})
WISHED = COUNTS | {Fact("is-partner", "de"), Fact("stands-behind", "de", "DE:MA")}


@pytest.fixture
def config(tmp_path: Path, ecites: Run) -> Path:
    """Switzerland, where two must agree."""
    assert ecites("init", tmp_path / "ch", "--authority", "CH:MA")[0] == 0
    file = tmp_path / "ch" / "ecites.toml"
    rule = "\n[people]\ntwo_persons = true\n[people.password]\nmemory_kib = 64\npasses = 1\nlanes = 1\n"
    plain = file.read_text(encoding="utf-8")
    for name in ("Ada", "Ben"):
        words = ("--post", "administrator", "--reason", "first")
        assert ecites("user", "add", name, *words, "--config", file)[0] == 0
    file.write_text(plain + rule, encoding="utf-8")
    return file


def enrolled(config: Path, name: str) -> bytes:
    """Somebody has been at the console: second factor and password are their own; the secret of their app."""

    async def go(node: Node) -> None:
        async with node.storage.write() as transaction:
            known = await transaction.people.by_name(name)
            assert known is not None
            hashed = await node.hashing.hash(PASSWORD)
            own = {
                "password_hash": hashed,
                "initial_until": None,
                "secret": SECRET,
                "enrolled_at": clock.now(),
            }
            await transaction.people.put(replace(known, **own))

    with_node(load(config), go)
    return SECRET


def found(config: Path, *states: Facts) -> None:
    """A gateway has seen these states of its files, one after the other."""

    async def go(node: Node) -> None:
        for each in states:
            await settle(each, node)

    with_node(load(config), go)


def secrets(folder: Path, secret: bytes, password: str = PASSWORD, shift: int = 0) -> Path:
    """Password and code in a file; `shift` in steps of thirty seconds."""
    file = folder / "secrets"
    code = code_at(secret, clock.now() + timedelta(seconds=30 * shift))
    file.write_text(f"{password}\n{code}\n", encoding="utf-8")
    return file


def changes(config: Path, ecites: Run) -> list[dict[str, object]]:
    """As they are listed."""
    code, out, _ = ecites("trust", "list", "--config", config, "--json")
    assert code == 0
    return list(json.loads(out)["changes"])


def test_two_agree(tmp_path: Path, config: Path, ecites: Run) -> None:
    """Each fact is shown; one alone is not enough, also not twice."""
    ada, ben = enrolled(config, "Ada"), enrolled(config, "Ben")
    found(config, COUNTS, WISHED)
    change = changes(config, ecites)[0]
    assert change["adds"] == ["de is a partner", "de speaks for DE:MA"]
    words = ("trust", "agree", str(change["digest"])[:16], "--reason", "asked by letter", "--config", config)
    code, out, err = ecites(*words, "--as", "Ada", "--secrets", secrets(tmp_path, ada))
    assert code == 0, err
    assert "+ de speaks for DE:MA" in out
    assert "waits for a second administrator" in out
    code, _, err = ecites(*words, "--as", "Ada", "--secrets", secrets(tmp_path, ada, shift=1))
    assert code == 1
    assert "you have agreed already" in err
    code, out, err = ecites(*words, "--as", "Ben", "--secrets", secrets(tmp_path, ben), "--json")
    assert code == 0, err
    assert [json.loads(out)[key] for key in ("state", "asked_by", "agreed_by")] == ["agreed", "Ada", "Ben"]


def test_nobody_agrees_without_password_and_code(tmp_path: Path, config: Path, ecites: Run) -> None:
    """A name alone is worth nothing; neither is a beginning of the digest that is too short."""
    ada = enrolled(config, "Ada")
    found(config, COUNTS, WISHED)
    digest = str(changes(config, ecites)[0]["digest"])
    for name, password, shift in (("Ada", "wrong", 0), ("Ada", PASSWORD, 5), ("Eve", PASSWORD, 0)):
        file = secrets(tmp_path, ada, password, shift)
        words = ("--as", name, "--reason", "x", "--secrets", file, "--config", config)
        code, _, err = ecites("trust", "agree", digest[:16], *words)
        assert code == 1
        assert "password or code is wrong" in err
    words = ("--as", "Ada", "--reason", "x", "--config", config)
    for beginning in (digest[:7], "0" * 16):
        assert ecites("trust", "refuse", beginning, *words, "--secrets", secrets(tmp_path, ada))[0] == 2
    assert ecites("trust", "agree", digest[:16], *words)[0] == 2
    assert changes(config, ecites)[0]["state"] == "found"


def test_one_refuses(tmp_path: Path, config: Path, ecites: Run) -> None:
    """With the reason in the list."""
    ada = enrolled(config, "Ada")
    found(config, COUNTS, WISHED)
    digest = str(changes(config, ecites)[0]["digest"])
    words = (
        "--as",
        "Ada",
        "--reason",
        "nobody asked",
        "--secrets",
        secrets(tmp_path, ada),
        "--config",
        config,
    )
    assert ecites("trust", "refuse", digest[:8], *words)[0] == 0
    code, out, _ = ecites("trust", "list", "--config", config)
    assert code == 0
    assert "refused: nobody asked" in out
    assert "0 changes wait" in out


def findings(config: Path, ecites: Run) -> set[str]:
    """What the doctor says about people."""
    _, out, _ = ecites("doctor", "--config", config, "--json")
    return {each["rule"] for each in json.loads(out)["findings"]} & {
        "doctor.no-two-persons",
        "doctor.one-person",
        "doctor.trust-waits",
    }


def test_the_doctor_looks_at_the_people(tmp_path: Path, config: Path, ecites: Run) -> None:
    """Whether two can agree, whether something waits for them, and whether one alone could do it."""
    assert findings(config, ecites) == {"doctor.no-two-persons"}
    enrolled(config, "Ada")
    assert findings(config, ecites) == {"doctor.no-two-persons"}
    enrolled(config, "Ben")
    assert findings(config, ecites) == set()
    found(config, COUNTS, WISHED)
    assert findings(config, ecites) == {"doctor.trust-waits"}
    other = tmp_path / "fr"
    assert ecites("init", other, "--authority", "FR:MA")[0] == 0
    file = other / "ecites.toml"
    assert findings(file, ecites) == set()
    for name in ("Ada", "Ben"):
        words = ("--post", "administrator", "--reason", "first")
        assert ecites("user", "add", name, *words, "--config", file)[0] == 0
    assert findings(file, ecites) == {"doctor.one-person"}
