from support.exchange import CH_CUSTOMS, CH_MA, FR_MA, directory

from gateway.exchange.directory import Directory
from gateway.permits.identity import AuthorityId, Role

KNOWN = directory("CH:MA CH:CUSTOMS", fr="FR:MA FR:CUSTOMS", hub="DE:MA-B DE:MA-A CH:MA-Geneva")


def test_the_partner_of_an_authority_is_found():
    """An authority behind a gateway leads to it; hosted and unknown ones lead nowhere."""
    assert KNOWN.partner_of(FR_MA) is KNOWN.partners["fr"]
    assert KNOWN.partner_of(CH_MA) is None
    assert KNOWN.partner_of(AuthorityId.parse("IT:MA")) is None


def test_authorities_of_a_party_come_hosted_first_and_in_order():
    """What is asked for by Party and role is complete and always in the same order."""
    assert list(map(str, KNOWN.of_party("CH", Role.MA))) == ["CH:MA", "CH:MA-Geneva"]
    assert list(map(str, KNOWN.of_party("DE", Role.MA))) == ["DE:MA-A", "DE:MA-B"]
    assert KNOWN.of_party("CH", Role.CUSTOMS) == (CH_CUSTOMS,)
    assert KNOWN.of_party("IT", Role.MA) == ()


def test_an_empty_directory_knows_nobody():
    """Without anybody there is no partner and no authority, and no error."""
    empty = Directory(frozenset(), {})
    assert empty.partner_of(CH_MA) is None
    assert empty.of_party("CH", Role.MA) == ()
