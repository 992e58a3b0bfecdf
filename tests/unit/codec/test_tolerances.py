from pathlib import Path

import pytest
from support.tolerance import content, rules, texts, v2

from gateway.codec import schema
from gateway.codec.draft import MAX_NOTED, elements
from gateway.codec.tolerant import tolerate
from gateway.xmlio.find import xpath_of
from gateway.xmlio.names import DS, V2_MESSAGE, clark, local_name
from gateway.xmlio.parse import ParsedDocument, parse

PERMITS = Path(__file__).parents[3] / "fixtures" / "permits"

# placeholder


def test_placeholders_are_dropped():
    """A question mark as attribute or as whole text is no value; as a part of a text it is one."""
    document = v2(
        '<ID schemeID="?" schemeAgencyID="6">A</ID><Name languageID="EN">?</Name><Purpose> ? </Purpose>'
        "<Information>really?</Information>"
    )
    tolerated = tolerate(document)
    assert rules(tolerated) == ["tolerated.placeholder"] * 3 + ["tolerated.empty-element"] * 2
    assert dict(tolerated.root.find(".//{*}ID").attrib) == {"schemeAgencyID": "6"}
    assert texts(tolerated, "Name") == []
    assert texts(tolerated, "Purpose") == []
    assert texts(tolerated, "Information") == ["really?"]


# empty-element


def test_empty_elements_are_absent():
    """Empty texts, dates and groups of them go; the finding names the outermost."""
    document = v2(
        "<ID>A</ID><Name/><IssueDateTime> </IssueDateTime>"
        "<EffectiveSpecifiedPeriod><StartDateTime/>\n<EndDateTime/></EffectiveSpecifiedPeriod>"
        "<Purpose><!-- none --></Purpose>",
        "<ConsignorTradeParty><Name>N</Name><PostalTradeAddress><CityName/></PostalTradeAddress></ConsignorTradeParty>",
    )
    tolerated = tolerate(document)
    assert [(f.rule, f.path.rpartition("/")[2], f.box) for f in tolerated.findings] == [
        ("tolerated.empty-element", "Name", "1"),
        ("tolerated.empty-element", "IssueDateTime", "13"),
        ("tolerated.empty-element", "EffectiveSpecifiedPeriod", "2"),
        ("tolerated.empty-element", "Purpose", "5a"),
        ("tolerated.empty-element", "PostalTradeAddress", "4"),
    ]
    left = [local_name(element.tag) for element in elements(tolerated.root)][1:]
    assert left == [
        "SpecifiedExchangedDocumentContext",
        "HeaderExchangedDocument",
        "ID",
        "SpecifiedSupplyChainConsignment",
        "ConsignorTradeParty",
        "Name",
    ]
    assert schema.check("v2", tolerated.root) == ()


def test_the_children_of_the_root_stay_when_they_are_empty():
    """They are needed; the rules say what is missing in them."""
    tolerated = tolerate(v2())
    assert tolerated.findings == ()
    assert len(tolerated.root) == 3


@pytest.mark.parametrize(
    "header",
    [
        "stray<Name/>",
        "<Name/>stray",
        "<ID>A</ID><Name/>stray",
        "<ID>A</ID><ID>B</ID>stray",
        "?<Name/>",
        "<IssueDateTime>2026-11-10<X>1</X></IssueDateTime>",
    ],
)
def test_stray_text_is_not_hidden(header):
    """Text between elements is no oddity: it stays, with what is around it, and the schema refuses it."""
    document = v2(header)
    tolerated = tolerate(document)
    assert content(tolerated.root) == content(document.root)
    assert "".join(tolerated.root[1].itertext()) == "".join(document.root[1].itertext())
    assert tolerated.findings == ()
    assert schema.check("v2", tolerated.root) != ()


def test_many_places_are_counted_not_listed():
    """After twenty places of one kind, one finding says how many more there are, at the first of them."""
    tolerated = tolerate(v2("<Name/>" * (MAX_NOTED + 7)))
    assert rules(tolerated) == ["tolerated.empty-element"] * (MAX_NOTED + 1)
    assert tolerated.findings[-1].message.values["count"] == 7
    assert tolerated.findings[-1].path.endswith(f"/Name[{MAX_NOTED + 1}]")


def test_paths_are_written_as_everywhere():
    """The XPath of a finding is the one that other findings of the gateway have."""
    document = v2("<Name/><Name>N</Name><Name/><Purpose/>")
    empty = [e for e in document.root.iter("{*}Name", "{*}Purpose") if not e.text]
    assert [f.path for f in tolerate(document).findings] == [xpath_of(element) for element in empty]


# signatures


def test_a_signature_is_left_alone():
    """Nothing inside a signature changes: no empty element, no placeholder, no date."""
    inside = "<IssueDateTime>2026-01-01</IssueDateTime><Name/><X a='?'>?</X>"
    signature = f'<s:Signature xmlns:s="{DS}"><s:Object>{inside}</s:Object></s:Signature>'
    document = v2("<ID>A</ID><Name/>", after=signature)
    tolerated = tolerate(document)
    assert rules(tolerated) == ["tolerated.empty-element"]
    assert content(tolerated.root[-1]) == content(document.root[-1])


@pytest.mark.parametrize("before", ["", "?"])
def test_an_element_around_a_signature_is_not_empty(before):
    """A signature in the wrong place is not dropped with what is around it."""
    tolerated = tolerate(v2(f'<Name>{before}<s:Signature xmlns:s="{DS}"/></Name>'))
    assert len(list(tolerated.root.iter(clark(DS, "Signature")))) == 1


# date-only


@pytest.mark.parametrize(
    ("found", "read"),
    [
        ("2026-11-10", "2026-11-10T00:00:00"),
        (" 2026-11-10Z ", "2026-11-10T00:00:00Z"),
        ("2026-11-10-05:00", "2026-11-10T00:00:00-05:00"),
    ],
)
def test_a_date_gets_a_time(found, read):
    """Midnight in the zone that was given, if any."""
    tolerated = tolerate(v2(f"<IssueDateTime>{found}</IssueDateTime>"))
    assert texts(tolerated, "IssueDateTime") == [read]
    assert [(f.rule, f.box) for f in tolerated.findings] == [("tolerated.date-only", "13")]


def test_a_date_in_v3_gets_a_time():
    """In v3 the date stands one element deeper."""
    path = PERMITS / "v3" / "every-element.xml"
    document = parse(path.read_bytes())
    (element, *_) = document.root.iter("{*}DateTime")
    element.text = "2026-11-10"
    tolerated = tolerate(ParsedDocument(b"", document.root))
    assert "2026-11-10T00:00:00" in texts(tolerated, "DateTime")
    assert "tolerated.date-only" in rules(tolerated)


@pytest.mark.parametrize(
    "written", ["2014-01-06T12:03:52.00+01:00", "2014-01-06T12:03:52", "2014-01-06T12:03:52.123456Z"]
)
def test_fractions_and_missing_zones_are_no_oddities(written):
    """They are legal and stay as written."""
    tolerated = tolerate(v2(f"<IssueDateTime>{written}</IssueDateTime>"))
    assert texts(tolerated, "IssueDateTime") == [written]
    assert tolerated.findings == ()
    assert schema.check("v2", tolerated.root) == ()


@pytest.mark.parametrize("written", ["10.11.2026", "2026-11", "2026-11-10T", "soon"])
def test_other_dates_stay_wrong(written):
    """What is neither date nor date and time is an error of the schema."""
    tolerated = tolerate(v2(f"<IssueDateTime>{written}</IssueDateTime>"))
    assert tolerated.findings == ()
    assert [f.rule for f in schema.check("v2", tolerated.root)] == ["schema.value"]


# repeated-value


def test_the_first_of_too_many_counts():
    """When the second differs, the finding says what was left out."""
    tolerated = tolerate(v2("<TypeCode>E</TypeCode><TypeCode>I</TypeCode><TypeCode>E</TypeCode>"))
    assert texts(tolerated, "TypeCode") == ["E"]
    different, same = tolerated.findings
    assert {"kept": "E", "left": "I"}.items() <= dict(different.message.values).items()
    assert "same value" in same.message
    assert (different.box, different.path) == ("1", "/CITESEPermit/HeaderExchangedDocument/TypeCode[2]")


def test_long_values_are_cut_in_messages():
    """A message shows the beginning of a value, on one line."""
    tolerated = tolerate(v2(f"<Purpose>a\n{'b' * 500}</Purpose><Purpose>c</Purpose>"))
    assert tolerated.findings[0].message.values["kept"] == "a " + "b" * 58 + "..."


def test_what_may_be_repeated_is_kept():
    """Purposes, conditions and markings may be as many as one likes, alike or not."""
    document = v2("<PurposeCode>T</PurposeCode>" * 2 + "<Information>i</Information>" * 2)
    tolerated = tolerate(document)
    assert content(tolerated.root) == content(document.root)
    assert tolerated.findings == ()


def test_line_letters_and_quantities_count_once():
    """The same letter or quantity twice is one; two different ones are left for the rules to refuse."""
    package = "<TransportLogisticsPackage><ItemQuantity>{}</ItemQuantity></TransportLogisticsPackage>"
    line = (
        "<IncludedSupplyChainConsignmentItem><ID>{}</ID><ID>{}</ID>{}{}</IncludedSupplyChainConsignmentItem>"
    )
    same = line.format("A", "A", package.format(5), package.format(5))
    other = line.format("B", "C", package.format(5), package.format(6))
    units = line.format(
        "D", "E", package.format(7), package.replace("Quantity>{", 'Quantity unitCode="KGM">{').format(7)
    )
    tolerated = tolerate(v2("<ID>1</ID>", same + other + units))
    assert texts(tolerated, "ID") == ["1", "A", "B", "C", "D", "E"]
    assert texts(tolerated, "ItemQuantity") == ["5", "5", "6", "7", "7"]
    assert rules(tolerated) == ["tolerated.repeated-value"] * 2


def test_the_empty_one_of_two_does_not_count():
    """An empty element before the one with the value is absent, not the first."""
    tolerated = tolerate(v2("<IssueDateTime/><IssueDateTime>2026-11-10T00:00:00Z</IssueDateTime>"))
    assert texts(tolerated, "IssueDateTime") == ["2026-11-10T00:00:00Z"]
    assert rules(tolerated) == ["tolerated.empty-element"]


def test_groups_are_counted_too():
    """The children of the root stand once each."""
    document = v2(
        "<ID>A</ID>",
        after=f'<x:HeaderExchangedDocument xmlns:x="{V2_MESSAGE}"><ID>B</ID></x:HeaderExchangedDocument>',
    )
    tolerated = tolerate(document)
    assert texts(tolerated, "ID") == ["A"]
    assert rules(tolerated) == ["tolerated.repeated-value"]


# context-case


@pytest.mark.parametrize("found", ["CITES Permitting", " cites  permitting\n", "CITES PERMITTING "])
def test_the_process_name_may_be_in_other_case(found):
    """Capitals and spaces do not matter."""
    process = "BusinessProcessSpecifiedDocumentContextParameter"
    tolerated = tolerate(v2(context=f"<{process}><Value>{found}</Value></{process}>"))
    assert texts(tolerated, "Value") == ["CITES PERMITTING"]
    assert rules(tolerated) == ["tolerated.context-case"]


def test_another_process_stays_another():
    """Other words are no spelling of the name, and the name of the model is none of a process."""
    process, model = (
        "BusinessProcessSpecifiedDocumentContextParameter",
        "BIMSpecifiedDocumentContextParameter",
    )
    context = f"<{process}><Value>Sales</Value></{process}><{model}><Value>cites permitting</Value></{model}>"
    tolerated = tolerate(v2(context=context))
    assert texts(tolerated, "Value") == ["Sales", "cites permitting"]
    assert tolerated.findings == ()


# type-alias


@pytest.mark.parametrize(
    ("found", "letter"), [("811", "E"), ("911", "I"), ("861", "O"), ("E", "E"), ("626", "626")]
)
def test_numbers_of_types_become_letters(found, letter):
    """811, 911 and 861 have a letter each; letters and other numbers stay."""
    tolerated = tolerate(v2(f'<TypeCode listID="1001">{found}</TypeCode>'))
    assert texts(tolerated, "TypeCode") == [letter]
    assert tolerated.root.find(".//{*}TypeCode").get("listID") == "1001"
    assert rules(tolerated) == (["tolerated.type-alias"] if found != letter else [])


@pytest.mark.parametrize(
    ("names", "read"), [("", ["Certificate of origin"]), ("<Name>Own words</Name>", ["Own words"])]
)
def test_a_certificate_of_origin_gets_its_name(names, read):
    """861 says what O does not; a name that is there stays."""
    tolerated = tolerate(v2(f"<ID>1</ID>{names}<TypeCode>861</TypeCode>"))
    assert texts(tolerated, "Name") == read
    assert schema.check("v2", tolerated.root) == ()
    assert all(element.sourceline == 3 for element in tolerated.root.iter("{*}Name"))


def test_letters_of_references_become_numbers():
    """E is the permit of origin, R the certificate of last re-export; other references keep their type."""
    reference = "<AssociatedReferencedDocument><TypeCode>{}</TypeCode></AssociatedReferencedDocument>"
    line = "".join(reference.format(code) for code in ("E", "R", "861", "811", "911"))
    tolerated = tolerate(
        v2(
            "<ReferenceReferencedDocument><TypeCode>E</TypeCode></ReferenceReferencedDocument>",
            f"<IncludedSupplyChainConsignmentItem>{line}</IncludedSupplyChainConsignmentItem>",
        )
    )
    assert texts(tolerated, "TypeCode") == ["E", "861", "811", "861", "811", "911"]
    assert [finding.box for finding in tolerated.findings] == ["12/12a", "12/12a"]
