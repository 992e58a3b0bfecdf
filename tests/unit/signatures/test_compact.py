"""Compact signatures: what is accepted, and every lie that is not."""

import base64
import json
import tracemalloc
import zlib

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from support.key_material import curve_key
from support.keys import certificate_for, private_key, seal
from support.statements import forged

from gateway.errors import SignatureRefused
from gateway.signatures.compact import (
    MAX_HEADER,
    Ceiling,
    Compact,
    encode,
    key_id,
    read_compact,
    sign_compact,
    verify_compact,
)
from gateway.signatures.keys import SigningKey
from gateway.signatures.verdict import SubIndication

KIND = "cites-permit+jwt"
CEILING = Ceiling(text=4000, claims=2000)
CLAIMS = {"iss": "CH", "sub": "CH-2026-000123", "text": "a" * 100}


def key_of(kind):
    """A signing key of one kind."""
    private = curve_key(7, "p521") if kind == "p521" else private_key(kind)
    return SigningKey(private, certificate_for(private))


def proven(text, *keys, ceiling=CEILING):
    """The claims, read and verified against some keys."""
    trusted = [key.certificate for key in keys or (seal(),)]
    return verify_compact(read_compact(text, kind=KIND, ceiling=ceiling), trusted, ceiling=ceiling)


def refused(text, *keys, ceiling=CEILING):
    """Why a text is not accepted."""
    with pytest.raises(SignatureRefused) as error:
        proven(text, *keys, ceiling=ceiling)
    return error.value.verdict.sub


@pytest.mark.parametrize(
    ("kind", "algorithm"), [("p256", "ES256"), ("p384", "ES384"), ("p521", "ES512"), ("rsa3072", "PS256")]
)
def test_each_kind_of_key_signs_with_its_one_algorithm(kind, algorithm):
    """What is signed comes back, with the certificate that the header names among strangers."""
    key = key_of(kind)
    text = sign_compact(CLAIMS, key, kind=KIND)
    found = proven(text, seal("other"), key)
    assert (dict(found.claims), found.certificate) == (CLAIMS, key.certificate)
    header = json.loads(base64.urlsafe_b64decode(text.split(".")[0] + "=="))
    assert header == {"alg": algorithm, "kid": key_id(key.certificate), "typ": KIND, "zip": "DEF"}


def test_the_example_of_rfc_7515_verifies():
    """RFC 7515, A.3: a signature that none of us made, with the key of that example."""
    x, y, d = (
        int.from_bytes(base64.urlsafe_b64decode(part + "="), "big")
        for part in (
            "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
        )
    )
    private = ec.EllipticCurvePrivateNumbers(
        d, ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1())
    ).private_key()
    certificate = certificate_for(private)
    signed = (
        "eyJhbGciOiJFUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    )
    value = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    payload, signature = (base64.urlsafe_b64decode(part + "==") for part in (signed.partition(".")[2], value))
    compact = Compact(
        "ES256",
        key_id(certificate),
        compressed=False,
        payload=payload,
        signed=signed.encode(),
        signature=signature,
    )
    found = verify_compact(compact, [certificate], ceiling=CEILING)
    assert found.claims == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}


def test_short_claims_are_not_compressed():
    """DEFLATE is used only where it saves something."""
    text = sign_compact({"a": 1}, seal(), kind=KIND)
    assert b"zip" not in base64.urlsafe_b64decode(text.split(".")[0] + "==")
    assert proven(text).claims == {"a": 1}


def test_a_stranger_is_not_found():
    """The certificate must be one of those that are trusted; the text brings none."""
    text = sign_compact(CLAIMS, seal("stranger"), kind=KIND)
    assert refused(text) is SubIndication.NO_SIGNING_CERTIFICATE_FOUND


def test_a_key_that_another_certificate_names_is_not_taken():
    """Whoever claims our certificate and signs with another key is found out."""
    text = forged(b"{}", seal("stranger"), kid=key_id(seal().certificate))
    assert refused(text) is SubIndication.SIG_CRYPTO_FAILURE


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS256", "PS256", "ES384", "es256", ""])
def test_the_header_does_not_choose_the_algorithm(algorithm):
    """RFC 8725, 2.1: the key has one algorithm, and a genuine signature under another name is refused."""
    assert refused(forged(b"{}", alg=algorithm)) is SubIndication.SIG_CONSTRAINTS_FAILURE


@pytest.mark.parametrize("shape", [Encoding.PEM, Encoding.DER])
def test_hmac_with_the_public_key_is_refused(shape):
    """The classic confusion: the public key, which everybody has, taken for a shared secret."""
    public = seal().certificate.public_key().public_bytes(shape, PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "kid": key_id(seal().certificate), "typ": KIND}
    signed = f"{encode(json.dumps(header).encode())}.{encode(b'{}')}"
    mac = hmac.HMAC(public, hashes.SHA256())
    mac.update(signed.encode())
    assert refused(f"{signed}.{encode(mac.finalize())}") is SubIndication.SIG_CONSTRAINTS_FAILURE


def test_without_a_signature_there_is_nothing():
    """`none` with an empty signature has no third part."""
    text = forged(b"{}", alg="none")
    assert refused(text.rpartition(".")[0] + ".") is SubIndication.FORMAT_FAILURE


def test_pkcs1_padding_is_not_pss():
    """An RSA signature of the other padding is refused though the key made it."""
    key = seal(algorithm="rsa")
    signed = forged(b"{}", key, alg="PS256").rpartition(".")[0]
    value = key.private_key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert proven(forged(b"{}", key, alg="PS256"), key).claims == {}
    assert refused(f"{signed}.{encode(value)}", key) is SubIndication.SIG_CRYPTO_FAILURE


def test_ecdsa_in_der_is_refused():
    """The same signature in another spelling is another text."""
    signed = forged(b"{}").rpartition(".")[0]
    value = seal().private_key.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
    assert refused(f"{signed}.{encode(value)}") is SubIndication.SIG_CRYPTO_FAILURE


@pytest.mark.parametrize("size", [0, 1, 63, 65, 96])
def test_a_signature_of_another_length_is_refused(size):
    """Both halves side by side have 64 bytes; nothing is filled up or cut."""
    signed = forged(b"{}").rpartition(".")[0]
    assert refused(f"{signed}.{encode(bytes(size))}") in (
        SubIndication.SIG_CRYPTO_FAILURE,
        SubIndication.FORMAT_FAILURE,
    )


def test_a_filled_up_half_is_another_spelling():
    """A zero before s changes no number, and no signature may have two spellings."""
    signed, _, value = sign_compact(CLAIMS, seal(), kind=KIND).rpartition(".")
    data = base64.urlsafe_b64decode(value + "==")
    assert proven(f"{signed}.{encode(data)}").claims == CLAIMS
    for lie in (data[:32] + b"\0" + data[32:], b"\0" + data, data + b"\0"):
        assert refused(f"{signed}.{encode(lie)}") is SubIndication.SIG_CRYPTO_FAILURE


@pytest.mark.parametrize("kind", ["rsa2048", "ed25519"])
def test_a_weak_or_foreign_key_in_the_folder_is_refused(kind):
    """A registered certificate does not make every key good enough."""
    private = private_key(kind)
    certificate = certificate_for(private)
    text = forged(b"{}", kid=key_id(certificate))
    with pytest.raises(SignatureRefused) as error:
        verify_compact(read_compact(text, kind=KIND, ceiling=CEILING), [certificate], ceiling=CEILING)
    assert error.value.verdict.sub is SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE


def test_a_certificate_that_may_not_sign_is_refused():
    """Key usage without digitalSignature."""
    private = private_key("p256")
    key = SigningKey(private, certificate_for(private, digital_signature=False))
    assert refused(forged(b"{}", key), key) is SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE


def test_another_kind_of_statement_is_refused():
    """RFC 8725, 3.11: a status list is no statement about a permit, though the same key signs both."""
    text = sign_compact(CLAIMS, seal(), kind="cites-status-list+jwt")
    assert refused(text) is SubIndication.SIG_CONSTRAINTS_FAILURE


@pytest.mark.parametrize(
    "changes",
    [
        {"crit": ["exp"]},
        {"jwk": {"kty": "EC"}},
        {"jku": "https://attacker.invalid/"},
        {"x5u": "https://attacker.invalid/"},
        {"x5c": ["MII="]},
        {"b64": False},
        {"cty": "JWT"},
        {"kid": None},
        {"typ": None},
        {"alg": None},
        {"kid": "short"},
        {"kid": 7},
        {"zip": "GZ"},
        {"zip": True},
    ],
    ids=str,
)
def test_a_header_with_anything_else_is_refused(changes):
    """Nothing that a stranger writes into the header has an effect."""
    assert refused(forged(b"{}", **changes)) is SubIndication.FORMAT_FAILURE


def test_a_name_twice_is_refused():
    """In the header and in the claims: two readers would take two values."""
    kid = key_id(seal().certificate)
    header = f'{{"alg":"none","alg":"ES256","kid":"{kid}","typ":"{KIND}"}}'.encode()
    assert refused(forged(b"{}", header=header)) is SubIndication.FORMAT_FAILURE
    assert refused(forged(b'{"sub":"1","sub":"2"}')) is SubIndication.FORMAT_FAILURE
    assert refused(forged(b'{"a":{"b":1,"b":2}}')) is SubIndication.FORMAT_FAILURE


@pytest.mark.parametrize(
    "payload",
    [
        b"[]",
        b'"text"',
        b"7",
        b"null",
        b"{",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":"\xff"}',
        b'{"a":1} {}',
        b"\xef\xbb\xbf{}",
    ],
)
def test_claims_that_are_no_json_object_are_refused(payload):
    """Even a genuine signature does not make them one."""
    assert refused(forged(payload)) is SubIndication.FORMAT_FAILURE


def test_deep_nesting_ends_as_a_refusal():
    """No recursion reaches the caller."""
    deep = Ceiling(text=10**6, claims=10**6)
    assert refused(forged(b'{"a":' + b"[" * 200_000, None), ceiling=deep) is SubIndication.FORMAT_FAILURE


def deflated(data):
    """Raw DEFLATE."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def unfinished(data):
    """Raw DEFLATE that gives all of `data` and does not say that it ends there."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)


def test_a_decompression_bomb_is_not_unpacked():
    """The last size that is accepted, and the first that is not, whatever they unpack to."""
    rest = len(b'{"a":""}')
    within = b'{"a":"' + b"x" * (CEILING.claims - rest) + b'"}'
    assert len(proven(forged(deflated(within), zip="DEF")).claims["a"]) == CEILING.claims - rest
    beyond = b'{"a":"' + b"x" * (CEILING.claims - rest + 1) + b'"}'
    assert refused(forged(deflated(beyond), zip="DEF")) is SubIndication.FORMAT_FAILURE
    assert refused(forged(deflated(b" " * 2_000_000), zip="DEF")) is SubIndication.FORMAT_FAILURE


def test_a_bomb_is_not_unpacked_to_be_measured():
    """64 MB of zeros in 64 KB: the memory that is taken stays that of the ceiling."""
    text = forged(deflated(bytes(64 * 1024 * 1024)), zip="DEF")
    wide = Ceiling(text=200_000, claims=CEILING.claims)
    tracemalloc.start()
    try:
        assert refused(text, ceiling=wide) is SubIndication.FORMAT_FAILURE
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_claims_that_are_not_compressed_have_the_same_ceiling():
    """The ceiling does not depend on how they are written."""
    small = Ceiling(text=4000, claims=10)
    assert proven(forged(b'{"a":1234}'), ceiling=small).claims == {"a": 1234}
    assert refused(forged(b'{"a":12345}'), ceiling=small) is SubIndication.FORMAT_FAILURE


@pytest.mark.parametrize(
    "payload",
    [deflated(b"{}") + b"more", deflated(b'{"a":"bcdefgh"}')[:-3], unfinished(b"{}"), b"\xff\xff", b"{}"],
)
def test_compressed_claims_must_be_one_whole_stream(payload):
    """Nothing behind it, nothing missing, nothing else."""
    assert refused(forged(payload, zip="DEF")) is SubIndication.FORMAT_FAILURE


def test_padding_white_space_and_other_alphabets_are_refused():
    """Each part has one spelling."""
    good = sign_compact(CLAIMS, seal(), kind=KIND)
    head, payload, value = good.split(".")
    for text in (
        f"{head}=.{payload}.{value}",
        f"{head}.{payload}.{value}==",
        f"{head}.{payload[:5]}\n{payload[5:]}.{value}",
        f"{head}.{payload[:5]} {payload[5:]}.{value}",
        f"{head}.{payload}.+{value[1:]}",
        f"{head}.{payload}.{value}.",
        f".{head}.{payload}.{value}",
        f"{head}..{value}",
        f"{head}.{payload}",
        "",
        "..",
    ):
        assert refused(text) is SubIndication.FORMAT_FAILURE


def test_the_unused_bits_of_the_last_character_count():
    """64 bytes leave four bits of the last character unused: the other 15 spellings are refused."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    good = sign_compact(CLAIMS, seal(), kind=KIND)
    begin = alphabet.index(good[-1]) // 16 * 16
    others = [good[:-1] + each for each in alphabet[begin : begin + 16] if each != good[-1]]
    assert len(others) == 15
    assert {refused(text) for text in others} == {SubIndication.FORMAT_FAILURE}


def test_size_is_looked_at_first():
    """The last length that is read, and the first that is not."""
    good = sign_compact(CLAIMS, seal(), kind=KIND)
    assert proven(good, ceiling=Ceiling(len(good), 2000)).claims == CLAIMS
    assert refused(good, ceiling=Ceiling(len(good) - 1, 2000)) is SubIndication.FORMAT_FAILURE
    assert refused(f"{'e' * (MAX_HEADER + 1)}.e30.e30") is SubIndication.FORMAT_FAILURE
