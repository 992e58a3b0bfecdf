"""`ecites keys` and `ecites doctor`: keys from the first to the last day, and what can be wrong with them."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from support.key_material import authority, bundle, crl, curve_key, secret
from support.keys import certificate_for, pem_of
from support.tls import ENDS, identity

from gateway import clock
from gateway.config import load
from gateway.errors import KeyMaterialError
from gateway.loading.keys import load_keyring
from gateway.loading.known import load_trust

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def time(monkeypatch):
    """The clock of the commands, in a list so that a test can set it."""
    moment = [START]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    return moment


@pytest.fixture
def config(tmp_path, ecites, time):
    """A working folder whose keys are encrypted with a passphrase."""
    folder = tmp_path / "ch"
    assert ecites("init", folder, "--authority", "CH:MA", "--authority", "CH:CUSTOMS")[0] == 0
    file = folder / "ecites.toml"
    secret(folder / "passphrase", b"correct horse\n")
    text = file.read_text(encoding="utf-8")
    file.write_text(text + '\n[keys]\npassphrase_file = "passphrase"\n', encoding="utf-8")
    return file


@pytest.fixture
def keys(ecites, config):
    """`ecites keys ... --json`: the answer, or the code and the words of the error."""

    def run(*arguments):
        code, out, err = ecites("keys", *arguments, "--config", config, "--json")
        assert "correct horse" not in out + err
        assert "PRIVATE" not in out + err
        return json.loads(out) if code == 0 else (code, " ".join(err.replace("│", " ").split()))

    return run


def uses(keys, owner="CH:MA"):
    """Name and use of the keys of an owner."""
    return {each["name"]: each["use"] for each in keys("list")["keys"] if each["owner"] == owner}


def test_a_new_key_waits_and_is_encrypted(keys, config):
    """Where there is a key already, the new one is the next; its file is encrypted and closed."""
    made = keys("new", "CH:MA")
    assert (made["use"], made["algorithm"], made["days_left"]) == ("next", "ECDSA P-256", 730)
    assert made["subject"] == "CN=Seal of CH:MA,C=CH"
    file = config.parent / "keys" / "ch-ma-20261124.key.pem"
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert uses(keys) == {"ch-ma.crt.pem": "active", "ch-ma-20261124": "next"}
    assert keys("new", "CH:MA")["name"] == "ch-ma-20261124-2"


def test_the_first_key_of_an_owner_signs_at_once(keys, config):
    """Without one in the configuration nobody has to roll."""
    text = config.read_text(encoding="utf-8").replace(
        '[gateway]\nkey = "keys/gateway.key.pem"\n', "[gateway]\n"
    )
    config.write_text(text.replace('certificate = "keys/gateway.crt.pem"\n', ""), encoding="utf-8")
    with pytest.raises(KeyMaterialError, match="gateway has no key that signs"):
        load_keyring(load(config, {}), START)
    assert keys("new", "gateway", "--algorithm", "p384")["use"] == "active"
    ring = load_keyring(load(config, {}), START)
    assert ring.active("gateway", START).certificate.subject.rfc4514_string() == "CN=Gateway of CH,C=CH"


def test_a_roll_from_beginning_to_end(keys, config, time):
    """Scheduled, switched at its second without any command, the old seal still trusted; then retired."""
    keys("new", "CH:MA", "--name", "second")
    switch = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
    answer = keys("roll", "CH:MA", "--at", "2026-12-01T08:30:00Z")
    assert (answer["done"], answer["findings"]) == (True, [])
    ring = load_keyring(load(config, {}), START)
    before = ring.active("CH:MA", switch - timedelta(seconds=1)).certificate
    after = ring.active("CH:MA", switch).certificate
    assert before != after
    assert set(load_trust(load(config, {}), ring).of("CH:MA")) == {before, after}
    time[0] = switch
    assert uses(keys) == {"ch-ma.crt.pem": "retired", "second": "active"}
    keys("new", "CH:MA", "--name", "third")
    assert keys("roll", "CH:MA")["done"]
    retired = keys("retire", "second", "--delete-key")
    assert retired["use"] == "retired"
    assert not (config.parent / "keys" / "second.key.pem").exists()
    ring = load_keyring(load(config, {}), switch)
    assert after in load_trust(load(config, {}), ring).of("CH:MA")


def test_a_dry_run_changes_nothing(keys, config):
    """It says what would happen, and of a partner that is silent that nothing is known."""
    with config.open("a", encoding="utf-8") as file:
        file.write(
            '[[partner]]\nid = "fr"\nurl = "https://fr.invalid/x"\ncertificates = ["keys/gateway.crt.pem"]\n'
            '[[partner.authority]]\nid = "FR:MA"\n'
        )
    keys("new", "CH:MA")
    before = (config.parent / "keys" / "keys.toml").read_bytes()
    answer = keys("roll", "CH:MA", "--at", "2026-12-01", "--dry-run")
    assert not answer["done"]
    assert [(each["partner"], each["next_key"]) for each in answer["partners"]] == [("fr", "unknown")]
    assert "cannot be reached" in answer["partners"][0]["message"]
    assert keys("roll", "CH:MA", "--dry-run", "--no-ask")["partners"] == []
    assert (config.parent / "keys" / "keys.toml").read_bytes() == before


def test_a_roll_that_would_break_traffic_is_not_done(ecites, keys, config):
    """A gap between both certificates ends with 1, says why, and nothing is written."""
    keys("new", "CH:MA", "--days", "3650")
    code, out, _ = ecites("keys", "roll", "CH:MA", "--at", "2028-01-01", "--config", config)
    assert code == 1
    assert "error: the present certificate ch-ma.crt.pem ends on" in out
    assert out.endswith("not done: CH:MA goes on with its present key\n")
    assert "begins" not in (config.parent / "keys" / "keys.toml").read_text()


def test_a_request_and_what_the_issuer_returns(keys, config, tmp_path):
    """A new key asks for a certificate; the certificate makes it the next one."""
    request_file = tmp_path / "request.pem"
    asked = keys("csr", "CH:MA", "--out", request_file, "--subject", "C=CH,O=Example,CN=Seal")
    request = x509.load_pem_x509_csr(request_file.read_bytes())
    assert request.subject.rfc4514_string() == "CN=Seal,O=Example,C=CH"
    assert uses(keys)[asked["name"]] == "requested"
    assert keys("roll", "CH:MA")[0] == 1
    returned = secret(tmp_path / "returned.pem", pem_of(_signed(request)))
    assert keys("import", "CH:MA", "--key", asked["name"], "--cert", returned)["use"] == "next"
    assert (
        "has a certificate already" in keys("import", "CH:MA", "--key", asked["name"], "--cert", returned)[1]
    )


def _signed(request):
    """What a certification authority makes of a request."""
    return (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(x509.Name.from_rfc4514_string("CN=CA"))
        .public_key(request.public_key())
        .serial_number(7)
        .not_valid_before(START - timedelta(days=1))
        .not_valid_after(START + timedelta(days=365))
        .sign(curve_key(1), hashes.SHA256())
    )


def test_a_request_for_a_key_that_exists(keys, tmp_path):
    """The renewal of a certificate with the same key."""
    made = keys("new", "CH:MA")
    keys("csr", "CH:MA", "--key", made["name"], "--out", tmp_path / "request.pem")
    request = x509.load_pem_x509_csr((tmp_path / "request.pem").read_bytes())
    assert request.is_signature_valid
    assert "exists already" in keys("csr", "CH:MA", "--out", tmp_path / "request.pem")[1]


@pytest.mark.parametrize("form", ["pem", "pkcs12"])
def test_a_key_is_imported_and_encrypted_again(keys, config, tmp_path, form):
    """From PEM with its certificate, or from PKCS #12 with a passphrase of its own."""
    key = curve_key(9)
    certificate = certificate_for(key)
    if form == "pem":
        file = secret(tmp_path / "k.pem", pem_of(key))
        more = ("--cert", secret(tmp_path / "c.pem", pem_of(certificate)))
    else:
        file = bundle(tmp_path / "k.p12", key, certificate, b"theirs")
        more = ("--passphrase-file", secret(tmp_path / "their-passphrase", b"theirs"))
    made = keys("import", "CH:MA", file, *more, "--name", "imported")
    assert made["fingerprint"] == certificate.fingerprint(hashes.SHA256()).hex()
    assert b"ENCRYPTED" in (config.parent / "keys" / "imported.key.pem").read_bytes()


def test_a_pair_that_does_not_fit_is_not_imported(keys, config, tmp_path):
    """Nothing is left in the folder."""
    file = secret(tmp_path / "k.pem", pem_of(curve_key(9)))
    cert = secret(tmp_path / "c.pem", pem_of(certificate_for(curve_key(8))))
    code, said = keys("import", "CH:MA", file, "--cert", cert, "--name", "imported")
    assert code == 3
    assert "do not belong together" in said
    file.chmod(0o644)
    cert.write_bytes(pem_of(certificate_for(curve_key(9))))
    assert "is open to others (mode 644)" in keys("import", "CH:MA", file, "--cert", cert)[1]
    assert not (config.parent / "keys" / "keys.toml").exists() or uses(keys) == {"ch-ma.crt.pem": "active"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("new", "FR:MA"), 3, "FR:MA does not live here"),
        (("new", "CH:MA", "--algorithm", "dsa"), 3, "no kind of key 'dsa'"),
        (("new", "CH:MA", "--name", "../up"), 3, "the name of a key must be letters"),
        (("new", "CH:MA", "--subject", "Bern"), 3, "is not the subject of a certificate"),
        (("roll", "CH:MA"), 3, "CH:MA has no next key"),
        (("roll", "CH:MA", "--at", "2020-01-01"), 2, "is past"),
        (("roll", "CH:MA", "--at", "soon"), 2, "'soon' is not a time"),
        (("retire", "nosuch"), 3, "there is no key nosuch in keys.toml"),
        (("import", "CH:MA"), 2, "give FILE, FILE with --cert, or --key with --cert"),
        (
            ("csr", "CH:MA", "--key", "nosuch", "--out", "never.pem"),
            3,
            "there is no key nosuch of CH:MA",
        ),
    ],
)
def test_mistakes_are_sentences(keys, arguments, code, words):
    """With what is wrong and, where it is not the usage, what to do."""
    ended, said = keys(*arguments)
    assert (ended, words in said) == (code, True), said
    assert "Traceback" not in said


def test_several_next_keys_need_a_name(keys):
    """Which one follows is never guessed, and the one that signs cannot be retired."""
    for name in ("one", "two"):
        keys("new", "CH:MA", "--name", name)
    assert "several next keys: one, two" in keys("roll", "CH:MA")[1]
    assert keys("roll", "CH:MA", "--to", "two")["name"] == "two"
    assert "signs for CH:MA now" in keys("retire", "two")[1]
    assert keys("retire", "one")["use"] == "retired"


def test_a_key_of_nobody_here_stops_the_gateway(keys, config):
    """A mistyped owner in the file is named, with those that there are."""
    keys("new", "CH:MA")
    file = config.parent / "keys" / "keys.toml"
    file.write_text(file.read_text().replace('"CH:MA"', '"CH:AM"'))
    with pytest.raises(KeyMaterialError, match="belongs to CH:AM, which does not live here") as error:
        load_keyring(load(config, {}), START)
    assert error.value.advice.endswith("known: gateway, CH:MA, CH:CUSTOMS")


def test_outside_development_a_key_is_never_written_open(ecites, config):
    """Without a passphrase no key is made."""
    text = config.read_text(encoding="utf-8").replace('passphrase_file = "passphrase"', "")
    config.write_text(text.replace('"development"', '"production"'), encoding="utf-8")
    code, _, err = ecites("keys", "new", "CH:MA", "--config", config)
    assert code == 3
    assert "no passphrase is configured" in err
    assert not (config.parent / "keys" / "keys.toml").exists()


def test_the_list_for_people(ecites, keys, config):
    """One line for each key, with its fingerprint to be read aloud."""
    keys("new", "CH:MA")
    code, out, err = ecites("keys", "list", "--config", config)
    assert (code, err) == (0, "")
    assert re.search(r"CH:MA +ch-ma-20261124 +next +ECDSA P-256 +730 .* [0-9a-f]{64}", out)


@pytest.fixture
def doctor(ecites, config):
    """`ecites doctor --json`: exit code and the findings, by rule."""

    def run():
        code, out, _ = ecites("doctor", "--config", config, "--json")
        return code, {each["rule"]: each for each in json.loads(out)["findings"]}

    return run


def test_a_healthy_gateway(ecites, doctor, config):
    """Throw-away keys in development are said to be open, and nothing else."""
    code, found = doctor()
    assert (code, set(found)) == (0, {"doctor.key-not-encrypted"})
    code, out, _ = ecites("doctor", "--config", config)
    assert (code, out.splitlines()[-1]) == (0, "in order: 0 error(s), 0 warning(s)")


def test_the_doctor_sees_what_would_stop_the_gateway(doctor, config):
    """The same sentence that a start would end with, and exit code 3."""
    (config.parent / "keys" / "ch-ma.key.pem").write_text("cut off")
    code, found = doctor()
    assert code == 3
    assert "is not a private key in PEM form" in found["doctor.key-material-error"]["message"]


def test_the_doctor_sees_throw_away_keys_in_production(doctor, config):
    """They are known to everybody."""
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('"development"', '"production"'), encoding="utf-8")
    code, found = doctor()
    assert code == 3
    assert "throw-away development certificate" in found["doctor.key-material-error"]["message"]
    assert found["doctor.key-not-encrypted"]["severity"] == "warning"


def test_the_doctor_warns_before_a_certificate_ends(doctor, time):
    """Sixty days before, and on the last day it is an error."""
    time[0] = START + timedelta(days=310)
    code, found = doctor()
    assert (code, found["keys.expires-in-60"]["severity"]) == (0, "warning")
    time[0] = START + timedelta(days=364, hours=12)
    code, found = doctor()
    assert (code, found["keys.expires-in-1"]["severity"]) == (3, "error")


def test_the_doctor_suspects_the_clock(doctor, time):
    """When every certificate is still to begin, it is the clock that is wrong."""
    time[0] = START - timedelta(days=400)
    code, found = doctor()
    assert code == 3
    assert "set the clock of this machine right" in found["doctor.clock"]["message"]


def test_the_doctor_looks_at_revocation_lists(doctor, config, tmp_path):
    """One that should have been replaced, within the grace and beyond it, and one that cannot be read."""

    def listed(until):
        made = crl(made=START - timedelta(days=9), until=until)
        (config.parent / "ca.crl").write_bytes(made.public_bytes(Encoding.DER))

    (config.parent / "ca.pem").write_bytes(pem_of(authority()))
    with config.open("a", encoding="utf-8") as file:
        file.write('\n[revocation]\nlists = ["ca.crl"]\nissuers = ["ca.pem"]\n')
    listed(START + timedelta(hours=1))
    assert "doctor.revocation-list-old" not in doctor()[1]
    listed(START - timedelta(hours=1))
    code, found = doctor()
    assert (code, found["doctor.revocation-list-old"]["severity"]) == (0, "warning")
    listed(START - timedelta(hours=25))
    code, found = doctor()
    assert (code, found["doctor.revocation-list-old"]["severity"]) == (3, "error")
    (config.parent / "ca.crl").write_text("hello")
    assert "is not a revocation list" in doctor()[1]["doctor.key-material-error"]["message"]


def test_the_doctor_looks_at_tls(ecites, doctor, config, tmp_path, time):
    """What we show and what partners show ends like any other; a broken file would stop the start."""
    own, theirs = identity(tmp_path, "own"), identity(tmp_path, "theirs")
    signs = config.parent / "public" / "gateway.crt.pem"
    with config.open("a", encoding="utf-8") as file:
        file.write(f'\n[web.tls]\ncertificate = "{own.files.certificate}"\nkey = "{own.files.key}"\n')
        file.write(f'[[partner]]\nid = "fr"\nurl = "https://192.0.2.1/x"\ncertificates = ["{signs}"]\n')
        file.write(
            f'tls_certificates = ["{theirs.files.certificate}"]\nauthority = [{{ id = "FR:CUSTOMS" }}]\n'
        )
    time[0] = ENDS - timedelta(days=5)
    _, out, _ = ecites("doctor", "--config", config)
    assert f"the certificate {own.files.certificate} (TLS) ends" in out
    assert "the certificate fr (TLS) ends" in out
    own.files.key.write_text("cut off")
    code, found = doctor()
    assert code == 3
    assert "cannot be used for TLS" in found["doctor.key-material-error"]["message"]
