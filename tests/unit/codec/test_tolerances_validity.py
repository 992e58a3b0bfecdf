from datetime import datetime

import pytest
from support.tolerance import content, rules, texts, v2

from gateway.codec import schema
from gateway.codec.tolerant import tolerate
from gateway.codec.versions import VERSIONS
from gateway.permits.findings import Severity


def period(start="", end=""):
    inside = f"<StartDateTime>{start}</StartDateTime>" * bool(
        start
    ) + f"<EndDateTime>{end}</EndDateTime>" * bool(end)
    return f"<EffectiveSpecifiedPeriod>{inside}</EffectiveSpecifiedPeriod>"


def reference(inside):
    return f"<ReferenceReferencedDocument>{inside}</ReferenceReferencedDocument>"


START, END, LATER = "2026-11-01T00:00:00+01:00", "2027-04-30T00:00:00+02:00", "2027-05-30T00:00:00+02:00"


def validity(tolerated):
    permit = VERSIONS["v2"].read(tolerated.root).permit
    return permit.valid_from, permit.valid_until


@pytest.mark.parametrize("number", ["", "<ID/>", "<ID>P-1</ID>"])
def test_a_validity_that_stands_only_in_a_reference_is_read(number):
    """Box 2 is read from a reference without a number, or with that of the permit itself."""
    tolerated = tolerate(v2(f"<ID>P-1</ID>{reference(number + period(START, END))}"))
    assert validity(tolerated) == (datetime.fromisoformat(START), datetime.fromisoformat(END))
    finding = tolerated.findings[-1]
    assert (finding.rule, finding.box) == ("tolerated.validity-place", "2")
    assert schema.check("v2", tolerated.root) == ()


def test_the_validity_of_another_document_is_not_read():
    """A reference with another number tells until when that document is valid."""
    tolerated = tolerate(v2(f"<ID>P-1</ID>{reference('<ID>I-7</ID>' + period(START, END))}"))
    assert validity(tolerated) == (None, None)
    assert tolerated.findings == ()


@pytest.mark.parametrize(
    ("in_reference", "rule", "severity"),
    [
        (period(START, END), "tolerated.validity-twice", Severity.INFO),
        (period("", END), "tolerated.validity-twice", Severity.INFO),
        (period(START, "2027-04-29T22:00:00Z"), "tolerated.validity-twice", Severity.INFO),
        (period(START, LATER), "tolerated.validity-differs", Severity.WARNING),
        (period(LATER, END), "tolerated.validity-differs", Severity.WARNING),
    ],
)
def test_when_both_places_are_filled_the_header_counts(in_reference, rule, severity):
    """Alike is fine, whatever the zone; different is told, with both."""
    document = v2(f"<ID>P-1</ID>{reference(in_reference)}{period(START, END)}")
    tolerated = tolerate(document)
    assert content(tolerated.root) == content(document.root)
    assert [(f.rule, f.severity, f.box) for f in tolerated.findings] == [(rule, severity, "2")]


def test_a_time_without_a_zone_counts_as_utc():
    """Whether the zone is left out makes no difference between the two places."""
    document = v2(reference(period("", "2027-04-30T00:00:00Z")) + period("", "2027-04-30T00:00:00"))
    assert rules(tolerate(document)) == ["tolerated.validity-twice"]


def test_a_validity_that_cannot_be_read_is_not_used():
    """The schema says what is wrong with it, where it stands."""
    tolerated = tolerate(v2(reference(period("soon", "later"))))
    assert tolerated.findings == ()
    assert len(texts(tolerated, "EndDateTime")) == 1


def test_the_first_of_several_references_counts():
    """A second one that says otherwise is told."""
    tolerated = tolerate(v2(reference(period(START, END)) + reference(period(START, LATER))))
    assert validity(tolerated)[1] == datetime.fromisoformat(END)
    assert rules(tolerated) == ["tolerated.validity-place", "tolerated.validity-differs"]


def test_moments_at_the_ends_of_time_do_no_harm():
    """Years that no calendar in UTC has are compared all the same."""
    first, last = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"
    tolerated = tolerate(v2(reference(period(first, last)) + period(last, first)))
    assert rules(tolerated) == ["tolerated.validity-differs"]
