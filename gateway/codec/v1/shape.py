"""
Message version v1 as data: which element carries which part of the permit, in document order.

Element names and order: the EPIX hub's v1 WSDL sample. Boxes: the EPIX form view. `schemas/v1` says the same
in XSD; a test compares the two. Of attributes v1 has only the unit of a quantity.
"""

from gateway.codec.binding import Shape, Vocabulary
from gateway.codec.leaves import INDICATOR, MOMENT, PLAIN_CODE, PLAIN_IDENTIFIER, PLAIN_TEXT, QUANTITY
from gateway.permits import model
from gateway.xmlio.names import V1_MESSAGE, V1_RAM, clark

ROOT = clark(V1_MESSAGE, "CBFShip")

_rsm = Vocabulary(V1_MESSAGE)
_ram = Vocabulary(V1_RAM)

PERIOD = Shape(
    model.Period,
    _ram.one("start", "StartDateTime", MOMENT),
    _ram.one("end", "EndDateTime", MOMENT),
)

REFERENCE = Shape(
    model.Reference,
    _ram.one("issued_at", "IssueDateTime", MOMENT),
    _ram.one("type", "TypeCode", PLAIN_CODE),
    _ram.many("numbers", "ID", PLAIN_IDENTIFIER),
    _ram.many("names", "Name", PLAIN_TEXT),
    _ram.one("validity", "EffectiveSpecifiedPeriod", PERIOD),
)

LOCATION = Shape(
    model.Location,
    _ram.many("ids", "ID", PLAIN_IDENTIFIER),
    _ram.many("names", "Name", PLAIN_TEXT),
)

COUNTRY = Shape(
    model.Country,
    _ram.many("ids", "ID", PLAIN_IDENTIFIER),
    _ram.many("names", "Name", PLAIN_TEXT),
    _ram.optional_group(
        "SubordinateTradeCountrySubDivision",
        _ram.many("subdivisions", "Name", PLAIN_TEXT),
    ),
)

PERSON = Shape(
    model.Person,
    _ram.one("name", "Name", PLAIN_TEXT),
)

ADDRESS = Shape(
    model.Address,
    _ram.many("postcodes", "PostcodeCode", PLAIN_CODE),
    _ram.one("post_office_box", "PostOfficeBox", PLAIN_TEXT),
    _ram.many("streets", "StreetName", PLAIN_TEXT),
    _ram.one("city", "CityName", PLAIN_TEXT),
    _ram.optional_group(
        "CountryIdentificationTradeCountry",
        _ram.many("countries", "ID", PLAIN_IDENTIFIER),
        _ram.many("country_names", "Name", PLAIN_TEXT),
        _ram.optional_group(
            "SubordinateTradeCountrySubDivision",
            _ram.many("subdivisions", "Name", PLAIN_TEXT),
        ),
    ),
)

PARTY = Shape(
    model.Party,
    _ram.many("ids", "ID", PLAIN_IDENTIFIER),
    _ram.one("name", "Name", PLAIN_TEXT),
    _ram.one("address", "PostalTradeAddress", ADDRESS),
    _ram.one("representative", "SpecifiedRepresentativePerson", PERSON),
    _ram.many("signatories", "SpecifiedAuthoritativeSignatoryPerson", PERSON),
)


def _signatory(stamp_box: str = "") -> Shape:
    """A signatory; of the first one, the ID is the security stamp of Box 5b."""
    return Shape(
        model.Signatory,
        _ram.one("role", "TypeCode", PLAIN_CODE),
        _ram.many("ids", "ID", PLAIN_IDENTIFIER, box=stamp_box),
        _ram.one("statement", "Statement", PLAIN_TEXT),
        _ram.one("party", "ProviderTradeParty", PARTY),
        without=("signed_at", "place"),
    )


INSPECTION = Shape(
    model.Inspection,
    _ram.one("at", "ActualOccurrenceDateTime", MOMENT),
    _ram.one("quantity", "InspectedUnitQuantity", QUANTITY),
    _ram.one("place", "OccurrenceLogisticsLocation", LOCATION),
    _ram.many("authorities", "CertifyingTradeParty", PARTY),
)

PRODUCT = Shape(
    model.Product,
    _ram.one("seller_id", "SellerAssignedID", PLAIN_IDENTIFIER, box="9"),
    _ram.many("descriptions", "Description", PLAIN_TEXT, box="9"),
    _ram.many("terms", "TypeCode", PLAIN_CODE, box="9"),
    _ram.many("common_names", "CommonName", PLAIN_TEXT, box="8"),
    _ram.many("scientific_names", "ScientificName", PLAIN_TEXT, box="7"),
    without=("manufacturer_ids",),
)

SPECIMEN = Shape(
    model.Specimen,
    _ram.one("appendix", "TypeCode", PLAIN_CODE, box="10"),
    _ram.one("source", "TypeExtensionCode", PLAIN_CODE, box="10"),
    _ram.one("product", "SpecifiedTradeProduct", PRODUCT, box="7-9"),
)

PROCEDURE = Shape(
    model.Procedure,
    _ram.one("used_to_date", "UsedToDateQuotaQuantity", QUANTITY, box="11a"),
    _ram.one("annual_quota", "AnnualQuotaQuantity", QUANTITY, box="11a"),
    _ram.one("acquired_at", "AcquisitionDateTime", MOMENT, box="12b"),
    _ram.many("previous_documents", "PreviousReferencedDocument", REFERENCE, box="12b"),
    without=("categories",),
)

LINE = Shape(
    model.Line,
    _ram.many("ids", "ID", PLAIN_IDENTIFIER),
    _ram.one("origin", "OriginTradeCountry", COUNTRY, box="12"),
    _ram.one("last_export", "ExportTradeCountry", COUNTRY, box="12a"),
    _ram.many("references", "AssociatedReferencedDocument", REFERENCE, box="12/12a"),
    _ram.many(
        "packages",
        "TransportLogisticsPackage",
        Shape(model.Package, _ram.one("quantity", "ItemQuantity", QUANTITY)),
        box="11",
    ),
    _ram.many("specimens", "IncludedSupplyChainTradeLineItem", SPECIMEN, box="7-10"),
    _ram.many("inspections", "ExaminationTransportEvent", INSPECTION, box="14"),
    _ram.many("procedures", "ApplicableCrossBorderGovernmentProcedure", PROCEDURE, box="11a/12b", most=1),
    without=("marks",),
)

CONTEXT_PARAMETER = Shape(
    model.ContextParameter,
    _ram.one("id", "ID", PLAIN_IDENTIFIER),
    _ram.one("value", "Value", PLAIN_TEXT),
    _ram.one(
        "version",
        "SpecifiedDocumentVersion",
        Shape(
            model.DocumentVersion,
            _ram.one("id", "ID", PLAIN_IDENTIFIER),
            _ram.one("issued_at", "IssueDateTime", MOMENT),
        ),
    ),
)

PERMIT = Shape(
    model.Permit,
    _rsm.one(
        "context",
        "SpecifiedExchangedDocumentContext",
        Shape(
            model.Context,
            _ram.many("processes", "BusinessProcessSpecifiedDocumentContextParameter", CONTEXT_PARAMETER),
            _ram.many("models", "BIMSpecifiedDocumentContextParameter", CONTEXT_PARAMETER),
        ),
    ),
    _rsm.group(
        "HeaderExchangedDocument",
        _ram.one("number", "ID", PLAIN_IDENTIFIER, box="1"),
        _ram.many("names", "Name", PLAIN_TEXT, box="1"),
        _ram.one("type", "TypeCode", PLAIN_CODE, box="1"),
        _ram.one("issued_at", "IssueDateTime", MOMENT, box="13"),
        _ram.one("copy", "CopyIndicator", INDICATOR, box="1"),
        _ram.one("purpose", "Purpose", PLAIN_TEXT, box="5a"),
        _ram.many("purposes", "PurposeCode", PLAIN_CODE, box="5a"),
        _ram.many("special_conditions", "Information", PLAIN_TEXT, box="5"),
        _ram.many("references", "ReferenceReferencedDocument", REFERENCE, box="1/2"),
        _ram.one("validity", "EffectiveSpecifiedPeriod", PERIOD, box="2"),
        _ram.one("place_of_issue", "IssueLogisticsLocation", LOCATION, box="13"),
        _ram.one("first_signatory", "FirstSignatoryDocumentAuthentication", _signatory("5b"), box="6"),
        _ram.one("second_signatory", "SecondSignatoryDocumentAuthentication", _signatory(), box="4"),
        _ram.one("third_signatory", "ThirdSignatoryDocumentAuthentication", _signatory(), box="13"),
        _ram.one("fourth_signatory", "FourthSignatoryDocumentAuthentication", _signatory(), box="14"),
    ),
    _rsm.group(
        "SpecifiedSupplyChainConsignment",
        _ram.one("exporter", "ConsignorTradeParty", PARTY, box="4"),
        _ram.one("importer", "ConsigneeTradeParty", PARTY, box="3"),
        _ram.one("transport_document", "TransportContractReferencedDocument", REFERENCE, box="15"),
        _ram.many("inspections", "ExaminationTransportEvent", INSPECTION, box="14"),
        _ram.many("lines", "IncludedSupplyChainConsignmentItem", LINE),
        _ram.one("import_country", "ImportTradeCountry", COUNTRY, box="3a"),
    ),
)
