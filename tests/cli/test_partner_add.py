"""`ecites partner add` and `remove`: a partner gave a file and its certificates, is taken in, and let go."""

import asyncio
import io
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from cli.conftest import Run
from support.keys import certificate_for, pem_of, private_key

from gateway import clock
from gateway.config import load
from gateway.exchange.breaker import PartnerHealth
from gateway.exchange.channels import ChannelRule
from gateway.exchange.retry import RetryPolicy
from gateway.loading.database import open_database
from gateway.loading.keys import load_keyring
from gateway.loading.known import load_trust
from gateway.permits.identity import AuthorityId
from gateway.signatures.keys import fingerprint, load_certificates

WHY = ("--reason", "compared by telephone", "--yes")


@pytest.fixture
def swiss(tmp_path: Path, ecites: Run) -> Path:
    """The configuration of Switzerland."""
    assert ecites("init", tmp_path / "ch", "--authority", "CH:MA")[0] == 0
    return tmp_path / "ch" / "ecites.toml"


@pytest.fixture
def given(tmp_path: Path, ecites: Run) -> Path:
    """What France gives: its file, with the certificates beside it."""
    names = ("--authority", "FR:MA", "--authority", "FR:CUSTOMS")
    assert ecites("init", tmp_path / "fr", *names, "--port", "8402")[0] == 0
    return tmp_path / "fr" / "public" / "fr.partner.toml"


def log(ecites: Run, config: Path) -> list[tuple[str, str, str]]:
    """Who changed what and why, newest first."""
    entries = json.loads(ecites("log", "search", "--kind", "changed", "--config", config, "--json")[1])[
        "entries"
    ]
    return [(entry["actor"], entry["outcome"], entry["detail"]) for entry in entries]


def test_a_partner_is_added(swiss: Path, given: Path, ecites: Run) -> None:
    """Its certificates are copied, the gateway knows it, and the log says who, why and which fingerprints."""
    code, out, err = ecites("partner", "add", given, *WHY, "--as", "Anna", "--config", swiss)
    assert code == 0, err
    assert "within seconds" in out
    shutil.rmtree(given.parent)
    settings = load(swiss)
    certificates = load_trust(settings, load_keyring(settings, clock.now())).of("fr")
    assert fingerprint(certificates[0]) in out
    assert settings.directory().partner_of(AuthorityId.parse("FR:CUSTOMS")) == settings.partner[0].partner()
    ((who, what, why),) = log(ecites, swiss)
    assert (who, what) == ("Anna", "partner-added")
    assert why.startswith("compared by telephone; partner fr at http://127.0.0.1:8402/")
    assert fingerprint(certificates[0]) in why
    listed = json.loads(ecites("partner", "list", "--config", swiss, "--json")[1])["partners"]
    assert [(each["id"], each["source"]) for each in listed] == [("fr", "added")]


def test_everything_that_the_file_says_is_kept(swiss: Path, given: Path, ecites: Run) -> None:
    """Rules, kinds, versions and TLS certificates are written as they were read."""
    shutil.copy(given.parent / "gateway.crt.pem", given.parent / "tls.crt.pem")
    said = (
        'tls_certificates = ["tls.crt.pem"]\nversions = ["v2"]\nallowed_in = ["permit"]\nallowed_out = []\n'
        'tls_server_check = "certificate"\nmailbox = true\n'
        'mailbox_url = "http://127.0.0.1:8402/exchange/v1/mailbox"\nmailbox_token_file = "fr.token"\n'
    )
    text = given.read_text(encoding="utf-8").replace(
        "\n\n[[partner.authority]]", f"\n{said}\n[[partner.authority]]", 1
    )
    given.write_text(text + '\n[[partner.channel]]\nrule = "forward-copy"\nauthority = "DE:MA-BfN"\n')
    assert ecites("partner", "add", given, *WHY, "--config", swiss)[0] == 0
    partner = load(swiss).partner[0]
    assert (partner.versions, partner.allowed_in, partner.allowed_out) == (("v2",), ("permit",), ())
    assert partner.tls_server_check == "certificate"
    assert (partner.mailbox, partner.partner().mailbox) == (True, True)
    assert partner.mailbox_url == "http://127.0.0.1:8402/exchange/v1/mailbox"
    assert partner.mailbox_token_file == given.parent / "fr.token"
    assert partner.partner().under(ChannelRule.FORWARD_COPY) == (AuthorityId.parse("DE:MA-BfN"),)
    (kept,) = partner.tls_certificates
    assert load_certificates(kept) == load_certificates(given.parent / "tls.crt.pem")


def test_a_partner_is_replaced_only_when_that_is_said(swiss: Path, given: Path, ecites: Run) -> None:
    """A second file of the same name needs --replace; then it counts, and the log says so."""
    assert ecites("partner", "add", given, *WHY, "--config", swiss)[0] == 0
    given.write_text(given.read_text(encoding="utf-8").replace("8402", "8499"), encoding="utf-8")
    code, _, err = ecites("partner", "add", given, *WHY, "--config", swiss)
    assert code == 3
    assert "fr is registered already" in err
    assert "--replace" in err
    assert load(swiss).partner[0].url.startswith("http://127.0.0.1:8402/")
    assert ecites("partner", "add", given, *WHY, "--replace", "--config", swiss)[0] == 0
    assert load(swiss).partner[0].url.startswith("http://127.0.0.1:8499/")
    assert log(ecites, swiss)[0][1] == "partner-replaced"


def test_a_partner_is_removed(swiss: Path, given: Path, ecites: Run) -> None:
    """Nobody knows it any more, and the log says who took it away."""
    assert ecites("partner", "add", given, *WHY, "--config", swiss)[0] == 0
    code, _, err = ecites("partner", "remove", "fr", *WHY, "--as", "Anna", "--config", swiss)
    assert code == 0, err
    assert load(swiss).partner == ()
    assert log(ecites, swiss)[0][:2] == ("Anna", "partner-removed")


def test_only_what_was_added_can_be_removed(swiss: Path, ecites: Run) -> None:
    """A name that nobody has is a sentence."""
    code, _, err = ecites("partner", "remove", "fr", *WHY, "--config", swiss)
    assert code == 3
    assert "no partner was added" in err


def test_no_is_no(swiss: Path, given: Path, ecites: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --yes the operator sees the fingerprints, is asked, and can say no."""
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    code, out, _ = ecites("partner", "add", given, "--reason", "why", "--config", swiss)
    assert code == 1
    assert "sha256" in out
    assert "Add this partner?" in out
    assert load(swiss).partner == ()
    assert log(ecites, swiss) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "fr"', 'id = "f:r"', "id without a colon"),
        ("gateway.crt.pem", "missing.pem", "missing.pem"),
        ('id = "FR:MA"', 'id = "CH:MA"', "CH:MA stands twice"),
        ('id = "FR:MA"', 'id = "France"', "France"),
        ("[[partner]]", "[web]\nport = 1\n[[partner]]", "nothing else"),
        ("[[partner]]", "[[partner]]\nurll = 1", "did you mean url?"),
        ("[[partner]]", "[[partner", "is not TOML"),
    ],
    ids=["colon", "no certificate", "ours", "no authority", "more", "unknown key", "no TOML"],
)
def test_a_bad_file_changes_nothing(
    swiss: Path, given: Path, ecites: Run, old: str, new: str, says: str
) -> None:
    """What is wrong is said, nothing is written, and the gateway still starts."""
    text = given.read_text(encoding="utf-8")
    assert old in text
    given.write_text(text.replace(old, new, 1), encoding="utf-8")
    code, _, err = ecites("partner", "add", given, *WHY, "--config", swiss)
    assert code != 0
    assert says in err
    assert "Traceback" not in err
    assert load(swiss).partner == ()
    assert log(ecites, swiss) == []


def test_a_throw_away_certificate_is_refused_outside_development(
    swiss: Path, given: Path, ecites: Run
) -> None:
    """What everybody has the key of is no partner of a gateway that works in earnest."""
    text = swiss.read_text(encoding="utf-8").replace(
        'environment = "development"', 'environment = "production"'
    )
    given.write_text(given.read_text(encoding="utf-8").replace("http://127.0.0.1", "https://fr.invalid"))
    swiss.write_text(text, encoding="utf-8")
    code, _, err = ecites("partner", "add", given, *WHY, "--config", swiss)
    assert code != 0
    assert "throw-away development certificate" in err


def test_a_file_in_the_folder_has_the_name_of_its_partner(swiss: Path, given: Path, ecites: Run) -> None:
    """Two files about one partner would contradict each other."""
    assert ecites("partner", "add", given, *WHY, "--config", swiss)[0] == 0
    folder = swiss.parent / "partners.d"
    (folder / "fr.toml").rename(folder / "france.toml")
    code, _, err = ecites("partner", "list", "--config", swiss)
    assert code == 3
    assert "france.toml registers the partner fr" in err


def test_a_short_key_is_accepted_from_a_partner_that_says_so(swiss: Path, given: Path, ecites: Run) -> None:
    """Without the word it is refused when it is added; with it, it counts, and the doctor remembers."""
    short = certificate_for(private_key("rsa2048"))
    (given.parent / "gateway.crt.pem").write_bytes(pem_of(short))
    code, _, err = ecites("partner", "add", given, *WHY, "--config", swiss)
    assert code != 0
    assert "2048 bits is too short" in err
    head, table, rest = given.read_text(encoding="utf-8").partition("\n[[partner.authority]]")
    given.write_text(f"{head}min_rsa_bits = 1024\n{table}{rest}", encoding="utf-8")
    assert "must be 2048, or 3072 or more" in ecites("partner", "add", given, *WHY, "--config", swiss)[2]
    given.write_text(f"{head}min_rsa_bits = 2048\n{table}{rest}", encoding="utf-8")
    assert ecites("partner", "add", given, *WHY, "--config", swiss)[0] == 0
    settings = load(swiss)
    trust = load_trust(settings, load_keyring(settings, clock.now()))
    assert trust.excepted == {fingerprint(short)}
    assert "may sign with RSA keys of 2048 bits" in ecites("doctor", "--config", swiss)[1]


def test_how_a_partner_answers_is_shown(swiss: Path, given: Path, ecites: Run) -> None:
    """An open breaker, when it last answered, and why it does not; nothing for one that was never asked."""
    assert ecites("partner", "add", given, *WHY, "--config", swiss)[0] == 0
    assert "nothing was sent to it yet" in ecites("partner", "show", "fr", "--config", swiss)[1]
    at = clock.now()
    health = PartnerHealth("fr", 7, at + timedelta(minutes=3), at, at, "partner_unreachable", "no route")

    async def note() -> None:
        database = await open_database(load(swiss))
        async with database.write() as transaction:
            await transaction.health.put(health)
        await database.close()

    asyncio.run(note())
    shown = ecites("partner", "show", "fr", "--config", swiss)[1]
    assert "breaker open" in shown
    assert "7 in a row" in shown
    assert "no route [partner_unreachable]" in shown
    (listed,) = json.loads(ecites("partner", "list", "--config", swiss, "--json")[1])["partners"]
    assert listed["health"]["breaker"] == "open"
    assert " open " in ecites("partner", "list", "--config", swiss)[1]


def test_a_schedule_of_its_own_is_kept(swiss: Path, given: Path, ecites: Run) -> None:
    """The table [partner.delivery] is written as it was read."""
    with given.open("a", encoding="utf-8") as file:
        file.write("\n[partner.delivery]\ndeadline_hours = 6.0\n")
    assert ecites("partner", "add", given, *WHY, "--config", swiss)[0] == 0
    assert load(swiss).partner[0].delivery == RetryPolicy(deadline_hours=6.0)
    assert load(swiss).directory().partners["fr"].retry == RetryPolicy(deadline_hours=6.0)
