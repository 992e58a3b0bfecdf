"""
The check that a signature has the one shape that the policy admits, and what it says once it has.

Reading here is by exhaustion: each element of the signature is expected by name and place, with the
attributes that it may have, and whatever is left over is a refusal. Nothing is searched for.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from gateway.signatures.policy import DEFAULT_POLICY, SIGNATURE, SignaturePolicy
from gateway.signatures.verdict import SubIndication, refuse
from gateway.signatures.xades import Properties, read_properties
from gateway.signatures.xmldsig import FORMAT, algorithm, binary, check_empty, children, plain
from gateway.wording import say
from gateway.xmlio.names import DS, clark, local_name

_SIGNED_INFO = clark(DS, "SignedInfo")
_SIGNATURE_VALUE = clark(DS, "SignatureValue")
_KEY_INFO = clark(DS, "KeyInfo")
_OBJECT = clark(DS, "Object")
_C14N_METHOD = clark(DS, "CanonicalizationMethod")
_METHOD = clark(DS, "SignatureMethod")
_REFERENCE = clark(DS, "Reference")
_TRANSFORMS = clark(DS, "Transforms")
_TRANSFORM = clark(DS, "Transform")
_DIGEST_METHOD = clark(DS, "DigestMethod")
_DIGEST_VALUE = clark(DS, "DigestValue")
_X509_DATA = clark(DS, "X509Data")
_X509_CERTIFICATE = clark(DS, "X509Certificate")

_CANONICALIZATION = say("canonicalization")
_SIGNATURE_METHOD = say("signature method")
_DIGEST = say("digest method")
_ID = frozenset({"id", "Id", "iD", "ID"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_SPACE = b" \t\r\n"
_ID_IN_BYTES = frozenset(before + b"id" for before in (b" ", b"\t", b"\r", b"\n", b":"))
"""How an attribute called id begins in the bytes, in small letters: behind a space or a prefix."""

PROPERTIES_TYPE = "http://uri.etsi.org/01903#SignedProperties"
"""`Type` of the reference to the signed properties (ETSI EN 319 132-1, 4.4.2)."""


@dataclass(frozen=True, slots=True)
class SignedDigest:
    """One reference: how the digest is made, and the digest that was signed."""

    method: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Shape:
    """A signature whose shape is right; nothing of it is proven yet."""

    signature: etree._Element
    signed_info: etree._Element
    method: str
    value: bytes
    document: SignedDigest
    hint: bytes | None
    """DER of the certificate in KeyInfo; empty when it is no base64, None when there is no KeyInfo."""
    properties: Properties | None
    """The XAdES properties; None for a plain XML signature."""
    properties_digest: SignedDigest | None
    """There exactly when `properties` is."""


def check_shape(
    root: etree._Element, policy: SignaturePolicy = DEFAULT_POLICY, *, data: bytes | None = None
) -> Shape:
    """
    Find the one signature of the document and check its shape.

    `data` are the UTF-8 bytes that `root` was parsed from; with them the search for ids is quick.

    1. Exactly one ds:Signature in the whole document, and it is the last child of the document element.
    2. No comment and no processing instruction anywhere, not even around the document element (attack 7).
    3. One SignedInfo, with the canonicalization and a signature method of the policy.
    4. One Reference to the whole document; a second one exactly when there are signed properties.
    5. No attribute called id but where the policy has it, and none of them twice (attacks 2 and 3).
    6. SignatureValue, at most one certificate, at most one Object with XAdES properties; nothing else.

    Raises `SignatureRefused` (FORMAT_FAILURE or SIG_CONSTRAINTS_FAILURE).
    """
    # 1
    signature = find_signature(root)
    # 2
    refuse_comments(root)
    # 3
    parts = children(signature, attributes={"Id"})
    signed_info = _part(parts, _SIGNED_INFO, signature)
    info = children(signed_info)
    method = _check_methods(info, signed_info, policy)
    # 4
    references = [child for child in info if child.tag == _REFERENCE]
    objects = [child for child in parts if child.tag == _OBJECT]
    _check_references(references, objects)
    document = _document_reference(references[0], policy)
    # 5
    ids = refuse_ids(root, signature, policy, data)
    # 6
    _nothing_else(info, [_C14N_METHOD, _METHOD, *[_REFERENCE] * len(references)], signed_info)
    infos = [child for child in parts if child.tag == _KEY_INFO]
    expected = [_SIGNED_INFO, _SIGNATURE_VALUE, *[_KEY_INFO] * bool(infos), *[_OBJECT] * bool(objects)]
    _nothing_else(parts, expected, signature)
    properties = properties_digest = None
    if objects:
        properties = read_properties(objects[0], signature.get("Id", ""), references[0].get("Id", ""), policy)
        properties_digest = _properties_reference(references[1], properties.id, ids, policy)
    return Shape(
        signature=signature,
        signed_info=signed_info,
        method=method,
        value=binary(parts[1]),
        document=document,
        hint=_hint(infos[0], policy) if infos else None,
        properties=properties,
        properties_digest=properties_digest,
    )


def find_signature(root: etree._Element) -> etree._Element:
    """The one signature, which is the last child of the document element (attacks 1 and 6)."""
    signatures = list(root.iter(SIGNATURE))
    if not signatures:
        raise refuse(
            FORMAT, say("the document is not signed; have the issuing authority seal it (ecites permit sign)")
        )
    if len(signatures) > 1:
        raise refuse(
            FORMAT,
            say("the document has {count} signatures; exactly one is accepted", count=len(signatures)),
        )
    signature = signatures[0]
    if signature.getparent() is not root or signature.getnext() is not None:
        raise refuse(FORMAT, say("the signature must be the last child of the document element"))
    return signature


def refuse_comments(root: etree._Element) -> None:
    """
    No comment and no processing instruction, inside or around the document element.

    Inside, a comment cuts a text in two for a careless reader. Around, verifiers disagree whether a
    processing instruction is part of the document that `URI=""` names.
    """
    inside = next(root.iter(etree.Comment, etree.ProcessingInstruction), None)
    if inside is not None or root.getprevious() is not None or root.getnext() is not None:
        raise refuse(FORMAT, say("a signed document must not contain comments or processing instructions"))


def refuse_ids(
    root: etree._Element, signature: etree._Element, policy: SignaturePolicy, data: bytes | None = None
) -> frozenset[str]:
    """
    The values of `Id` in the signature, names that differ; an attribute called id elsewhere is a refusal.

    A verifier finds what a reference names by such attributes; one more of them is a way to show it one
    element and the reader another. The local name counts, in any case and in any namespace.

    The bytes can hold no fewer attributes called id than the tree. So when they hold as many as the signature
    has, there is none elsewhere, and the elements of a long permit need not be asked one by one.
    """
    inside = _ids(signature.iter())
    found = inside if data is not None and _count_ids(data) == len(inside) else _ids(root.iter())
    for element, name in found:
        if name != "Id" or element.tag not in policy.places_of_id:
            raise refuse(
                FORMAT,
                say(
                    "a signed document must not have an attribute {name} on {element}; remove it",
                    name=local_name(name),
                    element=local_name(str(element.tag)),
                ),
            )
    values = [element.get("Id", "") for element, _ in found]
    if not all(map(_NAME.fullmatch, values)):  # xs:ID, of which no signer needs more than ASCII
        raise refuse(FORMAT, say("an Id in the signature is not a name: letters, digits, dots, hyphens"))
    if len(set(values)) != len(values):
        raise refuse(FORMAT, say("the same Id stands twice in the signature"))
    return frozenset(values)


def _ids(elements: Iterable[etree._Element]) -> list[tuple[etree._Element, str]]:
    """Elements and the Clark names of their attributes called id."""
    return [
        (element, name)
        for element in elements
        for name in element.keys()  # noqa: SIM118 - an element is no mapping, and its `attrib` costs more
        if name[-2:] in _ID and local_name(name) in _ID
    ]


def _count_ids(data: bytes) -> int:
    """At least as many as there are attributes called id: what looks like one in a text counts too."""
    before_equals = data.split(b"=")[:-1]
    return sum([piece.rstrip(_SPACE)[-3:].lower() in _ID_IN_BYTES for piece in before_equals])


def _check_methods(info: list[etree._Element], signed_info: etree._Element, policy: SignaturePolicy) -> str:
    """The signature method; it and the canonicalization are of the policy (step 3)."""
    canonicalization = _part(info, _C14N_METHOD, signed_info)
    method = _part(info, _METHOD, signed_info)
    _require(algorithm(canonicalization), {policy.canonicalization}, _CANONICALIZATION)
    _require(algorithm(method), policy.signature_methods, _SIGNATURE_METHOD)
    for element in (canonicalization, method):
        check_empty(element)
    return algorithm(method)


def _check_references(references: list[etree._Element], objects: list[etree._Element]) -> None:
    """One reference, and a second one with one Object for signed properties (step 4)."""
    if len(objects) > 1 or len(references) != 1 + len(objects):
        raise refuse(
            FORMAT,
            say(
                "the signature has {references} Reference and {objects} Object elements; accepted are one "
                "Reference, or two with one Object that holds XAdES properties",
                references=len(references),
                objects=len(objects),
            ),
        )


def _document_reference(reference: etree._Element, policy: SignaturePolicy) -> SignedDigest:
    """The reference to the whole document (step 4)."""
    if reference.get("URI") != policy.document_uri:
        raise refuse(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            say('the signature must cover the whole document (Reference with URI="")'),
        )
    return _digest(reference, policy.transforms, {"URI", "Id"}, policy)


def _properties_reference(
    reference: etree._Element, properties_id: str, ids: frozenset[str], policy: SignaturePolicy
) -> SignedDigest:
    """The reference to the signed properties of this signature, and to nothing else (step 6)."""
    if (
        properties_id not in ids
        or reference.get("URI") != "#" + properties_id
        or reference.get("Type") != PROPERTIES_TYPE
    ):
        raise refuse(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            say("the second reference must name the signed properties of the signature"),
        )
    return _digest(reference, policy.properties_transforms, {"URI", "Type", "Id"}, policy)


def _digest(
    reference: etree._Element, transforms: tuple[str, ...], attributes: set[str], policy: SignaturePolicy
) -> SignedDigest:
    """What one reference says, once its transforms and its digest method are those of the policy."""
    parts = (_TRANSFORMS, _DIGEST_METHOD, _DIGEST_VALUE)
    first, method, value = children(reference, attributes=attributes, expected=parts)
    steps = children(first, expected=(_TRANSFORM,) * len(first))
    found = tuple(map(algorithm, steps))
    if found != transforms or any(map(len, steps)):
        raise refuse(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            say(
                "the signature must use exactly the transforms {wanted}; it has {found}",
                wanted=", ".join(transforms),
                found=", ".join(found) or say("none"),
            ),
        )
    for step in steps:
        check_empty(step)
    _require(algorithm(method), policy.digest_methods, _DIGEST)
    check_empty(method)
    return SignedDigest(algorithm(method), binary(value))


def _hint(key_info: etree._Element, policy: SignaturePolicy) -> bytes:
    """The certificate that KeyInfo names: one X509Data with one X509Certificate (attack 9)."""
    (data,) = children(key_info, expected=(_X509_DATA,))
    certificates = children(data)
    if len(certificates) > policy.certificates_named:
        raise refuse(
            FORMAT,
            say(
                "the signature names {count} certificates; name the one of the signer",
                count=len(certificates),
            ),
        )
    _nothing_else(certificates, [_X509_CERTIFICATE] * max(1, len(certificates)), data)
    try:
        return base64.b64decode("".join(plain(certificates[0]).split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _part(parts: list[etree._Element], tag: str, parent: etree._Element) -> etree._Element:
    """The one child of that name."""
    found = [part for part in parts if part.tag == tag]
    if len(found) != 1:
        raise refuse(
            FORMAT,
            say(
                "{parent} in the signature has {count} {name} elements instead of one",
                parent=local_name(str(parent.tag)),
                count=len(found),
                name=local_name(tag),
            ),
        )
    return found[0]


def _nothing_else(parts: list[etree._Element], expected: Iterable[str], parent: etree._Element) -> None:
    """Exactly these children in this order (attacks 3, 6 and 9)."""
    wanted = list(expected)
    if [part.tag for part in parts] != wanted:
        raise refuse(
            FORMAT,
            say(
                "{parent} in the signature must hold exactly {wanted}",
                parent=local_name(str(parent.tag)),
                wanted=", ".join(local_name(tag) for tag in wanted),
            ),
        )


def _require(found: str, accepted: frozenset[str] | set[str], what: str) -> None:
    """Refuse what is outside the closed list."""
    if found not in accepted:
        raise refuse(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            say(
                "the {what} {found} is not accepted; use {accepted}",
                what=what,
                found=found or say("(none)"),
                accepted=", ".join(sorted(accepted)),
            ),
        )
