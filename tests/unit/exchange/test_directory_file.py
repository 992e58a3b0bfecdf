from dataclasses import replace

import pytest
from support.directories import directory, france
from support.exchange import FR_MA

from gateway.errors import SchemaInvalid, UnknownDocument
from gateway.exchange import directory_file
from gateway.exchange.directory import Partner
from gateway.exchange.directory_file import ListedAuthority, build, read
from gateway.xmlio.names import EXCHANGE, clark


def test_a_directory_comes_back_as_it_was_written():
    """Every field survives the way through the document."""
    made = directory(france(), france(id="it", authorities=(ListedAuthority(replace(FR_MA, party="IT")),)))
    assert read(build(made)) == made
    assert directory_file.peek_issued_at(build(made)) == made.issued_at


def test_a_listed_partner_becomes_one_of_the_running_gateway():
    """What routing needs is taken over."""
    listed = france()
    behind = tuple(a.id for a in listed.authorities)
    assert listed.partner() == Partner(
        "fr", listed.url, behind, listed.versions, listed.allowed, listed.channels
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"publisher": "The Hub"},
        {"publisher": "../ecites"},
        {"serial": 0},
        {"partners": ()},
        {"partners": (france(id="f r"),)},
        {"partners": (france(url="ftp://fr.invalid/"),)},
        {"partners": (france(certificates=()),)},
        {"partners": (france(authorities=()),)},
    ],
    ids=[
        "publisher with blanks",
        "publisher that leaves the folder",
        "serial 0",
        "no partner",
        "partner id with a blank",
        "address that is not HTTP",
        "partner without a certificate",
        "partner without an authority",
    ],
)
def test_what_the_schema_does_not_allow_is_not_written(changes):
    """Names that could leave their folder, empty lists and other addresses are refused."""
    with pytest.raises(SchemaInvalid):
        build(replace(directory(), **changes))


def test_a_partner_that_stands_twice_is_refused():
    """Nobody could say which of the two counts."""
    with pytest.raises(SchemaInvalid, match="lists FR:CUSTOMS, FR:MA, fr more than once"):
        read(build(directory(france(), france())))


def test_an_envelope_is_no_directory():
    """The document element must be a directory."""
    root = build(directory())
    root.tag = clark(EXCHANGE, "Envelope")
    with pytest.raises(UnknownDocument):
        read(root)
