from gateway.xmlio.find import text_of, xpath_of
from gateway.xmlio.names import clark, local_name, namespace_of
from gateway.xmlio.parse import parse


def test_text_is_whole_although_comments_cut_it():
    """`CH-1<!-- -->00` reads CH-100, as the digest sees it (attack 7)."""
    assert text_of(parse(b"<a>CH-1<!-- -->0<?p?>0</a>").root) == "CH-100"
    assert text_of(parse(b"<a>CH-1</a>").root) == "CH-1"
    assert text_of(parse(b"<a/>").root) == ""


def test_a_path_has_local_names_and_positions_where_needed():
    """Positions are written only among siblings of the same name."""
    root = parse(b'<x:a xmlns:x="urn:x"><b/><c><d/></c><c><d/><d/></c></x:a>').root
    assert xpath_of(root) == "/a"
    assert xpath_of(root[0]) == "/a/b"
    assert xpath_of(root[1][0]) == "/a/c[1]/d"
    assert xpath_of(root[2][1]) == "/a/c[2]/d[2]"


def test_names_are_taken_apart_as_they_were_put_together():
    """Namespace and local part of a Clark name; a name without a namespace has an empty one."""
    name = clark("urn:x", "a")
    assert name == "{urn:x}a"
    assert (namespace_of(name), local_name(name)) == ("urn:x", "a")
    assert (namespace_of("a"), local_name("a")) == ("", "a")
