from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.directories import directory, france, listed, publisher_key, signed
from support.exchange import CH_MA, FR_MA
from support.gateways import gateway_key, ma_key
from support.keys import NOW, certificate_for, private_key, seal

from gateway.errors import DirectoryRefused, GatewayError, KeyMaterialError, SignatureRefused
from gateway.exchange.channels import Channel, ChannelRule
from gateway.exchange.directory import Directory
from gateway.exchange.directory_file import ListedAuthority, ListedCertificate
from gateway.exchange.paperless import PaperlessAgreement
from gateway.flows.learn import Known, check_fits, joined, prove_directory
from gateway.signatures.keyring import TrustStore
from gateway.signatures.verdict import SubIndication


def prove(data, *, at=NOW, development=True):
    """Prove a directory with the hub as the only publisher trusted."""
    return prove_directory(data, [publisher_key().certificate], at=at, development=development)


def test_a_directory_of_a_trusted_publisher_is_proven():
    """What was signed is what is read."""
    assert prove(signed(directory())) == directory()


def test_a_directory_signed_by_a_stranger_is_refused():
    """A good signature of somebody whom the operator has not named counts for nothing."""
    with pytest.raises(SignatureRefused) as error:
        prove(signed(directory(), seal("stranger", "XX")))
    assert error.value.verdict.sub is SubIndication.NO_SIGNING_CERTIFICATE_FOUND


def test_a_listed_gateway_cannot_publish():
    """A certificate inside a directory is for envelopes; it is not one of a publisher."""
    with pytest.raises(SignatureRefused):
        prove(signed(directory(), gateway_key("FR")))


def test_a_directory_changed_after_signing_is_refused():
    """Another address under the same signature is found."""
    with pytest.raises(SignatureRefused) as error:
        prove(signed(directory()).replace(b"https://fr.invalid", b"https://ev.invalid"))
    assert error.value.verdict.sub is SubIndication.HASH_FAILURE


def test_an_unsigned_directory_is_refused():
    """Without a signature nobody says it."""
    data = signed(directory())
    begin, end = data.index(b"<ds:Signature"), data.index(b"</ds:Signature>") + len(b"</ds:Signature>")
    with pytest.raises(SignatureRefused):
        prove(data[:begin] + data[end:])


def test_after_the_publishers_certificate_has_ended_an_imported_directory_still_counts():
    """What was proven when it was imported stays in force; a new file of then is refused."""
    data, later = signed(directory()), NOW + timedelta(days=400)
    assert prove(data, at=None) == directory()
    with pytest.raises(SignatureRefused) as error:
        prove(data, at=later)
    assert error.value.verdict.sub is SubIndication.OUT_OF_BOUNDS_NO_POE


def test_a_directory_of_tomorrow_is_refused():
    """One of the two clocks is wrong; ten minutes suffice to see it."""
    with pytest.raises(DirectoryRefused, match="still to come"):
        prove(signed(directory(issued_at=NOW + timedelta(minutes=10))))
    assert prove(signed(directory(issued_at=NOW + timedelta(minutes=4))))


WEAK = certificate_for(private_key("rsa2048"))
NO_USAGE = certificate_for(private_key("p256"), digital_signature=False)


@pytest.mark.parametrize(
    ("certificate", "says"),
    [
        (listed(WEAK), "too short"),
        (listed(NO_USAGE), "does not allow digital signatures"),
        (ListedCertificate(b"no certificate", NOW, NOW), "cannot be read"),
        (replace(listed(gateway_key("FR").certificate), ends=NOW + timedelta(days=9000)), "other times"),
    ],
    ids=["rsa2048", "key usage", "no DER", "window"],
)
@pytest.mark.parametrize("place", ["gateway", "seal"])
def test_a_certificate_that_the_policy_refuses_refuses_the_directory(certificate, says, place):
    """Nothing is taken over of a directory with one bad certificate, wherever it stands."""
    partner = (
        france(certificates=(certificate,))
        if place == "gateway"
        else france(authorities=(ListedAuthority(FR_MA, (certificate,)),))
    )
    with pytest.raises(KeyMaterialError, match=says):
        prove(signed(directory(partner)))


def test_throw_away_certificates_are_refused_in_production():
    """A directory is no way around the rule about development keys."""
    with pytest.raises(KeyMaterialError, match="throw-away"):
        prove(signed(directory()), development=False)


@pytest.mark.parametrize(
    ("partner", "says"),
    [
        (france(id="taken"), "lists taken, which stands in the configuration already"),
        (france(authorities=(ListedAuthority(CH_MA),)), "CH:MA, which stands in the configuration"),
        (france(authorities=(ListedAuthority(replace(CH_MA, name="Other")),)), "a Party that has one here"),
    ],
    ids=["partner", "authority", "party"],
)
def test_a_directory_does_not_speak_about_what_the_operator_registered(partner, says):
    """No publisher can replace a partner of the configuration, nor add a seal for our own Party."""
    taken = {"taken": "the configuration", "CH:MA": "the configuration"}
    with pytest.raises(DirectoryRefused, match=says):
        check_fits(directory(partner), own_id="ch", hosted={CH_MA}, taken=taken)


def operators() -> Known:
    """What the operator of Switzerland has configured: nobody but its own authority."""
    trust = TrustStore({"CH:MA": (ma_key("CH").certificate,)})
    return Known(Directory(frozenset({CH_MA}), {}), trust, TrustStore({}))


def test_a_directory_lets_partners_act_for_those_whom_it_lists_only():
    """A publisher cannot make a partner speak for an authority that somebody else has registered."""
    acting = france(id="hub", authorities=(), channels=(Channel(ChannelRule.ACT_FOR, FR_MA),))
    check_fits(directory(france(), acting), own_id="ch", hosted={CH_MA}, taken={})
    with pytest.raises(DirectoryRefused, match="lets hub act for FR:MA, which the directory does not list"):
        check_fits(directory(acting), own_id="ch", hosted={CH_MA}, taken={})


def test_tls_certificates_of_a_directory_are_pinned():
    """A partner that the directory lists is held to its TLS certificates as one of the configuration is."""
    pinned = seal("fr tls", "FR").certificate
    after = joined(operators(), [directory(france(tls_certificates=(listed(pinned),)))], own_id="ch")
    assert after.tls.of("fr") == (pinned,)
    assert joined(operators(), [directory()], own_id="ch").tls.of("fr") == ()


def test_agreements_of_the_operator_stay():
    """What Parties have agreed about paper is not forgotten when a directory is read."""
    known = operators()
    agreement = PaperlessAgreement(("CH", "FR"), date(2026, 1, 1))
    agreed = replace(known, directory=replace(known.directory, agreements=(agreement,)))
    assert joined(agreed, [directory()], own_id="ch").directory.agreements == (agreement,)


def test_the_entry_about_ourselves_is_left_out():
    """A hub lists everybody, also the gateway that reads its directory."""
    ours = france(id="ch", authorities=(ListedAuthority(CH_MA),))
    made = directory(ours, france())
    check_fits(made, own_id="ch", hosted={CH_MA}, taken={"CH:MA": "the configuration"})
    known = operators()
    assert set(joined(known, [made], own_id="ch").directory.partners) == {"fr"}
    with pytest.raises(DirectoryRefused):
        check_fits(made, own_id="", hosted={CH_MA}, taken={"CH:MA": "the configuration"})


def test_what_a_directory_lists_joins_what_is_configured():
    """Partners, their authorities and every certificate, the present one and the next, are known after."""
    known = operators()
    after = joined(known, [directory()], own_id="ch")
    partner = after.directory.partner_of(FR_MA)
    assert partner == france().partner()
    assert after.trust.of("fr") == (gateway_key("FR").certificate, seal("fr next", "FR").certificate)
    assert after.trust.of("FR:MA") == (ma_key("FR").certificate,)
    assert after.trust.of("CH:MA") == (ma_key("CH").certificate,)
    assert known.directory.partners == {}


@pytest.mark.parametrize("data", [b"", b"<a/>", b"\xff", b"<!DOCTYPE a><a/>"], ids=str)
def test_what_is_no_directory_is_a_sentence(data):
    """Bad input never raises anything but our own errors."""
    with pytest.raises(GatewayError):
        prove(data)
