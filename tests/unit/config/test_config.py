import re
import typing
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from support.exchange import CH_MA, FR_CUSTOMS, FR_MA

from gateway.config import Settings, load
from gateway.errors import ConfigurationError
from gateway.permits.identity import AuthorityId
from gateway.web.keys import WebSettings

GOOD = """
database = "sqlite:///ecites.db"

[gateway]
key = "keys/gateway.key.pem"
certificate = "/etc/gateway.crt.pem"

[web]
port = 8401

[[authority]]
id = "CH:MA"
key = "keys/ma.key.pem"
certificate = "keys/ma.crt.pem"
retired_certificates = ["keys/old.crt.pem"]

[[authority]]
id = "CH:CUSTOMS"

[[partner]]
id = "fr"
url = "https://fr.invalid/exchange"
certificates = ["partners/fr/gateway.crt.pem"]

[[partner.authority]]
id = "FR:MA"
certificates = ["partners/fr/ma"]

[[partner.authority]]
id = "FR:CUSTOMS"
"""


@pytest.fixture
def read(tmp_path):
    """Load a configuration from text, with variables of the environment."""

    def load_text(text=GOOD, **environment):
        file = tmp_path / "ecites.toml"
        file.write_text(text, encoding="utf-8")
        return load(file, environment)

    return load_text


@pytest.fixture
def refused(read):
    """The sentence with which a configuration is refused."""

    def refuse(text=GOOD, **environment):
        with pytest.raises(ConfigurationError) as error:
            read(text, **environment)
        return error.value.message

    return refuse


def test_a_configuration_becomes_settings(read, tmp_path):
    """Every table lands in its settings class, with the defaults for what is not said."""
    settings = read()
    assert settings.database == "sqlite:///ecites.db"
    assert settings.environment == "production"
    assert settings.web == WebSettings(port=8401)
    assert [authority.id for authority in settings.authority] == [CH_MA, AuthorityId.parse("CH:CUSTOMS")]
    assert settings.partner[0].url == "https://fr.invalid/exchange"
    assert settings.folder == tmp_path


def test_paths_are_relative_to_the_configuration(read, tmp_path):
    """A relative path starts at the file's folder, an absolute one stays."""
    settings = read()
    assert settings.gateway.key == tmp_path / "keys/gateway.key.pem"
    assert settings.gateway.certificate == Path("/etc/gateway.crt.pem")
    assert settings.authority[0].retired_certificates == (tmp_path / "keys/old.crt.pem",)
    assert settings.partner[0].authority[0].certificates == (tmp_path / "partners/fr/ma",)


def test_the_directory_follows_from_the_settings(read):
    """Hosted authorities and partners are those of the file."""
    directory = read().directory()
    assert {str(authority) for authority in directory.hosted} == {"CH:MA", "CH:CUSTOMS"}
    assert directory.partners["fr"].authorities == (FR_MA, FR_CUSTOMS)


def test_a_missing_file_is_refused_with_the_command_that_makes_one(tmp_path):
    """The sentence names the file, the advice `ecites init`."""
    with pytest.raises(ConfigurationError, match=r"nothing\.toml cannot be read") as error:
        load(tmp_path / "nothing.toml", {})
    assert "ecites init" in error.value.advice


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    """A path that is a folder gives a sentence."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path, {})


@pytest.mark.parametrize("text", ["{}", "key = ", "[gateway", 'a = "1"\na = "2"'])
def test_what_is_not_toml_is_refused(refused, text):
    """The sentence says so and repeats the line and column of the parser."""
    assert "is not TOML" in refused(text)


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    """TOML is UTF-8: Latin-1 is refused, not guessed."""
    file = tmp_path / "ecites.toml"
    file.write_bytes('a = "é"'.encode("latin-1"))
    with pytest.raises(ConfigurationError, match="is not TOML"):
        load(file, {})


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("database =", "databse =", "unknown key databse; did you mean database?"),
        ("port =", "prot =", "unknown key web.prot; did you mean port?"),
        ("[web]", "[wbe]", "unknown key wbe; did you mean web?"),
        ('key = "keys/gateway', 'kee = "keys/gateway', "unknown key gateway.kee; did you mean key?"),
        ("port =", "zzzzzz =", "unknown key web.zzzzzz"),
        ("retired_certificates", "retired_certs", "did you mean retired_certificates?"),
        ("[[partner]]", "[[partner]]\nuri = 1", "did you mean url?"),
        ("[[partner.authority]]", "[[partner.authorities]]", "did you mean authority?"),
        ("database =", 'folder = "/"\ndatabase =', "unknown key folder"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_refused_with_the_nearest_known_one(refused, old, new, sentence):
    """A typing error never passes as a default: the key is named, and what was probably meant."""
    assert sentence in refused(GOOD.replace(old, new))


def test_an_unknown_key_comes_with_the_known_ones(read):
    """The advice lists what may stand there, without what is no setting."""
    with pytest.raises(ConfigurationError) as error:
        read(GOOD.replace("port =", "zzzzzz ="))
    listed = (
        "body_seconds, client_certificates, drain_seconds, host, idle_seconds, max_body_bytes, "
        "max_body_memory_bytes, max_connections, max_requests, metrics_token, port, proxy, requests_burst, "
        "requests_per_second, status_lists, stranger_requests_burst, stranger_requests_per_second, tls"
    )
    assert error.value.advice == f"known keys here: {listed}"
    with pytest.raises(ConfigurationError) as error:
        read("zzzzzz = 1\n" + GOOD)
    assert "database" in error.value.advice
    assert "folder" not in error.value.advice


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('certificates = ["partners/fr/gateway.crt.pem"]', "partner[1].certificates"),
        ('id = "CH:CUSTOMS"', "authority[2].id"),
    ],
)
def test_a_missing_key_is_named_with_its_place(refused, line, key):
    """The sentence gives the whole path of the key, counted from 1 in lists."""
    assert refused(GOOD.replace(line, "")) == f"the key {key} is missing"


def test_a_missing_table_is_named(refused):
    """Without authorities there is nothing to run."""
    assert "the key authority is missing" in refused(GOOD.split("[[authority]]", maxsplit=1)[0])


@pytest.mark.parametrize("line", ['key = "keys/gateway.key.pem"', 'certificate = "/etc/gateway.crt.pem"'])
def test_half_a_key_of_the_gateway_is_refused(refused, line):
    """Key and certificate stand both in the configuration, or both in the folder of keys."""
    assert refused(GOOD.replace(line, "")) == "[gateway] needs both key and certificate, or neither"


KEYS = """
[keys]
folder = "secrets"
passphrase_file = "/run/passphrase"

[revocation]
lists = ["crl/ca.crl"]
issuers = ["ca"]
grace_hours = 4
"""


def test_the_folder_of_keys(read, tmp_path):
    """It lies beside the configuration unless that says otherwise, and the tables may both be left out."""
    assert read().key_folder == tmp_path / "keys"
    settings = read(GOOD + KEYS)
    assert settings.key_folder == tmp_path / "secrets"
    assert settings.keys.passphrase_file == Path("/run/passphrase")
    assert settings.revocation.lists == (tmp_path / "crl/ca.crl",)
    assert settings.revocation.issuers == (tmp_path / "ca",)
    assert settings.revocation.grace_hours == 4.0


def test_the_keys_of_the_configuration(read, tmp_path):
    """Each owner with its pair and its retired certificates; all may live in the folder of keys instead."""
    gateway, ma, customs = read().configured_keys()
    assert (gateway.owner, gateway.key) == ("gateway", tmp_path / "keys/gateway.key.pem")
    assert (ma.owner, ma.retired_certificates) == ("CH:MA", (tmp_path / "keys/old.crt.pem",))
    assert (customs.owner, customs.key) == ("CH:CUSTOMS", None)
    (bare, _) = read('[[authority]]\nid = "CH:MA"\n').configured_keys()
    assert (bare.owner, bare.key, bare.certificate) == ("gateway", None, None)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("passphrase_file =", "passphrase =", "unknown key keys.passphrase; did you mean passphrase_file?"),
        ("grace_hours = 4", "grace_hours = -1", "revocation.grace_hours must be from 0 to 744"),
        ("[revocation]", 'passphrase_variable = "X"\n[revocation]', "are both given"),
        (
            'passphrase_file = "/run/passphrase"',
            'passphrase_variable = "ECITES_X"',
            "must not begin with ECITES_",
        ),
    ],
)
def test_key_settings_that_make_no_sense(refused, old, new, sentence):
    """A passphrase itself never stands in the configuration."""
    assert sentence in refused(GOOD + KEYS.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("port = 8401", 'port = "http"', "web.port must be a whole number, not 'http'"),
        ("port = 8401", "port = true", "web.port must be a whole number, not True"),
        ("port = 8401", "port = []", "web.port must be a whole number"),
        ("port = 8401", "host = 1", "web.host must be text, not 1"),
        ('"sqlite:///ecites.db"', "7", "database must be text, not 7"),
        ('key = "keys/gateway.key.pem"', "key = 1", "gateway.key must be"),
        ('["keys/old.crt.pem"]', '"keys/old.crt.pem"', "authority[1].retired_certificates must be a list"),
        ('["keys/old.crt.pem"]', "[1]", "authority[1].retired_certificates[1] must be"),
        ('id = "CH:CUSTOMS"', "id = 1", "authority[2].id must be"),
        ("[web]\nport = 8401", 'web = "x"', None),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(refused, old, new, sentence):
    """The sentence names the key, what it must be, and what stands there."""
    if sentence is None:
        assert refused('web = "x"\n' + GOOD.replace(old, "")) == "web must be a table of keys"
    else:
        assert sentence in refused(GOOD.replace(old, new))


@pytest.mark.parametrize("value", ["inf", "nan", "84.5", "-1", "70000"])
def test_a_port_that_is_none_is_refused(refused, value):
    """Infinity, fractions and numbers that no port can have are refused with the key, and never cut."""
    assert "web.port" in refused(GOOD.replace("8401", value))


def test_an_authority_with_a_wrong_id_is_refused(refused):
    """The sentence says where it stands and what is wrong with it."""
    assert refused(GOOD.replace('"CH:CUSTOMS"', '"Bern"')) == (
        "authority[2].id: 'Bern' is not the id of an authority"
    )


def test_without_an_authority_there_is_nothing_to_do(refused):
    """An empty list is refused too."""
    text = "authority = []\n" + GOOD.split("[[authority]]", maxsplit=1)[0]
    assert refused(text) == "no [[authority]] lives here"


@pytest.mark.parametrize(
    ("old", "new", "twice"),
    [
        ('"CH:CUSTOMS"', '"CH:MA"', "CH:MA"),
        ('"FR:CUSTOMS"', '"FR:MA"', "FR:MA"),
        ('"FR:CUSTOMS"', '"CH:MA"', "CH:MA"),
    ],
    ids=["hosted twice", "twice behind a partner", "hosted and behind a partner"],
)
def test_an_authority_lives_in_one_place(refused, old, new, twice):
    """An id that stands twice would make routing a matter of luck."""
    assert refused(GOOD.replace(old, new)) == f"{twice} stands twice in the configuration"


def test_a_partner_stands_once(refused):
    """Two partners with the same id are refused."""
    second = '\n[[partner]]\nid = "fr"\nurl = "http://x"\ncertificates = ["x"]\nauthority = []\n'
    assert refused(GOOD + second) == "fr stands twice in the configuration"


def test_a_partner_without_certificate_is_refused(refused):
    """Nothing that it sends could be believed, so the gateway does not start."""
    text = GOOD.replace('["partners/fr/gateway.crt.pem"]', "[]")
    assert "partner fr has no certificate" in refused(text)


@pytest.mark.parametrize("line", ['key = "keys/ma.key.pem"', 'certificate = "keys/ma.crt.pem"'])
def test_a_key_without_certificate_or_the_other_way_round_is_refused(refused, line):
    """Half a seal is a mistake."""
    assert refused(GOOD.replace(line, "")) == "authority CH:MA needs both key and certificate, or neither"


@pytest.mark.parametrize(
    ("old", "new"), [('id = "fr"', 'id = "f:r"'), ("https://fr.invalid", "ftp://fr.invalid"), ("https:", "")]
)
def test_a_partner_with_a_wrong_id_or_address_is_refused(refused, old, new):
    """A colon is the mark of authorities, and only http(s) is spoken."""
    assert "needs an id without a colon and an http(s) url" in refused(GOOD.replace(old, new))


def test_variables_lie_over_the_file(read):
    """ECITES_DATABASE and ECITES_WEB__PORT replace what the file says; text becomes a number."""
    settings = read(ECITES_DATABASE="sqlite:///other.db", ECITES_WEB__PORT="9000")
    assert settings.database == "sqlite:///other.db"
    assert settings.web.port == 9000


def test_a_variable_may_name_a_table_that_the_file_has_not(read):
    """A table can come from the environment alone."""
    assert read(ECITES_TRANSPORT__ANSWER_SECONDS="2.5").transport.answer_seconds == 2.5


def test_other_variables_are_left_alone(read):
    """Only ECITES_* is read, and ECITES_TEST_* belongs to the tests."""
    assert read(PATH="/bin", HOME="/", ECITES_TEST_REQUIRE_ALL="1", XECITES_DATABASE="x") == read()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("ECITES_WEB__PROT", "unknown key web.prot; did you mean port?"),
        ("ECITES_DATABSE", "unknown key databse; did you mean database?"),
        ("ECITES_FOLDER", "unknown key folder"),
        ("ECITES_", "unknown key"),
    ],
)
def test_an_unknown_variable_is_refused(refused, name, sentence):
    """A typing error in the environment is found like one in the file."""
    assert sentence in refused(**{name: "1"})


@pytest.mark.parametrize("name", ["ECITES_AUTHORITY__ID", "ECITES_PARTNER__FR__URL"])
def test_a_list_of_tables_cannot_be_changed_by_a_variable(refused, name):
    """Which authority or partner would be meant is not clear, so it is refused with the variable's name."""
    sentence = refused(**{name: "x"})
    assert name in sentence
    assert "list of tables" in sentence


def test_a_variable_in_place_of_a_list_is_refused(refused):
    """Text never becomes a list of authorities."""
    assert refused(ECITES_AUTHORITY="CH:MA") == "authority must be a list"


def test_a_variable_of_the_wrong_type_is_refused(refused):
    """Text that is no number is refused with the key."""
    assert refused(ECITES_WEB__PORT="http") == "web.port must be a whole number, not 'http'"


@pytest.mark.parametrize("level", ["LOUD", "info ", ""])
def test_an_unknown_log_level_is_refused(refused, level):
    """A word that logging does not know is refused when the configuration is read."""
    assert "log_level" in refused(ECITES_LOG_LEVEL=level)


def nested(kind: type, where: str = "") -> list[tuple[str, object]]:
    """Every setting with a default, with its place."""
    found = []
    hints = typing.get_type_hints(kind)
    for field in fields(kind):
        hint = hints[field.name]
        if is_dataclass(hint) and isinstance(hint, type) and where == "":
            found += nested(hint, f"{field.name}.")
        elif hint in (int, float):
            found.append((where + field.name, field.default))
    return found


@pytest.mark.parametrize(("place", "default"), nested(Settings), ids=str)
def test_every_number_can_be_set_from_the_environment(read, place, default):
    """Each numeric setting takes its own default back as text, with its type."""
    table, _, name = place.rpartition(".")
    settings = read(**{f"ECITES_{table}__{name}".upper(): str(default)})
    found = getattr(getattr(settings, table), name)
    assert found == default
    assert type(found) is type(default)


DOCUMENTS = """
[documents]
versions = ["v2"]
profile = "tolerant"
species = "species.json"

[rules.severity]
"lines.unit-legacy" = "error"
"""


def test_documents_and_rules(read, tmp_path):
    """Which documents are accepted, how they are read, and how bad a breach is."""
    settings = read(GOOD + DOCUMENTS)
    assert settings.documents.versions == ("v2",)
    assert settings.documents.profile == "tolerant"
    assert settings.documents.species == tmp_path / "species.json"
    assert settings.rules.severity == {"lines.unit-legacy": "error"}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('["v2"]', '["v9"]', "documents.versions must be some of v1, v2, v3"),
        ('["v2"]', "[]", "documents.versions must be some of"),
        ('"tolerant"', '"kind"', "documents.profile must be one of strict, tolerant"),
        ("lines.unit-legacy", "lines.unit-legcy", "did you mean lines.unit-legacy"),
        ('= "error"', '= "fatal"', "must be error, warning or info"),
        ('"lines.unit-legacy" = "error"', '"number.missing" = "info"', "cannot be less than error"),
        ('"lines.unit-legacy"', '"schema.value"', "is no CITES rule"),
        ('"lines.unit-legacy" = "error"', '"lines.unit-legacy" = 1', "must be text"),
    ],
)
def test_documents_and_rules_that_mean_nothing(read, old, new, sentence):
    """What does not exist, or would be less than the schema demands, is refused with its name."""
    with pytest.raises(ConfigurationError, match=sentence):
        read(GOOD + DOCUMENTS.replace(old, new))


def test_severity_must_be_a_table(read):
    """A word in place of the table is refused."""
    with pytest.raises(ConfigurationError, match=r"rules\.severity must be a table"):
        read(GOOD + '[rules]\nseverity = "error"\n')


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_the_shortest_rsa_key_of_a_partner(read, bits):
    """Our own rule, a stricter one, or the one exception."""
    text = GOOD.replace('id = "fr"', f'id = "fr"\nmin_rsa_bits = {bits}')
    assert read(text).partner[0].min_rsa_bits == bits


@pytest.mark.parametrize("bits", [0, 1024, 2047, 2049, 3071])
def test_no_other_length_is_an_exception(refused, bits):
    """There is one length below our rule, and nothing below it or between."""
    text = GOOD.replace('id = "fr"', f'id = "fr"\nmin_rsa_bits = {bits}')
    assert f"min_rsa_bits must be 2048, or 3072 or more, not {bits}" in refused(text)


@pytest.mark.parametrize("share", [0, 0.01, 1])
def test_the_share_of_the_second_opinion(read, share):
    """From nothing to everything; one in a hundred when nobody says."""
    assert read(f"{GOOD}\n[signatures]\noracle_share = {share}").signatures.oracle_share == share
    assert read().signatures.oracle_share == 0.01


@pytest.mark.parametrize("share", ["-0.01", "1.01", "nan"])
def test_a_share_that_is_none(refused, share):
    """Less than nothing, more than everything, and what is no number."""
    assert "oracle_share must be from 0 to 1" in refused(f"{GOOD}\n[signatures]\noracle_share = {share}")


def test_tokens_of_permits(read):
    """Each authority has its own word; the limits are for all."""
    words = GOOD.replace('id = "CH:MA"', 'id = "CH:MA"\npermit_tokens = "required"')
    settings = read(words + "\n[permit_tokens]\nwrong_per_permit = 3\n")
    assert {str(each.id): each.permit_tokens for each in settings.authority}["CH:MA"] == "required"
    assert settings.permit_tokens.wrong_per_permit == 3


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (GOOD.replace('id = "CH:MA"', 'id = "CH:MA"\npermit_tokens = "maybe"'), "none, optional, required"),
        (GOOD + "\n[permit_tokens]\nwrong_per_caller = 0\n", "wrong_per_caller must be more than 0"),
    ],
)
def test_tokens_of_permits_that_mean_nothing(read, changed, sentence):
    """Refused with what may stand there."""
    with pytest.raises(ConfigurationError, match=re.escape(sentence)):
        read(changed)
