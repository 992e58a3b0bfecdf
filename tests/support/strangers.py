"""
XML Signature by somebody else: python `xmlsec` (the xmlsec1 C library), which none of us wrote.

Import this module inside tests: it needs `xmlsec`.
"""

from collections.abc import Sequence
from typing import Any

from lxml import etree

from gateway.signatures.keys import SigningKey
from gateway.signatures.policy import SIGNATURE
from gateway.xmlio.parse import parse
from support.keys import pem_of
from support.requirements import module

xmlsec: Any = module("xmlsec")
T = xmlsec.constants

NORMAL = (T.TransformEnveloped, T.TransformExclC14N)


def their_key(key: SigningKey) -> Any:
    """Our key as theirs, with its certificate."""
    theirs = xmlsec.Key.from_memory(pem_of(key.private_key), T.KeyDataFormatPem)
    theirs.load_cert_from_memory(pem_of(key.certificate), T.KeyDataFormatPem)
    return theirs


def sign(
    data: bytes,
    key: SigningKey | bytes,
    *,
    method: Any = None,
    digest: Any = T.TransformSha256,
    canonicalization: Any = T.TransformExclC14N,
    transforms: Sequence[Any] = NORMAL,
    uri: str = "",
    key_info: bool = True,
    xpath: str = "",
    lines: bool = False,
) -> bytes:
    """
    A document with a genuine signature of the given kind; by default of the kind that we accept.

    `key` as bytes is a shared secret (HMAC). `xpath` is the expression of an XPath transform. `lines`
    sets the signature on lines of its own.
    """
    root = parse(data).root
    if method is None:
        rsa = isinstance(key, SigningKey) and "rsa" in key.method
        method = T.TransformRsaSha256 if rsa else T.TransformEcdsaSha256
    signature = xmlsec.template.create(root, canonicalization, method)
    root.append(signature)
    reference = xmlsec.template.add_reference(signature, digest, uri=uri)
    for transform in transforms:
        element = xmlsec.template.add_transform(reference, transform)
        if transform is T.TransformXPath:
            etree.SubElement(element, "{http://www.w3.org/2000/09/xmldsig#}XPath").text = xpath
    if lines:
        signature.tail = "\n"
        etree.indent(signature, space="  ", level=1)
    if isinstance(key, bytes):
        theirs = xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, key)
    else:
        theirs = their_key(key)
        if key_info:
            xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(signature))
            xmlsec.template.x509_data_add_certificate(signature.find(".//{*}X509Data"))
    context = xmlsec.SignatureContext()
    context.key = theirs
    context.sign(signature)
    signed: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return signed


def verify(data: bytes, key: SigningKey | bytes) -> None:
    """Raise `xmlsec.VerificationError` or `xmlsec.Error` when they do not accept the signature."""
    root = parse(data).root
    xmlsec.tree.add_ids(root, ["Id"])
    signature = next(root.iter(SIGNATURE))
    context = xmlsec.SignatureContext()
    if isinstance(key, bytes):
        context.key = xmlsec.Key.from_binary_data(T.KeyDataHmac, key)
    else:
        context.key = xmlsec.Key.from_memory(pem_of(key.certificate), T.KeyDataFormatCertPem)
    context.verify(signature)
