"""What stands between the parts: comments, processing instructions, words."""

import pytest
from lxml import etree
from support.lies import FORMAT, of, refused
from support.permits import sealed_bytes


def test_a_comment_inside_a_leaf_is_refused(key):
    """`CH-<!-- -->1` reads differently for careless software and is not covered by C14N without comments."""
    data = sealed_bytes("CH-1", key).replace(b"CH-1<", b"CH-<!-- -->1<")
    assert b"<!-- -->" in data
    assert refused(data, key) is FORMAT


def test_a_processing_instruction_is_refused(key, root):
    """A processing instruction has no place in a signed permit."""
    root[0].insert(0, etree.ProcessingInstruction("php", "x"))
    assert refused(root, key) is FORMAT


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_processing_instruction_around_the_document_is_refused(key, root, where):
    """Verifiers disagree whether what stands outside the document element was signed."""
    data = etree.tostring(root)
    assert refused(b"<?x y?>" + data if where == "before" else data + b"<!-- y -->", key) is FORMAT


@pytest.mark.parametrize("local", ["Signature", "SignedInfo", "KeyInfo", "Transform"])
def test_text_between_the_elements_of_the_signature_is_refused(key, root, local):
    """White space may stand there, words may not."""
    of(root, local).text = "words"
    assert refused(root, key) is FORMAT
