import stat
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from support.key_material import curve_key, key_pair
from support.keys import KINDS, NOW, certificate_for, pem_of, private_key, seal

from gateway.errors import KeyMaterialError
from gateway.signatures.algorithms import ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512
from gateway.signatures.keys import (
    algorithm_of,
    check_certificate,
    fingerprint,
    is_development,
    load_certificate,
    load_certificates,
    load_signing_key,
    new_development_key,
    write_key_files,
)


@pytest.mark.parametrize("kind", KINDS)
def test_written_files_load_again(tmp_path, kind):
    """What `write_key_files` writes, `load_signing_key` reads: same key, same certificate."""
    key = seal(algorithm=kind)
    key_file, certificate_file = tmp_path / "key.pem", tmp_path / "crt.pem"
    write_key_files(key, key_file, certificate_file)
    loaded = load_signing_key(key_file, certificate_file, at=NOW)
    assert loaded.certificate == key.certificate
    assert loaded.private_key.private_numbers() == key.private_key.private_numbers()
    assert loaded.method == key.method


def test_a_private_key_is_readable_by_its_owner_only(tmp_path):
    """The key file has mode 600 from its first byte."""
    key_file = tmp_path / "key.pem"
    write_key_files(seal(), key_file, tmp_path / "crt.pem")
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


@pytest.mark.parametrize("there", ["key.pem", "crt.pem"])
def test_existing_files_are_never_replaced(tmp_path, there):
    """A key or certificate that exists keeps its bytes, and the caller gets an error."""
    (tmp_path / there).write_bytes(b"precious")
    with pytest.raises(KeyMaterialError, match=f"{there} exists already"):
        write_key_files(seal(), tmp_path / "key.pem", tmp_path / "crt.pem")
    assert (tmp_path / there).read_bytes() == b"precious"


def refused(tmp_path, key, certificate, **options):
    key_file, certificate_file = key_pair(tmp_path, key, certificate)
    with pytest.raises(KeyMaterialError) as error:
        load_signing_key(key_file, certificate_file, at=options.get("at", NOW))
    return error.value.message


def test_a_key_and_the_certificate_of_another_are_refused(tmp_path):
    """Key and certificate must belong together, and the sentence names both files."""
    said = refused(tmp_path, private_key("p256"), seal().certificate)
    assert "do not belong together" in said
    assert "seal.key.pem" in said
    assert "seal.crt.pem" in said


def test_a_key_of_another_kind_than_the_certificate_is_refused(tmp_path):
    """An RSA key with an EC certificate is the same mistake."""
    assert "do not belong together" in refused(tmp_path, private_key("rsa3072"), seal().certificate)


def test_an_rsa_key_of_2048_bits_is_refused(tmp_path):
    """Short RSA keys make no seals, and the sentence says what is asked for."""
    key = private_key("rsa2048")
    said = refused(tmp_path, key, certificate_for(key))
    assert "2048 bits is too short" in said
    assert "3072" in said


@pytest.mark.parametrize(
    ("curve", "method", "words"),
    [
        ("p256", ECDSA_SHA256, "ECDSA P-256"),
        ("p384", ECDSA_SHA384, "ECDSA P-384"),
        ("p521", ECDSA_SHA512, "ECDSA P-521"),
    ],
)
def test_three_curves_make_seals(tmp_path, curve, method, words):
    """P-256, P-384 and P-521, each with the digest that is as strong."""
    key = curve_key(1, curve)
    loaded = load_signing_key(*key_pair(tmp_path, key, certificate_for(key)), at=NOW)
    assert loaded.method == method
    assert algorithm_of(loaded.certificate) == words


def test_another_curve_is_refused(tmp_path):
    """A key on a curve of another family makes no seals here."""
    key = ec.derive_private_key(7, ec.SECP256K1())
    assert "P-256, P-384 or P-521" in refused(tmp_path, key, certificate_for(key))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_private_key_that_is_open_to_others_is_refused(tmp_path, mode):
    """Not even the group may have it; the sentence says the mode and the command that closes the file."""
    key = private_key("p256")
    files = key_pair(tmp_path, key, certificate_for(key))
    files[0].chmod(mode)
    with pytest.raises(KeyMaterialError, match=f"is open to others \\(mode {mode:03o}\\)") as error:
        load_signing_key(*files, at=NOW)
    assert error.value.advice.startswith(f"close it with: chmod 600 {files[0]}")


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_key_of_its_owner_alone_is_accepted(tmp_path, mode):
    """Whether or not the owner may write it."""
    key = private_key("p256")
    files = key_pair(tmp_path, key, certificate_for(key))
    files[0].chmod(mode)
    assert load_signing_key(*files, at=NOW)


def test_a_throw_away_key_may_be_open(tmp_path):
    """Everybody has the development keys of a checkout, and git keeps no modes."""
    files = key_pair(tmp_path, seal().private_key, seal().certificate)
    files[0].chmod(0o644)
    assert load_signing_key(*files, at=NOW)


def test_an_ed25519_key_is_refused(tmp_path):
    """A key that is neither RSA nor ECDSA is refused as a key and as a certificate."""
    key = private_key("ed25519")
    certificate = certificate_for(key)
    assert "neither RSA nor ECDSA" in refused(tmp_path, key, certificate)
    with pytest.raises(KeyMaterialError, match="P-521"):
        check_certificate(certificate, "it")


def test_a_certificate_that_may_not_sign_is_refused(tmp_path):
    """A key usage without digitalSignature is refused."""
    key = private_key("p256")
    said = refused(tmp_path, key, certificate_for(key, digital_signature=False))
    assert "does not allow digital signatures" in said


def test_a_certificate_without_key_usage_is_accepted(tmp_path):
    """No key usage means no restriction (RFC 5280, 4.2.1.3)."""
    key = private_key("p256")
    files = key_pair(tmp_path, key, certificate_for(key, digital_signature=None))
    assert load_signing_key(*files, at=NOW).private_key.private_numbers() == key.private_numbers()


@pytest.mark.parametrize("off", [timedelta(days=-2), timedelta(days=366)])
def test_a_certificate_outside_its_time_is_refused(tmp_path, off):
    """An expired certificate, or one that begins later, does not sign; the sentence gives its dates."""
    key = private_key("p256")
    said = refused(tmp_path, key, certificate_for(key), at=NOW + off)
    assert "is valid from 2026-11-22 12:00 to 2027-11-23 12:00 UTC, not now" in said


@pytest.mark.parametrize("off", [timedelta(days=-1), timedelta(days=365)])
def test_the_first_and_the_last_second_of_a_certificate_count(tmp_path, off):
    """Both ends of the validity belong to it (RFC 5280, 4.1.2.5)."""
    key = private_key("p256")
    files = key_pair(tmp_path, key, certificate_for(key))
    assert load_signing_key(*files, at=NOW + off)


@pytest.mark.parametrize("missing", ["seal.key.pem", "seal.crt.pem"])
def test_a_missing_file_is_named(tmp_path, missing):
    """The sentence says which file cannot be read."""
    key = seal()
    files = key_pair(tmp_path, key.private_key, key.certificate)
    (tmp_path / missing).unlink()
    with pytest.raises(KeyMaterialError, match=missing):
        load_signing_key(*files, at=NOW)


@pytest.mark.parametrize("broken", ["seal.key.pem", "seal.crt.pem"])
@pytest.mark.parametrize("left", [0, 30, 100, 150])
def test_a_truncated_file_is_refused(tmp_path, broken, left):
    """A key or certificate that was cut off is refused with the name of its file."""
    key = seal()
    files = key_pair(tmp_path, key.private_key, key.certificate)
    (tmp_path / broken).write_bytes((tmp_path / broken).read_bytes()[:left])
    with pytest.raises(KeyMaterialError, match=broken):
        load_signing_key(*files, at=NOW)


def test_a_certificate_in_place_of_the_key_is_refused(tmp_path):
    """Two settings that were mixed up give a sentence, not a traceback."""
    key = seal()
    key_file, certificate_file = key_pair(tmp_path, key.private_key, key.certificate)
    with pytest.raises(KeyMaterialError, match="is not a private key"):
        load_signing_key(certificate_file, key_file, at=NOW)


@pytest.fixture
def encrypted(tmp_path):
    """The files of a key that needs the passphrase `secret`."""
    files = tmp_path / "key.pem", tmp_path / "crt.pem"
    write_key_files(seal(), *files, passphrase=b"secret")
    return files


def test_an_encrypted_key_opens_with_its_passphrase(encrypted):
    """PKCS #8 with a passphrase, written and read; the file does not hold the open key."""
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in encrypted[0].read_bytes()
    loaded = load_signing_key(*encrypted, at=NOW, passphrase=b"secret")
    assert loaded.private_key.private_numbers() == seal().private_key.private_numbers()


def test_an_encrypted_key_without_passphrase_is_refused(encrypted):
    """The sentence says that one is needed and where it is configured."""
    with pytest.raises(KeyMaterialError, match="needs a passphrase, and none is configured") as error:
        load_signing_key(*encrypted, at=NOW)
    assert "[keys]" in error.value.advice


@pytest.mark.parametrize("damage", [False, True])
def test_a_wrong_passphrase_is_refused(encrypted, damage):
    """The sentence names the file and never the passphrase."""
    if damage:
        encrypted[0].write_bytes(encrypted[0].read_bytes()[:120])
    with pytest.raises(KeyMaterialError, match="the passphrase is wrong, or the file is damaged") as error:
        load_signing_key(*encrypted, at=NOW, passphrase=b"guessed")
    assert "guessed" not in error.value.message + error.value.advice


def test_a_key_that_is_open_is_read_without_the_passphrase(tmp_path):
    """Keys that were made before there was a passphrase go on working."""
    files = key_pair(tmp_path, seal().private_key, seal().certificate)
    assert load_signing_key(*files, at=NOW, passphrase=b"secret")


def test_a_key_shows_nothing_of_itself():
    """Neither `repr` nor text of a key holds anything but the subject."""
    assert repr(seal()) == str(seal()) == "SigningKey(CN=CH:MA,OU=development only,C=CH)"


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    """A path that is a folder gives a sentence."""
    with pytest.raises(KeyMaterialError, match="cannot be read"):
        load_certificate(tmp_path)


def test_a_file_may_hold_several_certificates(tmp_path):
    """A bundle gives all its certificates in order."""
    first, second = seal().certificate, seal("FR:MA", "FR").certificate
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(pem_of(first) + pem_of(second))
    assert load_certificates(bundle) == (first, second)


def test_a_folder_gives_its_certificates_and_leaves_keys_alone(tmp_path):
    """Every .pem, .crt and .cer of a folder is read in order of names, except files of keys."""
    first, second, third = (seal(name).certificate for name in ("a", "b", "c"))
    (tmp_path / "2.crt").write_bytes(pem_of(second))
    (tmp_path / "1.pem").write_bytes(pem_of(first))
    (tmp_path / "3.cer").write_bytes(pem_of(third))
    (tmp_path / "seal.key.pem").write_bytes(pem_of(seal().private_key))
    (tmp_path / "readme.txt").write_text("not a certificate")
    assert load_certificates(tmp_path) == (first, second, third)


def test_an_empty_folder_is_refused(tmp_path):
    """A folder without certificates is an error: nothing could be verified."""
    with pytest.raises(KeyMaterialError, match="holds no certificate"):
        load_certificates(tmp_path)


def test_one_broken_certificate_in_a_folder_is_refused(tmp_path):
    """A folder is never read in part: the broken file is named."""
    (tmp_path / "1.pem").write_bytes(pem_of(seal().certificate))
    (tmp_path / "2.pem").write_bytes(b"broken")
    with pytest.raises(KeyMaterialError, match=r"2\.pem"):
        load_certificates(tmp_path)


def test_a_development_certificate_says_what_it_is():
    """Throw-away keys carry the mark; other certificates do not."""
    assert is_development(seal().certificate)
    assert not is_development(certificate_for(private_key("p256")))


def test_a_development_certificate_passes_our_own_check():
    """What `ecites init` makes is a certificate that the gateway accepts, valid a little backdated."""
    made = new_development_key("CH:MA", "CH", at=NOW, days=30)
    check_certificate(made.certificate, "it")
    assert made.certificate.not_valid_before_utc == NOW - timedelta(minutes=5)
    assert made.certificate.not_valid_after_utc == NOW + timedelta(days=30)


def test_fingerprints_tell_certificates_apart():
    """The fingerprint is SHA-256 in hex; two certificates of the same name differ in it."""
    one, other = (new_development_key("CH:MA", "CH", at=NOW).certificate for _ in range(2))
    assert len(fingerprint(one)) == 64
    assert fingerprint(one) != fingerprint(other)
