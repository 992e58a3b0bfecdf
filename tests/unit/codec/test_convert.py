"""Conversions: what is lost, what stands elsewhere, and that nothing is lost in silence."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.codec import schema
from gateway.codec.convert import convert
from gateway.codec.moves import MODELS, PROCESS
from gateway.codec.versions import VERSIONS
from gateway.permits import model
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text
from gateway.wording import Words, placeholders
from gateway.xmlio.parse import parse

FIXTURES = Path(__file__).parents[3] / "fixtures" / "permits"
EVERY = {
    "v1": FIXTURES / "v1" / "every-element.xml",
    "v2": FIXTURES / "every-element.xml",
    "v3": FIXTURES / "v3" / "every-element.xml",
}
PAIRS = [(source, target) for source in VERSIONS for target in VERSIONS]
QUOTA = Quantity(Decimal("1.50"), "KGM")
IMPORT = "/CBFShip/SpecifiedSupplyChainConsignment/ImportTradeCountry"


def line(**fields: object) -> model.Permit:
    """A permit of one line with these fields."""
    return model.Permit(lines=(model.Line(**fields),))


def country(code: str, *names: str) -> model.Country:
    """A country."""
    return model.Country(ids=(Identifier(code),), names=tuple(Text(name) for name in names))


def importer(*codes: str) -> model.Party:
    """An importer with an address."""
    return model.Party(address=model.Address(countries=tuple(Identifier(code) for code in codes)))


@pytest.mark.parametrize(
    ("permit", "source", "target", "path", "what", "value", "why"),
    [
        (
            line(marks=(model.Marks((Text("Ring 1"),)),)),
            "v2",
            "v1",
            "lines[0].marks[0].markings[0]",
            "Marking",
            "Ring 1",
            "v1 has no element for it",
        ),
        (
            line(marks=(model.Marks(),)),
            "v2",
            "v1",
            "lines[0].marks[0]",
            "PhysicalLogisticsShippingMarks",
            "",
            "no el",
        ),
        (
            model.Permit(names=(Text("a", "EN"),)),
            "v2",
            "v1",
            "names[0]",
            "@languageID",
            "EN",
            "v1 has no attribute languageID",
        ),
        (
            model.Permit(number=Identifier("1", more=(("schemeName", "S"),))),
            "v3",
            "v2",
            "number",
            "@schemeName",
            "S",
            "v2 has no attribute schemeName",
        ),
        (
            model.Permit(purposes=(Code("T", "list"),)),
            "v3",
            "v2",
            "purposes[0]",
            "@listID",
            "list",
            "v2 has no attribute listID",
        ),
        (
            model.Permit(
                place_of_issue=model.Location(ids=(Identifier("A"), Identifier("B"), Identifier("C")))
            ),
            "v2",
            "v3",
            "place_of_issue.ids[1]",
            "ID",
            "B",
            "v3 carries 1 of 3 values",
        ),
        (
            line(
                procedures=(model.Procedure(), model.Procedure(annual_quota=Quantity(Decimal("1.50"), "KGM")))
            ),
            "v2",
            "v1",
            "lines[0].procedures[1].annual_quota",
            "AnnualQuotaQuantity",
            "1.50 KGM",
            "v1 carries 1 of 2 values",
        ),
        (
            model.Permit(references=(model.Reference(datetime(2026, 6, 10, 9, 0, 0, 5, tzinfo=UTC)),)),
            "v2",
            "v3",
            "references[0].issued_at",
            "IssueDateTime",
            "2026-06-10T09:00:00.000005Z",
            "v3 carries whole seconds only",
        ),
        (
            model.Permit(first_signatory=model.Signatory(signed_at=datetime(2026, 6, 10, tzinfo=UTC))),
            "v2",
            "v1",
            "first_signatory.signed_at",
            "ActualDateTime",
            "2026-06-10T00:00:00Z",
            "v1 has no element for it",
        ),
        (
            line(origin=replace(country("BR"), subdivisions=(Text("Acre"),))),
            "v1",
            "v2",
            "lines[0].origin.subdivisions[0]",
            "Name",
            "Acre",
            "v2 has no element for it",
        ),
        (
            model.Permit(importer=importer("FR", "MC")),
            "v1",
            "v2",
            "importer.address.countries[1]",
            "ID",
            "MC",
            "v2 carries 1 of 2 values",
        ),
    ],
)
def test_what_is_lost_is_listed(permit, source, target, path, what, value, why):
    """Each kind of loss names the element or attribute, its value, and why the target cannot carry it."""
    loss = convert(permit, source, target).losses[0]
    assert (loss.path, loss.what, loss.value) == (path, what, value)
    assert why in loss.why
    assert isinstance(loss.why, Words)
    assert set(loss.why.values) == placeholders(loss.why.template)


def test_a_loss_has_its_place_in_the_source_document():
    """XPath, line and box of a loss are those of the document that was converted."""
    data = EVERY["v2"].read_bytes()
    reading = VERSIONS["v2"].read(parse(data).root)
    losses = convert(reading.permit, "v2", "v1", places=reading.places).losses
    (loss,) = [one for one in losses if one.path == "lines[1].marks[1].markings[0]"]
    assert loss.xpath.endswith("ConsignmentItem[2]/PhysicalLogisticsShippingMarks[2]/Marking")
    assert b">Ring 3<" in data.splitlines()[loss.line - 1]
    assert loss.box == "9"
    (attribute,) = [one for one in losses if one.path == "number" and one.what == "@schemeID"]
    assert attribute.xpath == "/CITESEPermit/HeaderExchangedDocument/ID/@schemeID"
    assert attribute.as_dict("en").keys() == {"path", "xpath", "line", "box", "what", "value", "why"}


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_conversion_fits_the_schema(source, target):
    """Whatever is converted into whatever, the result is a valid document of the target."""
    permit = VERSIONS[source].read(parse(EVERY[source].read_bytes()).root).permit
    conversion = convert(permit, source, target)
    root = parse(conversion.data).root
    assert schema.check(target, root) == ()
    assert VERSIONS[target].read(root).permit == conversion.permit
    if source == target:
        assert (conversion.permit, conversion.losses, conversion.moves) == (permit, (), ())


@pytest.mark.parametrize(("source", "target"), [(s, t) for s, t in PAIRS if s != t])
def test_the_way_back_brings_no_new_losses(source, target):
    """What came through once comes back whole, but for what each version has its own way to say."""
    permit = VERSIONS[source].read(parse(EVERY[source].read_bytes()).root).permit
    there = convert(permit, source, target).permit
    back = convert(there, target, source)
    again = convert(back.permit, source, target)
    assert again.losses == ()
    assert again.permit == there


@pytest.mark.parametrize("target", VERSIONS)
def test_process_and_model_are_those_of_the_target(target):
    """The context describes the message: it is rewritten, and that is a move and no loss."""
    for source, release in MODELS.items():
        context = model.Context(
            processes=(model.ContextParameter(value=Text("CITES Permitting")),),
            models=(
                model.ContextParameter(
                    id=Identifier(release),
                    version=model.DocumentVersion(issued_at=datetime(2009, 7, 14, tzinfo=UTC)),
                ),
            ),
        )
        conversion = convert(model.Permit(context=context), source, target)
        assert conversion.losses == ()
        assert conversion.permit.context.processes[0].value.value == PROCESS
        assert conversion.permit.context.models[0].id.value == MODELS[target]
        moved = [move.path for move in conversion.moves]
        assert moved[0] == "context.processes[0].value"
        changed = ["context.models[0].id", "context.models[0].version.issued_at"]
        assert moved[1:] == (changed if release != MODELS[target] else [])


def test_the_country_of_import_goes_to_the_address():
    """Where the importer's address says no country, it gets that of the country of import."""
    for party in (None, model.Party(name=Text("Somebody")), importer()):
        permit = model.Permit(importer=party, import_country=country("FR", "France"))
        conversion = convert(permit, "v1", "v2")
        assert conversion.losses == ()
        assert conversion.permit.importer_country == "FR"
        assert conversion.permit.importer.address.country_names == (Text("France"),)
        assert [(move.path, move.to) for move in conversion.moves] == [
            ("import_country.ids[0]", "importer.address.countries[0]"),
            ("import_country.names[0]", "importer.address.country_names[0]"),
        ]


def test_what_the_address_says_already_is_no_loss():
    """The same country twice is said once."""
    permit = model.Permit(importer=importer("FR"), import_country=country("FR"))
    conversion = convert(permit, "v1", "v2")
    assert conversion.losses == ()
    assert [(move.path, move.to) for move in conversion.moves] == [("import_country.ids[0]", "")]


def test_two_countries_that_differ_are_a_loss():
    """Which of two countries is right is not for a conversion to decide."""
    permit = model.Permit(importer=importer("FR"), import_country=country("CH", "Switzerland"))
    conversion = convert(permit, "v1", "v2")
    assert conversion.moves == ()
    assert [loss.path for loss in conversion.losses] == ["import_country.ids[0]", "import_country.names[0]"]
    assert conversion.losses[0].xpath == f"{IMPORT}/ID"
    assert conversion.permit.importer_country == "FR"


def test_an_attribute_of_what_is_said_already_is_not_dropped_in_silence():
    """The same code with an attribute that the address does not have is a loss."""
    permit = model.Permit(
        importer=importer("FR"),
        import_country=model.Country(ids=(Identifier("FR", "3166-1"), Identifier("MC"))),
    )
    conversion = convert(permit, "v3", "v2")
    assert [loss.path for loss in conversion.losses] == ["import_country.ids[0]", "import_country.ids[1]"]


def test_v1_keeps_the_country_of_import():
    """Versions that have the element keep it where it is."""
    permit = model.Permit(importer=importer("FR"), import_country=country("FR"))
    for source, target in (("v1", "v3"), ("v3", "v1")):
        conversion = convert(permit, source, target)
        assert conversion.permit.import_country == permit.import_country
        assert conversion.moves == ()


def test_an_attribute_that_the_target_has_not_is_lost_on_the_way_to_the_address():
    """A value that moves is listed as moved, and its attributes as lost, at the place they came from."""
    name = Text("France", "EN", (("languageLocaleID", "en-GB"),))
    permit = model.Permit(import_country=model.Country(names=(name,)))
    conversion = convert(permit, "v3", "v2")
    assert [move.path for move in conversion.moves] == ["import_country.names[0]"]
    (loss,) = conversion.losses
    assert (loss.path, loss.what, loss.value) == ("import_country.names[0]", "@languageLocaleID", "en-GB")
    assert loss.xpath.endswith("/ImportTradeCountry/Name/@languageLocaleID")


def test_an_attribute_of_the_model_number_is_not_dropped_in_silence():
    """The number of the data model is rewritten; an attribute that the target has not is still a loss."""
    number = Identifier("22A", more=(("schemeName", "CCL"),))
    context = model.Context(models=(model.ContextParameter(id=number),))
    conversion = convert(model.Permit(context=context), "v3", "v2")
    assert [loss.what for loss in conversion.losses] == ["@schemeName"]
