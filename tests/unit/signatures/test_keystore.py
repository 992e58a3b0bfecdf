import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.key_material import key_pair, secret
from support.keys import NOW, pem_of, seal

from gateway.errors import KeyMaterialError
from gateway.signatures.keyfile import KeyEntry, KeyFolderSettings, changing, read_entries, read_passphrase
from gateway.signatures.keyring import Use
from gateway.signatures.keys import write_key_files
from gateway.signatures.keystore import ConfiguredKeys, load_keyring

SWITCH = datetime(2027, 1, 1, tzinfo=UTC)
ENTRY = KeyEntry("CH:MA", "ch-ma-2027", "new.key.pem", "new.crt.pem", SWITCH)


def keep(folder, *entries):
    """Write the file as a command does."""
    with changing(folder) as kept:
        kept[:] = entries


def test_the_file_says_again_what_was_written(tmp_path):
    """Every field comes back, also those that are empty; moments in UTC."""
    requested = KeyEntry("gateway", "asked", "asked.key.pem")
    retired = replace(ENTRY, name="old", begins=None, retired=SWITCH + timedelta(hours=1))
    keep(tmp_path, ENTRY, requested, retired)
    assert read_entries(tmp_path) == (ENTRY, requested, retired)


def test_a_folder_without_the_file_has_no_keys(tmp_path):
    """Nor has one that does not exist."""
    assert read_entries(tmp_path) == read_entries(tmp_path / "nosuch") == ()


def test_an_error_changes_nothing(tmp_path):
    """A command that fails leaves the file as it was."""
    keep(tmp_path, ENTRY)
    before = (tmp_path / "keys.toml").read_bytes()

    def fail():
        with changing(tmp_path) as entries:
            entries.clear()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (tmp_path / "keys.toml").read_bytes() == before


def test_the_file_is_replaced_as_a_whole(tmp_path):
    """A reader who has it open goes on reading the old one."""
    keep(tmp_path, ENTRY)
    with (tmp_path / "keys.toml").open() as reader:
        keep(tmp_path)
        assert "ch-ma-2027" in reader.read()
    assert read_entries(tmp_path) == ()
    assert [path.name for path in tmp_path.iterdir()] == ["keys.toml"]


def test_a_new_folder_is_closed_to_others(tmp_path):
    """The first command makes it with mode 700."""
    keep(tmp_path / "keys", ENTRY)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


GOOD = '[[key]]\nowner = "CH:MA"\nname = "a"\nkey = "a.key.pem"\ncertificate = "a.crt.pem"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[key]", "is not TOML"),
        (GOOD + "[other]\n", r"must hold \[\[key\]\] tables only"),
        ("key = 1\n", r"must hold \[\[key\]\] tables only"),
        ("key = [1]\n", "is not a table"),
        (GOOD + "begin = 1\n", "number 1: unknown key begin"),
        (GOOD + 'begins = "2027"\n', "begins must be a time with its zone"),
        (GOOD + "begins = 2027-01-01\n", "begins must be a time with its zone"),
        (GOOD + "begins = 2027-01-01T00:00:00\n", "begins must be a time with its zone"),
        (GOOD.replace('"a.key.pem"', '"../a.pem"'), r"key must be letters, digits and \._:- only"),
        (GOOD.replace('"a.key.pem"', "7"), "key must be letters"),
        (GOOD.replace('"a"', '"a b"'), "name must be letters"),
        (GOOD.replace('owner = "CH:MA"\n', ""), "needs owner, name, and key or certificate"),
        ('[[key]]\nowner = "CH:MA"\nname = "a"\n', "needs owner, name, and key or certificate"),
        (GOOD + GOOD, "has the key a twice"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path, text, words):
    """With the place and what is wrong; a key is never read in part."""
    (tmp_path / "keys.toml").write_text(text)
    with pytest.raises(KeyMaterialError, match=words) as error:
        read_entries(tmp_path)
    assert error.value.advice


def test_keys_of_the_configuration_and_of_the_folder_are_one_ring(tmp_path):
    """The key in the configuration signs until one of the folder takes its place."""
    old, new = seal("old"), seal("new")
    pair = key_pair(tmp_path, old.private_key, old.certificate)
    write_key_files(new, tmp_path / ENTRY.key, tmp_path / ENTRY.certificate, passphrase=b"secret")
    keep(tmp_path, ENTRY)
    ring = load_keyring([ConfiguredKeys("CH:MA", *pair)], tmp_path, passphrase=b"secret")
    assert ring.active("CH:MA", SWITCH - timedelta(seconds=1)).certificate == old.certificate
    assert ring.active("CH:MA", SWITCH).certificate == new.certificate


def test_a_retired_certificate_of_the_configuration_verifies(tmp_path):
    """It stands among the certificates of its owner, also when it has no key in the configuration."""
    file = secret(tmp_path / "old.pem", pem_of(seal("old").certificate))
    ring = load_keyring([ConfiguredKeys("CH:MA", retired_certificates=(file,))], tmp_path)
    assert ring.certificates("CH:MA") == (seal("old").certificate,)
    assert ring.use(ring.keys[0], NOW) is Use.RETIRED


def test_a_next_key_is_opened_long_before_its_moment(tmp_path):
    """A wrong passphrase is found when the ring is loaded, not at the second of the switch."""
    write_key_files(seal(), tmp_path / ENTRY.key, tmp_path / ENTRY.certificate, passphrase=b"secret")
    keep(tmp_path, ENTRY)
    with pytest.raises(KeyMaterialError, match="passphrase is wrong"):
        load_keyring([], tmp_path, passphrase=b"other")


def test_a_retired_key_needs_no_private_key(tmp_path):
    """Its file may be gone; the certificate may not."""
    secret(tmp_path / ENTRY.certificate, pem_of(seal().certificate))
    keep(tmp_path, replace(ENTRY, key="", retired=SWITCH))
    assert load_keyring([], tmp_path).certificates("CH:MA") == (seal().certificate,)
    (tmp_path / ENTRY.certificate).unlink()
    with pytest.raises(KeyMaterialError, match=r"new\.crt\.pem cannot be read"):
        load_keyring([], tmp_path)


def test_the_passphrase_comes_from_a_file(tmp_path):
    """Its first line, without the end of the line."""
    file = secret(tmp_path / "passphrase", b"correct horse\r\nnot this\n")
    assert KeyFolderSettings(passphrase_file=file).passphrase({}) == b"correct horse"


def test_the_passphrase_comes_from_a_variable():
    """The one that the configuration names; without either there is none."""
    assert KeyFolderSettings(passphrase_variable="SEAL").passphrase({"SEAL": "héron"}) == "héron".encode()
    assert KeyFolderSettings().passphrase(os.environ) is None


@pytest.mark.parametrize(
    ("data", "mode", "words"),
    [(b"", 0o600, "begins with an empty line"), (b"x", 0o644, r"is open to others \(mode 644\)")],
)
def test_a_bad_file_of_the_passphrase_is_refused(tmp_path, data, mode, words):
    """Empty, or open to others; and one that is missing."""
    with pytest.raises(KeyMaterialError, match=words):
        read_passphrase(secret(tmp_path / "passphrase", data, mode))
    with pytest.raises(KeyMaterialError, match="nosuch cannot be read"):
        read_passphrase(tmp_path / "nosuch")


def test_an_empty_variable_is_refused():
    """A configured passphrase that is not there never means: no passphrase."""
    with pytest.raises(KeyMaterialError, match="variable SEAL holds no passphrase"):
        KeyFolderSettings(passphrase_variable="SEAL").passphrase({"SEAL": ""})


def test_settings_that_contradict_themselves_are_refused(tmp_path):
    """Two passphrases, or a variable that would be read as a setting."""
    with pytest.raises(ValueError, match="both given"):
        KeyFolderSettings(passphrase_file=tmp_path, passphrase_variable="X")
    with pytest.raises(ValueError, match="must not begin with ECITES_"):
        KeyFolderSettings(passphrase_variable="ECITES_SEAL")
