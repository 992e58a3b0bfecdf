"""Reading PKCS #12 files (RFC 7292), in which a key is handed out together with its certificate."""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import pkcs12

from gateway.errors import KeyMaterialError
from gateway.signatures.keys import SigningKey, check_certificate, check_fit, check_mode, check_private_key


def load_pkcs12(path: Path, *, passphrase: bytes | None) -> SigningKey:
    """
    The key of a PKCS #12 file and the certificate that belongs to it; a chain in the file is left aside.

    Raises `KeyMaterialError` when the file is missing or unreadable, when the passphrase is wrong, when key
    or certificate is missing or does not fit, or when others may read the file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KeyMaterialError(
            f"the file {path} cannot be read: {error.strerror}", advice="check the path and the file's mode"
        ) from None
    check_mode(path, "file with a private key")
    try:
        key, certificate, _chain = pkcs12.load_key_and_certificates(data, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyMaterialError(
            f"the PKCS #12 file {path} does not open: the passphrase is wrong, or the file is damaged",
            advice="name a file with its passphrase with --passphrase-file",
        ) from None
    if key is None:
        raise KeyMaterialError(
            f"the PKCS #12 file {path} holds no private key",
            advice="export it again together with its private key",
        )
    if certificate is None:
        raise KeyMaterialError(
            f"the PKCS #12 file {path} holds no certificate for its private key",
            advice="export it again together with the certificate of the key",
        )
    private_key = check_private_key(key, str(path))
    check_fit(private_key, certificate, f"the key in {path}", "the certificate beside it")
    check_certificate(certificate, str(path))
    return SigningKey(private_key, certificate)
