"""Somebody else's implementation agrees with ours: python xmlsec, and the xmlsec1 command where it is."""

import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from support.keys import KINDS, NOW, certificate_for, pem_of, seal
from support.permits import permit_bytes, sealed_bytes
from support.requirements import program

from gateway.errors import SignatureRefused
from gateway.signatures import algorithms as a
from gateway.signatures.keys import SigningKey
from gateway.signatures.policy import DEFAULT_POLICY
from gateway.signatures.sign import sign
from gateway.signatures.verdict import SubIndication
from gateway.signatures.verify import verify
from gateway.xmlio.canonical import canonical
from gateway.xmlio.parse import parse

ASK_ALWAYS = replace(DEFAULT_POLICY, oracle_share=1.0)
JAVA = Path(__file__).resolve().parents[2] / "support" / "VerifySeal.java"


@pytest.fixture
def strangers():
    """The module that signs and verifies with xmlsec."""
    from support import strangers  # noqa: PLC0415 - it needs xmlsec

    return strangers


@pytest.mark.parametrize("kind", KINDS)
def test_xmlsec_verifies_what_we_sign(strangers, kind):
    """Both kinds of our signatures hold in the eyes of xmlsec."""
    key = seal(algorithm=kind)
    strangers.verify(sealed_bytes(key=key), key)


@pytest.mark.parametrize("kind", KINDS)
def test_xmlsec_refuses_what_was_altered(strangers, kind):
    """The verification above can fail: xmlsec notices a changed quantity."""
    key = seal(algorithm=kind)
    altered = sealed_bytes(key=key).replace(b">40<", b">400<")
    with pytest.raises(strangers.xmlsec.Error):
        strangers.verify(altered, key)


@pytest.mark.parametrize("key_info", [True, False], ids=["certificate in KeyInfo", "no KeyInfo"])
@pytest.mark.parametrize("kind", KINDS)
def test_we_verify_what_xmlsec_signs(strangers, kind, key_info):
    """A seal made by xmlsec with the same algorithms is accepted, and gives the same signed content."""
    key = seal(algorithm=kind)
    data = strangers.sign(permit_bytes(), key, key_info=key_info)
    proven = verify(parse(data), [key.certificate], at=NOW)
    assert proven.signed_bytes == canonical(parse(permit_bytes()).root)
    assert proven.certificate == key.certificate


@pytest.mark.parametrize("kind", KINDS)
def test_we_verify_a_signature_that_was_laid_out_on_lines(strangers, kind):
    """Line breaks around and inside the signature, as templates of other systems have them, do no harm."""
    key = seal(algorithm=kind)
    data = strangers.sign(permit_bytes(), key, lines=True)
    strangers.verify(data, key)
    proven = verify(parse(data), [key.certificate], at=NOW)
    assert proven.certificate == key.certificate


@pytest.mark.parametrize(
    "how",
    [
        {"canonicalization": "TransformInclC14N"},
        {"transforms": ["TransformEnveloped", "TransformInclC14N"]},
        {"transforms": ["TransformEnveloped"]},
        {"transforms": ["TransformEnveloped", "TransformExclC14NWithComments"]},
        {"transforms": ["TransformEnveloped", "TransformExclC14N", "TransformExclC14N"]},
        {
            "transforms": ["TransformEnveloped", "TransformXPath", "TransformExclC14N"],
            "xpath": "not(ancestor-or-self::*[local-name()='SpecifiedSupplyChainConsignment'])",
        },
        {"digest": "TransformSha1"},
        {"method": "TransformRsaSha1"},
    ],
    ids=str,
)
def test_a_genuine_signature_of_another_shape_is_refused(strangers, how):
    """The registered key made it and xmlsec accepts it; our policy refuses it all the same."""

    def theirs(value):
        named = [getattr(strangers.T, name) for name in ([value] if isinstance(value, str) else value)]
        return named[0] if isinstance(value, str) else named

    key = seal(algorithm="rsa")
    options = {name: value if name == "xpath" else theirs(value) for name, value in how.items()}
    data = strangers.sign(permit_bytes(), key, **options)
    strangers.verify(data, key)
    with pytest.raises(SignatureRefused) as error:
        verify(parse(data), [key.certificate], at=NOW)
    assert error.value.verdict.sub is SubIndication.SIG_CONSTRAINTS_FAILURE


def test_a_genuine_hmac_is_refused(strangers):
    """A signature with a shared secret proves nothing to us, however correct it is."""
    secret = b"shared secret of two people"
    data = strangers.sign(permit_bytes(), secret, method=strangers.T.TransformHmacSha256)
    strangers.verify(data, secret)
    with pytest.raises(SignatureRefused) as error:
        verify(parse(data), [seal(algorithm="rsa").certificate], at=NOW)
    assert error.value.verdict.sub is SubIndication.SIG_CONSTRAINTS_FAILURE


@pytest.mark.parametrize("kind", KINDS)
def test_the_xmlsec1_command_verifies_what_we_sign(tmp_path, kind):
    """The command that every auditor has accepts our seals and refuses an altered document."""
    command = program("xmlsec1")
    key = seal(algorithm=kind)
    certificate, document = tmp_path / "seal.crt.pem", tmp_path / "permit.xml"
    certificate.write_bytes(pem_of(key.certificate))
    good = sealed_bytes(key=key)
    for data, code in ((good, 0), (good.replace(b">40<", b">400<"), 1)):
        document.write_bytes(data)
        done = subprocess.run(  # noqa: S603 - a program that the test found, on files that it wrote
            [command, "--verify", "--pubkey-cert-pem", str(certificate), str(document)],
            capture_output=True,
            timeout=30,
            check=False,
        )
        assert (done.returncode != 0) == code, done.stderr.decode()


METHODS = {
    "rsa": [a.RSA_SHA256, a.RSA_SHA384, a.RSA_SHA512, a.PSS_SHA256, a.PSS_SHA384, a.PSS_SHA512],
    "p256": [a.ECDSA_SHA256, a.ECDSA_SHA384, a.ECDSA_SHA512],
    "p384": [a.ECDSA_SHA256, a.ECDSA_SHA384, a.ECDSA_SHA512],
    "p521": [a.ECDSA_SHA256, a.ECDSA_SHA384, a.ECDSA_SHA512],
}
"""Every signature method of the policy, with the keys that can make it."""
CASES = [(kind, method) for kind, methods in METHODS.items() for method in methods]


@cache
def key_of(kind):
    """A key of that kind with a certificate of its own."""
    if kind == "rsa":
        return seal(algorithm="rsa")
    curve = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}[kind]
    private = ec.generate_private_key(curve)
    return SigningKey(private, certificate_for(private))


def sealed_with(kind, method, digest_method=a.SHA256, at=NOW):
    """A permit sealed with one method; with signed properties unless `at` is None."""
    return sign(parse(permit_bytes()).root, key_of(kind), at=at, method=method, digest_method=digest_method)


@pytest.mark.parametrize(("kind", "method"), CASES)
def test_we_verify_what_we_sign_with_every_method(kind, method):
    """Every method of the policy works, signxml agrees, and a change is noticed."""
    trusted = [key_of(kind).certificate]
    data = sealed_with(kind, method)
    assert verify(parse(data), trusted, at=NOW, policy=ASK_ALWAYS)
    with pytest.raises(SignatureRefused) as error:
        verify(parse(data.replace(b">40<", b">400<")), trusted, at=NOW, policy=ASK_ALWAYS)
    assert error.value.verdict.sub is SubIndication.HASH_FAILURE


@pytest.mark.parametrize("at", [NOW, None], ids=["XAdES", "plain"])
@pytest.mark.parametrize(("kind", "method"), CASES)
def test_xmlsec_verifies_every_method(strangers, kind, method, at):
    """Xmlsec accepts each of them, with and without signed properties."""
    strangers.verify(sealed_with(kind, method, at=at), key_of(kind))


@pytest.mark.parametrize("digest_method", [a.SHA256, a.SHA384, a.SHA512])
def test_xmlsec_verifies_every_digest(strangers, digest_method):
    """So with every digest, and so do we."""
    data = sealed_with("p256", a.ECDSA_SHA256, digest_method)
    strangers.verify(data, key_of("p256"))
    assert verify(parse(data), [key_of("p256").certificate], at=NOW, policy=ASK_ALWAYS)


@pytest.mark.parametrize("kind", METHODS)
def test_the_jdk_verifies_what_we_sign(tmp_path, kind):
    """The JDK's own XML Signature accepts every method and digest, and refuses what was altered."""
    java = program("java")
    (tmp_path / "seal.pem").write_bytes(pem_of(key_of(kind).certificate))
    documents = [
        sealed_with(kind, method, digest_method, at)
        for method in METHODS[kind]
        for digest_method in (a.SHA256, a.SHA384, a.SHA512)
        for at in (NOW, None)
    ]
    documents.append(documents[0].replace(b">40<", b">400<"))
    files = [tmp_path / f"{number}.xml" for number in range(len(documents))]
    for file, data in zip(files, documents, strict=True):
        file.write_bytes(data)
    done = subprocess.run(  # noqa: S603 - a program that the test found, on files that it wrote
        [java, str(JAVA), str(tmp_path / "seal.pem"), *map(str, files)],
        capture_output=True,
        timeout=100,
        check=True,
    )
    assert done.stdout.decode().split() == ["valid"] * (len(files) - 1) + ["invalid"]
