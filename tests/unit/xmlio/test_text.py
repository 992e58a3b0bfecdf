from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.xmlio.parse import parse
from gateway.xmlio.text import one_line, xml_text


@given(st.text())
def test_any_text_can_be_carried_by_xml(text):
    """Whatever a stranger wrote, the result goes into an element and comes out of a parser unchanged."""
    element = etree.Element("a")
    element.text = xml_text(text)
    assert (parse(etree.tostring(element, encoding="UTF-8")).root.text or "") == xml_text(text)


def test_only_what_xml_cannot_carry_is_replaced():
    """Letters, line breaks and tabs stay; control characters and lone surrogates become U+FFFD."""
    assert xml_text("Zürich\t\n\r \U0001f40d") == "Zürich\t\n\r \U0001f40d"
    assert xml_text("a\x00b\x1bc\ud800d\uffffe") == "a\ufffdb\ufffdc\ufffdd\ufffde"


@given(st.text())
def test_one_line_is_always_one_printable_line(text):
    """The result cannot break a line of a log or move the cursor of a terminal."""
    line = one_line(text)
    assert line.isprintable()
    assert len(line) == len(text)
    assert len(line.splitlines()) <= 1


def test_printable_text_stays_as_it_is():
    """Names in any script are shown unchanged."""
    assert one_line("CN=CH:MA, O=Büro für Ärzte") == "CN=CH:MA, O=Büro für Ärzte"
