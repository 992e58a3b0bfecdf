"""
Message version v3 as data: which element carries which part of the permit, in document order.

The tree of v2 projected on the library D22A: class, element, type and order are facts of D22A, that CITES v3
uses exactly these is inferred. Where v2 and D22A limit how often an element may stand, the smaller limit
counts. Boxes: as in v2. `schemas/v3` says the same in XSD; a test compares the two.
"""

from gateway.codec.binding import Shape, Vocabulary
from gateway.codec.v3.leaves import (
    CODE,
    FORMATTED_MOMENT,
    IDENTIFIER,
    INDICATOR,
    MOMENT,
    QUANTITY,
    TEXT,
)
from gateway.permits import model
from gateway.xmlio.names import V3_MESSAGE, V3_RAM, V3_ROOT, clark

ROOT = clark(V3_MESSAGE, V3_ROOT)

_rsm = Vocabulary(V3_MESSAGE)
_ram = Vocabulary(V3_RAM)

PERIOD = Shape(
    model.Period,
    _ram.one("start", "StartDateTime", MOMENT),
    _ram.one("end", "EndDateTime", MOMENT),
)

REFERENCE = Shape(
    model.Reference,
    _ram.one("type", "TypeCode", CODE),
    _ram.many("numbers", "ID", IDENTIFIER),
    _ram.many("names", "Name", TEXT),
    _ram.one("issued_at", "FormattedIssueDateTime", FORMATTED_MOMENT),
    _ram.one("validity", "EffectiveSpecifiedPeriod", PERIOD),
)

LOCATION = Shape(
    model.Location,
    _ram.many("ids", "ID", IDENTIFIER, most=1),
    _ram.many("names", "Name", TEXT),
)

COUNTRY = Shape(
    model.Country,
    _ram.many("ids", "ID", IDENTIFIER, most=1),
    _ram.many("names", "Name", TEXT),
    without=("subdivisions",),
)

ADDRESS = Shape(
    model.Address,
    _ram.many("postcodes", "PostcodeCode", CODE, most=1),
    _ram.one("post_office_box", "PostOfficeBox", TEXT),
    _ram.many("streets", "StreetName", TEXT, most=1),
    _ram.one("city", "CityName", TEXT),
    _ram.many("countries", "CountryID", IDENTIFIER, most=1),
    _ram.many("country_names", "CountryName", TEXT),
    _ram.many("subdivisions", "CountrySubDivisionName", TEXT, most=1),
)

PARTY = Shape(
    model.Party,
    _ram.many("ids", "ID", IDENTIFIER),
    _ram.one("name", "Name", TEXT),
    _ram.one(
        "representative",
        "DefinedTradeContact",
        Shape(model.Person, _ram.one("name", "PersonName", TEXT)),
    ),
    _ram.one("address", "PostalTradeAddress", ADDRESS),
    _ram.many(
        "signatories",
        "SpecifiedAuthoritativeSignatoryPerson",
        Shape(model.Person, _ram.one("name", "Name", TEXT)),
    ),
)


def _signatory(stamp_box: str = "") -> Shape:
    """A signatory; of the first one, the ID is the security stamp of Box 5b."""
    return Shape(
        model.Signatory,
        _ram.one("role", "TypeCode", CODE),
        _ram.one("signed_at", "ActualDateTime", MOMENT),
        _ram.many("ids", "ID", IDENTIFIER, box=stamp_box, most=1),
        _ram.one("statement", "Statement", TEXT),
        _ram.one("party", "ProviderTradeParty", PARTY),
        _ram.one("place", "IssueLogisticsLocation", LOCATION),
    )


INSPECTION = Shape(
    model.Inspection,
    _ram.one("at", "ActualOccurrenceDateTime", MOMENT),
    _ram.one("quantity", "UnitQuantity", QUANTITY),
    _ram.one("place", "OccurrenceLogisticsLocation", LOCATION),
    _ram.many("authorities", "CertifyingTradeParty", PARTY),
)

PRODUCT = Shape(
    model.Product,
    _ram.one("seller_id", "SellerAssignedID", IDENTIFIER, box="9"),
    _ram.many("manufacturer_ids", "ManufacturerAssignedID", IDENTIFIER, box="9"),
    _ram.many("descriptions", "Description", TEXT, box="9"),
    _ram.many("terms", "TypeCode", CODE, box="9", most=1),
    _ram.many("common_names", "CommonName", TEXT, box="8", most=1),
    _ram.many("scientific_names", "ScientificName", TEXT, box="7", most=1),
)

SPECIMEN = Shape(
    model.Specimen,
    _ram.one("appendix", "TypeCode", CODE, box="10"),
    _ram.one("source", "TypeExtensionCode", CODE, box="10"),
    _ram.one("product", "SpecifiedTradeProduct", PRODUCT, box="7-9"),
)

PROCEDURE = Shape(
    model.Procedure,
    _ram.many("categories", "CategoryCode", CODE, box="12b", most=1),
    _ram.one("used_to_date", "UsedToDateQuotaQuantity", QUANTITY, box="11a"),
    _ram.one("annual_quota", "AnnualQuotaQuantity", QUANTITY, box="11a"),
    _ram.one("acquired_at", "AcquisitionDateTime", MOMENT, box="12b"),
    _ram.many("previous_documents", "PreviousReferencedDocument", REFERENCE, box="12b"),
)

LINE = Shape(
    model.Line,
    _ram.many("ids", "ID", IDENTIFIER),
    _ram.many(
        "marks",
        "PhysicalLogisticsShippingMarks",
        Shape(model.Marks, _ram.many("markings", "Marking", TEXT)),
        box="9",
    ),
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
    _ram.many("procedures", "ApplicableCrossBorderRegulatoryProcedure", PROCEDURE, box="11a/12b"),
)

CONTEXT_PARAMETER = Shape(
    model.ContextParameter,
    _ram.one("id", "ID", IDENTIFIER),
    _ram.one("value", "Value", TEXT),
    _ram.one(
        "version",
        "SpecifiedDocumentVersion",
        Shape(
            model.DocumentVersion,
            _ram.one("id", "ID", IDENTIFIER),
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
        _ram.one("number", "ID", IDENTIFIER, box="1"),
        _ram.many("names", "Name", TEXT, box="1"),
        _ram.one("type", "TypeCode", CODE, box="1"),
        _ram.one("issued_at", "IssueDateTime", MOMENT, box="13"),
        _ram.one("copy", "CopyIndicator", INDICATOR, box="1"),
        _ram.one("purpose", "Purpose", TEXT, box="5a"),
        _ram.many("purposes", "PurposeCode", CODE, box="5a"),
        _ram.many("special_conditions", "Information", TEXT, box="5"),
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
