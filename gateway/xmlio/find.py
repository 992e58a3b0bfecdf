"""Finding one's way in a tree: the text of a leaf, the path of an element."""

from lxml import etree

from gateway.xmlio.names import local_name


def text_of(element: etree._Element) -> str:
    """
    All text of a leaf, also when comments or processing instructions cut it in pieces.

    `element.text` alone stops at the first comment, so that `CH-1<!-- -->00` would read as `CH-1`
    (attack 7): what the schema and the digest see is the whole text.
    """
    if not len(element):
        return element.text or ""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def xpath_of(element: etree._Element) -> str:
    """
    The XPath of an element with local names, for people: `/CITESEPermit/HeaderExchangedDocument/ID`.

    A position, counted from 1, is written where siblings share the name: `/Consignment/Item[2]/ID`.
    """
    steps: list[str] = []
    step: etree._Element | None = element
    while step is not None:
        tag = str(step.tag)
        before = sum(1 for _ in step.itersiblings(tag, preceding=True))
        alone = before == 0 and next(step.itersiblings(tag), None) is None
        steps.append(local_name(tag) + ("" if alone else f"[{before + 1}]"))
        step = step.getparent()
    return "/" + "/".join(reversed(steps))
