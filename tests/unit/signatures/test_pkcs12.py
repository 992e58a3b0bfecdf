import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from support.key_material import bundle, secret
from support.keys import certificate_for, private_key

from gateway.errors import KeyMaterialError
from gateway.signatures.pkcs12 import load_pkcs12

KEY = private_key("p256")
CERTIFICATE = certificate_for(KEY)


def refused(path, passphrase=b"secret"):
    """The sentence with which a file is refused."""
    with pytest.raises(KeyMaterialError) as error:
        load_pkcs12(path, passphrase=passphrase)
    assert "secret" not in error.value.message
    assert error.value.advice
    return error.value.message


@pytest.mark.parametrize("passphrase", [b"secret", None])
def test_a_key_with_its_certificate(tmp_path, passphrase):
    """With a passphrase and without."""
    loaded = load_pkcs12(bundle(tmp_path / "a.p12", KEY, CERTIFICATE, passphrase), passphrase=passphrase)
    assert loaded.certificate == CERTIFICATE
    assert loaded.private_key.private_numbers() == KEY.private_numbers()


@pytest.mark.parametrize("passphrase", [b"guessed", b"", None])
def test_a_wrong_passphrase_is_refused(tmp_path, passphrase):
    """Also an empty one and none at all."""
    assert "the passphrase is wrong" in refused(
        bundle(tmp_path / "a.p12", KEY, CERTIFICATE, b"secret"), passphrase
    )


def test_a_file_without_key_is_refused(tmp_path):
    """Certificates alone are no key."""
    assert "holds no private key" in refused(bundle(tmp_path / "a.p12", None, CERTIFICATE, b"secret"))


def test_a_file_without_certificate_is_refused(tmp_path):
    """A key alone is not known to anybody."""
    assert "holds no certificate" in refused(bundle(tmp_path / "a.p12", KEY, None, b"secret"))


@pytest.mark.parametrize("left", [0, 10, 200])
def test_a_truncated_file_is_refused(tmp_path, left):
    """Wherever it was cut off."""
    path = bundle(tmp_path / "a.p12", KEY, CERTIFICATE, b"secret")
    assert "the file is damaged" in refused(secret(path, path.read_bytes()[:left]))


def test_a_file_that_is_open_to_others_is_refused(tmp_path):
    """Like every private key."""
    path = bundle(tmp_path / "a.p12", KEY, CERTIFICATE, b"secret")
    path.chmod(0o640)
    assert "is open to others (mode 640)" in refused(path)


def test_a_key_of_another_kind_is_refused(tmp_path):
    """Neither RSA nor ECDSA."""
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    path = bundle(tmp_path / "a.p12", key, certificate_for(key), b"secret")
    assert "neither RSA nor ECDSA" in refused(path)


def test_a_certificate_that_may_not_sign_is_refused(tmp_path):
    """The same checks as for PEM."""
    path = bundle(tmp_path / "a.p12", KEY, certificate_for(KEY, digital_signature=False), b"secret")
    assert "does not allow digital signatures" in refused(path)


def test_a_missing_file_is_named(tmp_path):
    """And a folder in its place."""
    assert "nosuch.p12 cannot be read" in refused(tmp_path / "nosuch.p12")
    assert "cannot be read" in refused(tmp_path)
