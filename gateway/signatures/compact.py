"""
Compact JSON Web Signatures (RFC 7515), for what has to fit into a QR code: the one shape that we accept.

    BASE64URL(header) . BASE64URL(claims) . BASE64URL(signature)

The header names the algorithm, which must be the one of the key; the certificate by its SHA-256 (`kid`); the
kind of statement (`typ`, RFC 8725, 3.11); and, when it makes the claims shorter, that they are compressed
(`zip`: raw DEFLATE, RFC 1951, as SMART Health Cards have it). Anything else in the header is refused, so
there is no `none`, no HMAC, no `crit`, and no key that a stranger sends along.
"""

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from gateway.errors import KeyMaterialError, SignatureRefused
from gateway.signatures.algorithms import coordinate_bytes
from gateway.signatures.keys import SigningKey, check_certificate, der_of, subject_of
from gateway.signatures.policy import DEFAULT_POLICY, SignaturePolicy
from gateway.signatures.verdict import SubIndication, refuse
from gateway.wording import Words, say

MAX_HEADER = 512
"""Characters; ours have about 130."""

_DIGEST_CHARACTERS = 43
"""SHA-256 in base64url."""
_DEFLATED = "DEF"
_PART = re.compile(r"[A-Za-z0-9_-]+")
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
"""RFC 7518, 3.5."""
_CURVES: Mapping[str, tuple[str, hashes.HashAlgorithm]] = MappingProxyType(
    {
        "secp256r1": ("ES256", hashes.SHA256()),
        "secp384r1": ("ES384", hashes.SHA384()),
        "secp521r1": ("ES512", hashes.SHA512()),
    }
)
"""RFC 7518, 3.4: each curve has one algorithm."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What reading may cost."""

    text: int
    """Characters of the whole."""
    claims: int
    """Bytes of the claims once they are unpacked."""


@dataclass(frozen=True, slots=True)
class Compact:
    """A statement taken apart; nothing of it is proven."""

    algorithm: str
    key_id: str
    """SHA-256 of the certificate in base64url, as the header names it."""
    compressed: bool
    payload: bytes
    signed: bytes
    """The characters that the signature covers."""
    signature: bytes


@dataclass(frozen=True, slots=True)
class ProvenClaims:
    """Claims whose signature held, and the certificate against which it did; made by `verify_compact`."""

    claims: Mapping[str, Any]
    certificate: x509.Certificate


def key_id(certificate: x509.Certificate) -> str:
    """How a header names a certificate: its SHA-256 in base64url (RFC 7515, 4.1.8)."""
    return encode(hashlib.sha256(der_of(certificate)).digest())


def sign_compact(claims: Mapping[str, Any], key: SigningKey, *, kind: str) -> str:
    """The signed text of `claims` (JSON-ready); `kind` becomes `typ`."""
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflater.compress(payload) + deflater.flush()
    header = {"alg": _algorithm(key.certificate), "kid": key_id(key.certificate), "typ": kind}
    if len(packed) < len(payload):
        header["zip"], payload = _DEFLATED, packed
    signed = f"{encode(json.dumps(header, separators=(',', ':')).encode())}.{encode(payload)}"
    return f"{signed}.{encode(_signature(signed.encode(), key))}"


def read_compact(text: str, *, kind: str, ceiling: Ceiling) -> Compact:
    """
    Take a text apart, without believing any of it.

    Raises `SignatureRefused`: FORMAT_FAILURE for anything but the one shape, down to the unused bits of the
    last character of each part, and SIG_CONSTRAINTS_FAILURE for a statement of another kind.
    """
    if len(text) > ceiling.text:
        raise _malformed(say("it is longer than {most} characters", most=ceiling.text))
    parts = text.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        raise _malformed(say("it does not have three parts with a dot between them"))
    if len(parts[0]) > MAX_HEADER:
        raise _malformed(say("its header is longer than {most} characters", most=MAX_HEADER))
    head, payload, signature = map(_decoded, parts)
    header = _object(head)
    if not {"alg", "kid", "typ"} <= set(header) <= {"alg", "kid", "typ", "zip"}:
        raise _malformed(say("its header must have alg, kid, typ and at most zip"))
    if not all(isinstance(value, str) for value in header.values()):
        raise _malformed(say("its header holds something else than text"))
    if len(header["kid"]) != _DIGEST_CHARACTERS:
        raise _malformed(say("its header does not name a certificate by its SHA-256"))
    if header.get("zip", _DEFLATED) != _DEFLATED:
        raise _malformed(say("its claims are compressed in an unknown way"))
    if header["typ"] != kind:
        raise refuse(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            say("it is a statement of another kind: {found}, not {kind}", found=header["typ"], kind=kind),
        )
    return Compact(
        header["alg"],
        header["kid"],
        "zip" in header,
        payload,
        f"{parts[0]}.{parts[1]}".encode(),
        signature,
    )


def verify_compact(
    compact: Compact,
    trusted: Sequence[x509.Certificate],
    *,
    ceiling: Ceiling,
    policy: SignaturePolicy = DEFAULT_POLICY,
) -> ProvenClaims:
    """
    Prove that one of the `trusted` certificates signed.

    1. The certificate that the header names is one of `trusted`, and its key may sign.
    2. The algorithm of the header is the one that this key has, never one that the header chooses.
    3. The signature holds.
    4. Only now are the claims unpacked, up to a ceiling, and read: one JSON object, no name twice.

    Says nothing about time and revocation. Raises `SignatureRefused`.
    """
    # 1
    certificate = next((each for each in trusted if key_id(each) == compact.key_id), None)
    if certificate is None:
        raise refuse(
            SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
            say("no certificate of the signer is here: get it from the issuer by another way and add it"),
        )
    signer = subject_of(certificate)
    try:
        check_certificate(certificate, signer, policy)
    except KeyMaterialError:
        raise refuse(
            SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
            say("the certificate {signer} has a key that may not sign", signer=signer),
            signer=signer,
        ) from None
    # 2
    if compact.algorithm != _algorithm(certificate):
        raise refuse(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            say(
                "it claims to be signed with {found}, and the key of {signer} signs with {wanted} only",
                found=compact.algorithm,
                signer=signer,
                wanted=_algorithm(certificate),
            ),
            signer=signer,
        )
    # 3
    if not _holds(compact, certificate):
        raise refuse(
            SubIndication.SIG_CRYPTO_FAILURE,
            say("the signature does not hold: the text was changed or misread, or another key made it"),
            signer=signer,
        )
    # 4
    payload = _inflated(compact.payload, ceiling.claims) if compact.compressed else compact.payload
    if len(payload) > ceiling.claims:
        raise _malformed(say("its claims have more than {most} bytes, or break off", most=ceiling.claims))
    return ProvenClaims(MappingProxyType(_object(payload)), certificate)


def encode(data: bytes) -> str:
    """Base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decoded(part: str) -> bytes:
    """The bytes of one part; a spelling that nobody writes is refused, so that every change is seen."""
    if not _PART.fullmatch(part):
        raise _malformed(say("it has a character that does not belong there, or an empty part"))
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        raise _malformed(say("a part of it has an impossible length")) from None
    if encode(data) != part:
        raise _malformed(say("the last character of a part is none that was written"))
    return data


def _object(data: bytes) -> dict[str, Any]:
    """One JSON object in UTF-8, in which no name stands twice and every number is a number."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise _malformed(say("it holds something that is not JSON, or a name twice")) from None
    if not isinstance(value, dict):
        raise _malformed(say("it holds something else than a JSON object"))
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object; raises `ValueError` when a name stands twice, because two readers would take two values."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_number(name: str) -> Any:
    """NaN and Infinity are not JSON; raises `ValueError`."""
    raise ValueError(name)


def _inflated(data: bytes, most: int) -> bytes:
    """Unpacked bytes, one stream and nothing behind it; of more than `most` at most one byte more."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        unpacked = inflater.decompress(data, most + 1)
    except zlib.error:
        raise _malformed(say("its claims cannot be unpacked")) from None
    if not inflater.eof:
        raise _malformed(say("its claims have more than {most} bytes, or break off", most=most))
    if inflater.unused_data:
        raise _malformed(say("something stands behind its claims"))
    return unpacked


def _algorithm(certificate: x509.Certificate) -> str:
    """The algorithm of a key (RFC 7518, 3.1); empty when there is none for it."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return "PS256"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name][0]
    return ""


def _signature(signed: bytes, key: SigningKey) -> bytes:
    """What our key makes of the characters; of ECDSA r and s side by side (RFC 7518, 3.4)."""
    private = key.private_key
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(signed, _PSS, hashes.SHA256())
    r, s = decode_dss_signature(private.sign(signed, ec.ECDSA(_CURVES[private.curve.name][1])))
    half = coordinate_bytes(private.public_key())
    return r.to_bytes(half, "big") + s.to_bytes(half, "big")


def _holds(compact: Compact, certificate: x509.Certificate) -> bool:
    """True when the key of the certificate made the signature."""
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(compact.signature, compact.signed, _PSS, hashes.SHA256())
            return True
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        half = coordinate_bytes(key)
        if len(compact.signature) != 2 * half:
            return False
        r, s = (int.from_bytes(part, "big") for part in (compact.signature[:half], compact.signature[half:]))
        key.verify(encode_dss_signature(r, s), compact.signed, ec.ECDSA(_CURVES[key.curve.name][1]))
    except (InvalidSignature, ValueError):
        return False
    return True


def _malformed(why: Words) -> SignatureRefused:
    """The refusal of a text that does not have the one shape."""
    return refuse(
        SubIndication.FORMAT_FAILURE,
        say(
            "this is no signed statement as we accept it ({why}): scan or copy the whole code again", why=why
        ),
    )
