"""The guide in a bundle, for somebody in an office: how to check it, with our program or without."""

import textwrap
from collections.abc import Iterator

from gateway.exchange.bundle.claims import LIMITS, claims_of, in_words
from gateway.exchange.bundle.contents import (
    ENVELOPE,
    MANIFEST,
    PERMIT,
    RECEIPT,
    Bundle,
    BundledCertificate,
    Signed,
)
from gateway.xmlio.names import XADES

_WIDTH = 100
_SIGNED = {Signed.RECEIPT: RECEIPT, Signed.ENVELOPE: ENVELOPE, Signed.SEAL: PERMIT}
_VERIFY = f'xmlsec1 --verify --id-attr:Id "{XADES}:SignedProperties" --enabled-key-data key-name'
"""Takes the key from the certificate that is named, and none from the document."""

_SHOW = "openssl x509 -noout -subject -nameopt RFC2253,utf8,-esc_msb -dates -fingerprint -sha256"
"""Writes the name in the order and with the letters in which it stands below."""


def guide(bundle: Bundle) -> bytes:
    """Plain text in UTF-8."""
    return ("\n".join(_lines(bundle)) + "\n").encode()


def _lines(bundle: Bundle) -> Iterator[str]:
    """Line by line."""
    yield "RECEIPT FOR AN ELECTRONIC CITES DOCUMENT"
    yield ""
    yield from _told(
        "This archive holds a message that one authority sent to another, and the receipt that the other "
        "signed for it. It can be checked without the sender, as told below. What the receipt says:"
    )
    yield ""
    for claim in claims_of(bundle):
        yield from _item(f"{claim}.")
    yield from _files(bundle)
    yield from _with_our_program()
    yield from _by_hand(bundle)
    yield from _limits()


def _files(bundle: Bundle) -> Iterator[str]:
    """What lies in the archive."""
    yield from _heading("WHAT IS IN HERE")
    for name, what in (
        (RECEIPT, "the signed receipt, exactly as it came"),
        (ENVELOPE, "the signed message, exactly as it was sent"),
        (PERMIT, "the document inside the message, exactly as it was sealed"),
        *((each.file, f"the certificate that signed {_SIGNED[each.signed]}") for each in bundle.certificates),
        (MANIFEST, "the same for programs: what is claimed, and the SHA-256 of every file"),
    ):
        yield f"  {name:<26} {what}"
    if not any(each.signed is Signed.SEAL for each in bundle.certificates):
        yield ""
        yield from _told("There is no certificate for the seal of the permit: ask its issuer for that.")


def _with_our_program() -> Iterator[str]:
    """The short way."""
    yield from _heading("TO CHECK IT WITH THE PROGRAM ecites")
    yield from _told(
        "FOLDER holds the certificates that you got from the authorities themselves, not from this archive."
    )
    yield ""
    yield "  ecites receipt verify ARCHIVE.zip --trust FOLDER"
    yield ""
    yield from _told("It needs no network. It says PASSED only when all of it holds and nothing was changed.")


def _by_hand(bundle: Bundle) -> Iterator[str]:
    """The long way, with programs that everybody can get."""
    yield from _heading("TO CHECK IT WITHOUT OUR PROGRAM")
    yield from _told(
        "You need openssl and xmlsec1, which come with most Linux systems. Unpack the archive, open a "
        "terminal in its folder, and type the lines that begin with their names."
    )
    yield ""
    yield from _told("1. Whose certificates are these? Each line shows a name, a time and a fingerprint.")
    for each in bundle.certificates:
        yield ""
        yield f"  {_SHOW} -in {each.file}"
        yield from _identity(each)
    yield ""
    yield from _told(
        "Ask each owner for its fingerprint by telephone, at a number that you do not have from this "
        "archive, and compare. What follows proves only what the owners of these signed. Those of "
        f"{RECEIPT} and {ENVELOPE} must belong to two different owners."
    )
    yield ""
    yield from _told('2. Was it signed with them, and not changed since? Each line must answer "OK".')
    yield ""
    for each in bundle.certificates:
        yield f"  {_VERIFY} --pubkey-cert-pem {each.file} {_SIGNED[each.signed]}"
    yield ""
    yield from _told(
        "With xmlsec1 1.3 or later, add --lax-key-search after --verify. xmlsec1 does not say which part of "
        "a document is signed: see that each file has one <ds:Signature>, at its end, and in it a Reference "
        'with URI="".'
    )
    yield ""
    yield from _told("3. Is the receipt about this message and this document? These show SHA-256 digests.")
    yield ""
    yield f"  openssl dgst -sha256 {ENVELOPE}"
    yield f"  openssl dgst -sha256 {PERMIT}"
    yield ""
    yield from _told(f"The first must stand in {RECEIPT} as EnvelopeDigest, the second as PayloadDigest:")
    yield ""
    yield f"  {bundle.receipt.envelope_digest}"
    yield f"  {bundle.receipt.payload_digest}"


def _identity(certificate: BundledCertificate) -> Iterator[str]:
    """What the command prints about a certificate, for comparison."""
    pairs = [certificate.sha256[at : at + 2].upper() for at in range(0, len(certificate.sha256), 2)]
    yield f"    name         {certificate.subject}"
    yield f"    valid        {in_words(certificate.begins)} to {in_words(certificate.ends)}"
    yield f"    fingerprint  {':'.join(pairs)}"


def _limits() -> Iterator[str]:
    """What nobody should read into it."""
    yield from _heading("WHAT THIS DOES NOT PROVE")
    whose = "that the certificates belong to those whose names stand in them: only the owners can tell you"
    for limit in (whose, *LIMITS):
        yield from _item(f"{limit}.")


def _heading(text: str) -> list[str]:
    """With room around it."""
    return ["", "", text, ""]


def _told(text: str) -> list[str]:
    """A paragraph."""
    return textwrap.wrap(text, _WIDTH)


def _item(text: str) -> list[str]:
    """One of a list."""
    return textwrap.wrap(text, _WIDTH, initial_indent="  - ", subsequent_indent="    ")
