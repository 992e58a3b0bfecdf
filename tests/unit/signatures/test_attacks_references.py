"""What the signature covers, and what is done to it first."""

import copy

import pytest
from lxml import etree
from support.lies import FORMAT, POLICY, of, refused

from gateway.signatures.policy import ENVELOPED
from gateway.xmlio.names import DS, EXC_C14N, clark

XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


@pytest.mark.parametrize("uri", ["#permit", "#xpointer(/)", "http://example.org/x", "file:///etc/passwd"])
def test_a_reference_to_something_else_is_refused(key, root, uri):
    """A signature over a part, or over something elsewhere, is refused before anything is fetched."""
    of(root, "Reference").set("URI", uri)
    assert refused(root, key) is POLICY


def test_a_reference_without_uri_is_refused(key, root):
    """The absent URI leaves to the application what is signed; we never guess."""
    del of(root, "Reference").attrib["URI"]
    assert refused(root, key) is POLICY


def test_a_second_reference_is_refused(key, root):
    """One signature covers one thing."""
    of(root, "SignedInfo").append(copy.deepcopy(of(root, "Reference")))
    assert refused(root, key) is FORMAT


@pytest.mark.parametrize(
    "algorithms",
    [
        [ENVELOPED, XPATH, EXC_C14N],
        [ENVELOPED, XSLT, EXC_C14N],
        [ENVELOPED, EXC_C14N, "urn:unknown"],
        [ENVELOPED, EXC_C14N, EXC_C14N],
        [ENVELOPED, EXC_C14N + "WithComments"],
        [ENVELOPED, INCLUSIVE],
        [EXC_C14N, ENVELOPED],
        [ENVELOPED],
        [EXC_C14N],
        [],
        ["", ""],
    ],
)
def test_other_transforms_are_refused(key, root, algorithms):
    """Exactly enveloped signature and exclusive C14N, in that order; XPath and XSLT never run."""
    transforms = of(root, "Transforms")
    transforms[:] = []
    for algorithm in algorithms:
        etree.SubElement(transforms, clark(DS, "Transform"), Algorithm=algorithm)
    assert refused(root, key) is POLICY


def test_a_transform_with_parameters_is_refused(key, root):
    """InclusiveNamespaces inside the C14N transform is outside the one shape."""
    etree.SubElement(of(root, "Transforms")[1], clark(EXC_C14N, "InclusiveNamespaces"), PrefixList="x")
    assert refused(root, key) is POLICY
