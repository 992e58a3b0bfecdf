"""The guide in a bundle, for somebody in an office: how to check it, with our program or without."""

import textwrap
from collections.abc import Iterator

from gateway.exchange.bundle.claims import claims_of, in_words, limits_of
from gateway.exchange.bundle.contents import (
    CHECKPOINT,
    ENTRIES,
    ENVELOPE,
    MANIFEST,
    PERMIT,
    RECEIPT,
    Bundle,
    BundledCertificate,
    Logged,
    Signed,
    list_names,
)
from gateway.xmlio.names import XADES

_WIDTH = 100
_SIGNED = {Signed.RECEIPT: RECEIPT, Signed.ENVELOPE: ENVELOPE, Signed.SEAL: PERMIT, Signed.LOG: CHECKPOINT}
_VERIFY = f'xmlsec1 --verify --id-attr:Id "{XADES}:SignedProperties" --enabled-key-data key-name'
"""Takes the key from the certificate that is named, and none from the document."""

_SHOW = "openssl x509 -noout -subject -nameopt RFC2253,utf8,-esc_msb -dates -fingerprint -sha256"
"""Writes the name in the order and with the letters in which it stands below."""


def guide(bundle: Bundle) -> bytes:
    """Plain text in UTF-8."""
    return ("\n".join(_lines(bundle)) + "\n").encode()


def _lines(bundle: Bundle) -> Iterator[str]:
    """Line by line."""
    yield (
        "RECEIPT FOR AN ELECTRONIC CITES DOCUMENT"
        if bundle.version == 1
        else ("EVIDENCE ABOUT AN ELECTRONIC CITES DOCUMENT")
    )
    yield ""
    if bundle.version == 1:
        yield from _told(
            "This archive holds a message that one authority sent to another, and the receipt that the other "
            "signed for it. It can be checked without the sender, as told below. What the receipt says:"
        )
    else:
        yield from _told(
            "This archive holds a message that one authority sent to another, the receipt that the other "
            "signed for it, and what the message log of one of their gateways shows about both. It can be "
            "checked without either of them, as told below. What it says:"
        )
    yield ""
    for claim in claims_of(bundle):
        yield from _item(f"{claim}.")
    yield from _files(bundle)
    yield from _with_our_program(bundle)
    yield from _by_hand(bundle)
    yield from _limits(bundle)


def _files(bundle: Bundle) -> Iterator[str]:
    """What lies in the archive."""
    yield from _heading("WHAT IS IN HERE")
    log = (
        (CHECKPOINT, "the size and the root of the message log, signed by its gateway"),
        (ENTRIES, "what is logged about the message, with the proofs that it is in the log"),
    )
    for name, what in (
        (RECEIPT, "the signed receipt, exactly as it came"),
        (ENVELOPE, "the signed message, exactly as it was sent"),
        (PERMIT, "the document inside the message, exactly as it was sealed"),
        *((each.file, f"the certificate that signed {_SIGNED[each.signed]}") for each in bundle.certificates),
        *(log if bundle.logged is not None else ()),
        *(
            (list_names(n)[0], f"a revocation list of {x.issuer}")
            for n, x in enumerate(bundle.lists, start=1)
        ),
        *((list_names(n)[1], f"the certificate of {x.issuer}") for n, x in enumerate(bundle.lists, start=1)),
        (MANIFEST, "the same for programs: what is claimed, and the SHA-256 of every file"),
    ):
        yield f"  {name:<26} {what}"
    if not any(each.signed is Signed.SEAL for each in bundle.certificates):
        yield ""
        yield from _told("There is no certificate for the seal of the permit: ask its issuer for that.")


def _with_our_program(bundle: Bundle) -> Iterator[str]:
    """The short way."""
    yield from _heading("TO CHECK IT WITH THE PROGRAM ecites")
    yield from _told(
        "FOLDER holds the certificates that you got from the authorities themselves, not from this archive."
    )
    yield ""
    yield f"  ecites {'receipt' if bundle.version == 1 else 'evidence'} verify ARCHIVE.zip --trust FOLDER"
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
        if each.signed is Signed.LOG:
            continue
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
    if bundle.logged is not None:
        yield from _log_by_hand(bundle.logged)
    if bundle.lists:
        yield from _lists_by_hand(bundle)


def _log_by_hand(logged: Logged) -> Iterator[str]:
    """The checkpoint with openssl; the proofs by whoever can write a few lines of a program."""
    option = " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32" if logged.rsa else ""
    yield ""
    yield from _told(
        "4. Was the checkpoint of the log signed, and not changed since? The text is what stands above the "
        "empty line, the signature what stands behind the name below it. The last line must answer "
        '"Verified OK".'
    )
    yield ""
    yield f"  sed '/^$/,$d' {CHECKPOINT} > text"
    yield f"  tail -n 1 {CHECKPOINT} | cut -d ' ' -f 3 | base64 -d | tail -c +5 > signature"
    yield "  openssl x509 -in certificates/log.pem -noout -pubkey -out key.pem"
    yield f"  openssl dgst -sha256 -verify key.pem{option} -signature signature text"
    yield ""
    yield from _told(
        f"5. Are the entries in that log? {ENTRIES} has for each its leaf, its place and a path of hashes. "
        "The SHA-256 of a byte 00 and the leaf, joined with the hashes of the path as RFC 9162, 2.1.3.2 "
        f"tells, must be the root in the third line of {CHECKPOINT}. The SHA-256 of the content must stand "
        "in the leaf. Somebody who writes programs does this in an hour, in any language."
    )


def _lists_by_hand(bundle: Bundle) -> Iterator[str]:
    """What the revocation lists say."""
    yield ""
    yield from _told(
        "6. Had a certificate been taken back? These show the numbers of those that were, and whether the "
        'list is signed ("verify OK"). The number of a certificate: openssl x509 -noout -serial -in FILE.'
    )
    yield ""
    for number, _ in enumerate(bundle.lists, start=1):
        crl, issuer = list_names(number)
        yield f"  openssl crl -inform DER -in {crl} -CAfile {issuer} -noout -text"


def _identity(certificate: BundledCertificate) -> Iterator[str]:
    """What the command prints about a certificate, for comparison."""
    pairs = [certificate.sha256[at : at + 2].upper() for at in range(0, len(certificate.sha256), 2)]
    yield f"    name         {certificate.subject}"
    yield f"    valid        {in_words(certificate.begins)} to {in_words(certificate.ends)}"
    yield f"    fingerprint  {':'.join(pairs)}"


def _limits(bundle: Bundle) -> Iterator[str]:
    """What nobody should read into it."""
    yield from _heading("WHAT THIS DOES NOT PROVE")
    whose = "that the certificates belong to those whose names stand in them: only the owners can tell you"
    for limit in (whose, *limits_of(bundle)):
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
