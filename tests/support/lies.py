"""Lies about signatures: the document is a genuine signer's, the lie is not, and it must be refused."""

from dataclasses import replace

import pytest
from lxml import etree

from gateway.errors import SignatureRefused
from gateway.signatures.policy import DEFAULT_POLICY
from gateway.signatures.verdict import SubIndication
from gateway.signatures.verify import verify
from gateway.xmlio.names import DS, clark
from gateway.xmlio.parse import parse
from support.keys import NOW

FORMAT = SubIndication.FORMAT_FAILURE
HASH = SubIndication.HASH_FAILURE
CRYPTO = SubIndication.SIG_CRYPTO_FAILURE
POLICY = SubIndication.SIG_CONSTRAINTS_FAILURE
STRANGER = SubIndication.NO_SIGNING_CERTIFICATE_FOUND

ALONE, ASK_ALWAYS = (replace(DEFAULT_POLICY, oracle_share=share) for share in (0.0, 1.0))
"""The direct path alone, and with the second opinion about every document."""


def refused(thing, *trusted, at=NOW):
    """Verify a tree or bytes, expect a refusal, give the verdict."""
    data = thing if isinstance(thing, bytes) else etree.tostring(thing)
    found = set()
    for policy in (ALONE, ASK_ALWAYS):
        with pytest.raises(SignatureRefused) as error:
            verify(parse(data), [key.certificate for key in trusted], at=at, policy=policy)
        assert error.value.verdict.message
        assert not error.value.verdict.alarm, "the direct path accepted what signxml refuses"
        found.add(error.value.verdict.sub)
    (sub,) = found
    return sub


def of(root, local):
    """The first element of the signature with that name."""
    return next(root.iter(clark(DS, local)))
