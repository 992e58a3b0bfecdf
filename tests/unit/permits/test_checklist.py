from datetime import date
from hashlib import sha256

import pytest

from gateway.errors import MalformedRequest
from gateway.permits import checklist
from gateway.permits.checklist import HEADER_LINES, read_checklist
from gateway.permits.taxa import Rank

DAY = date(2026, 11, 24)
HEADER = (
    "TaxonId,Kingdom,Phylum,Class,Order,Family,Genus,Species,Subspecies,FullName,AuthorYear,RankName,"
    "CurrentListing"
)
ARA = "Animalia,Chordata,Aves,Psittaciformes,Psittacidae,Ara"
GENUS = f'1,{ARA},,,Ara,"Lacépède, 1799",GENUS,I/II'
SPECIES = f'2,{ARA},macao,,Ara macao,"(Linnaeus, 1758)",SPECIES,I'


def read(*lines: str, header: str = HEADER):
    return read_checklist("\n".join((header, *lines)).encode(), origin="index.csv", dated=DAY)


def refusal(data: bytes | str) -> str:
    with pytest.raises(MalformedRequest) as caught:
        read_checklist(data.encode() if isinstance(data, str) else data, origin="index.csv", dated=DAY)
    assert caught.value.advice
    return caught.value.message


def by_name(species) -> dict:
    return {taxon.name: taxon for taxon in species}


def test_the_columns_of_the_checklist():
    """Every column that we keep arrives where it belongs, whatever stands in the others."""
    header = HEADER + (
        ",FullAnnotationEnglish,SynonymsWithAuthors,EnglishNames,SpanishNames,FrenchNames,CitesAccepted,"
        "All_DistributionISOCodes"
    )
    row = SPECIES + (
        ',"a note, with\na second line","Psittacus macao Linnaeus, 1758",Scarlet Macaw,Guacamayo macao,'
        '"Ara macao, Ara rouge",true,"BR,BO"'
    )
    species = read(row, header=header)
    (taxon,) = species
    assert (taxon.id, taxon.name, taxon.author, taxon.rank) == (
        "2",
        "Ara macao",
        "(Linnaeus, 1758)",
        Rank.SPECIES,
    )
    assert (taxon.kingdom, taxon.phylum, taxon.class_) == ("Animalia", "Chordata", "Aves")
    assert (taxon.order, taxon.family) == ("Psittaciformes", "Psittacidae")
    assert (taxon.listing, taxon.appendices, taxon.listed_as) == ("I", ("I",), "")
    assert taxon.countries == ("BO", "BR")
    assert taxon.synonyms == ("Psittacus macao",)
    assert (taxon.english, taxon.spanish, taxon.french) == (
        ("Scarlet Macaw",), ("Guacamayo macao",), ("Ara macao", "Ara rouge"),
    )  # fmt: skip
    assert species.about.sha256 == sha256(f"{header}\n{row}".encode()).hexdigest()
    assert (species.about.origin, species.dated, species.left_out) == ("index.csv", DAY, ())


@pytest.mark.parametrize("header", ["Kingdom;Scientific Name;Listing", "KINGDOM;full_name;current listing"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("above", ["", "sep=;\r\n", "The list of today\r\n\r\n"])
def test_other_headers_delimiters_and_a_line_above(header, delimiter, mark, above):
    """The listings of Species+, and what spreadsheets and web sites make of a file."""
    text = f"{mark}{above}{header}\r\nPlantae;Aloe vera;NC\r\n".replace(";", delimiter)
    (taxon,) = read_checklist(text.encode(), origin="x", dated=DAY)
    assert (taxon.name, taxon.kingdom, taxon.listing, taxon.rank) == (
        "Aloe vera",
        "Plantae",
        "NC",
        Rank.SPECIES,
    )


def test_ranks_are_seen_without_their_column():
    """The form of the name and the column in which it stands say the rank."""
    header = "Kingdom,Order,Family,FullName,CurrentListing"
    species = by_name(read(
        "Animalia,Crocodylia,,Crocodylia,I/II",
        "Animalia,Crocodylia,Alligatoridae,Alligatoridae,I/II",
        "Animalia,Crocodylia,Alligatoridae,Caiman,I/II",
        "Animalia,Crocodylia,Alligatoridae,Caiman crocodilus,II",
        "Animalia,Crocodylia,Alligatoridae,Caiman crocodilus apaporiensis,I",
        header=header,
    ))  # fmt: skip
    assert [taxon.rank.value for taxon in species.values()] == [
        "family",
        "genus",
        "species",
        "subspecies",
        "order",
    ]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ('"Psittacus macao L., 1758, Sittace macao (L., 1758)"', ("Psittacus macao", "Sittace macao")),
        ('"""Psittacus macao L., 1758"", ""Sittace macao"""', ("Psittacus macao", "Sittace macao")),
        ("Psittacus macao; Sittace macao", ("Psittacus macao", "Sittace macao")),
        (
            '"Cereus macao Matusz., Mysak & Jiruse, Opuntia macao var. rubra Lindl. ex Hook."',
            ("Cereus macao", "Opuntia macao var. rubra"),
        ),
        ('"Cereus macao Miller, Lindley ex Hooker"', ("Cereus macao",)),
        ('"Ara macao Linnaeus, 1758, Psittacus macao L., psittacus macao"', ("Psittacus macao",)),
        ("", ()),
    ],
)  # fmt: skip
def test_synonyms_are_told_apart(cell, names):
    """A comma stands between names, and between author and year, and between two authors."""
    (taxon,) = read(f"{SPECIES},{cell}", header=HEADER + ",SynonymsWithAuthors")
    assert taxon.synonyms == names


def test_synonyms_of_a_genus_end_with_a_year():
    """A name of one word looks like an author: among higher taxa a new name begins after a year."""
    (taxon,) = read(
        f'{GENUS},"Macrocercus Vieillot, 1816, Sittace Wagler, 1832"', header=HEADER + ",Synonyms"
    )
    assert taxon.synonyms == ("Macrocercus", "Sittace")


def test_a_listing_is_inherited_only_where_it_is_empty():
    """Subspecies from species, species from genus, genus from order; the nearest wins, an own one stays."""
    header = "Kingdom,Order,Family,FullName,CurrentListing"
    species = by_name(read(
        "Animalia,Crocodylia,,Crocodylia,II",
        "Animalia,Crocodylia,Alligatoridae,Alligatoridae,",
        "Animalia,Crocodylia,Alligatoridae,Caiman,",
        "Animalia,Crocodylia,Alligatoridae,Caiman crocodilus,I",
        "Animalia,Crocodylia,Alligatoridae,Caiman crocodilus fuscus,",
        "Animalia,Crocodylia,Alligatoridae,Caiman yacare,",
        "Animalia,,,Melopsittacus undulatus,",
        header=header,
    ))  # fmt: skip
    listings = {name: (taxon.listing, taxon.listed_as) for name, taxon in species.items()}
    assert listings == {
        "Crocodylia": ("II", ""),
        "Alligatoridae": ("II", "Crocodylia"),
        "Caiman": ("II", "Crocodylia"),
        "Caiman crocodilus": ("I", ""),
        "Caiman crocodilus fuscus": ("I", "Caiman crocodilus"),
        "Caiman yacare": ("II", "Crocodylia"),
        "Melopsittacus undulatus": ("", ""),
    }


def test_rows_of_one_taxon_are_one():
    """Exports of listings have a row for each Appendix and Party."""
    header = HEADER + ",Synonyms,All_DistributionISOCodes"
    (taxon,) = read(
        f"{SPECIES},Aaa bbb,BR", SPECIES.replace("SPECIES,I", "SPECIES,III") + ",Ccc ddd,BO", header=header
    )
    assert (taxon.listing, taxon.countries, taxon.synonyms) == ("I/III", ("BO", "BR"), ("Aaa bbb", "Ccc ddd"))


@pytest.mark.parametrize(
    ("cell", "listing"), [("ii / i", "I/II"), ("NC/II", "II/NC"), ("III", "III"), ("nc", "NC")]
)
def test_listings_are_written_one_way(cell, listing):
    """Order, case and spaces of a split listing do not matter."""
    (taxon,) = read(SPECIES.removesuffix(",I") + f",{cell}")
    assert taxon.listing == listing


BAD = [
    (SPECIES.replace("SPECIES,I", "SPECIES,IV"), "CurrentListing is 'IV'"),
    (SPECIES.replace("Animalia", "Fungi"), "Kingdom is 'Fungi'"),
    (SPECIES.replace("Animalia", ""), "Kingdom is ''"),
    (SPECIES.replace("Ara macao", "?"), "FullName is '?'"),
    (SPECIES.replace("SPECIES,I", "SPECIE,I"), "RankName is 'SPECIE'"),
    (
        SPECIES.replace("Animalia", "Plantae").replace("Ara macao", "Ara ara0"),
        "and in Animalia on a line above",
    ),
    ("3,Animalia", "FullName is ''"),
]


@pytest.mark.parametrize(("row", "reason"), BAD)
def test_a_row_that_cannot_be_read_is_listed(row, reason):
    """The other rows are taken; the line is that of the file, also after a cell with two lines."""
    good = [SPECIES.replace("macao", f"mac{'abcdefghijklmnopqrst'[n]}") for n in range(20)]
    good[0] = good[0].replace("Linnaeus", "Lin\nnaeus")
    row = row.replace("ara0", "maca")
    species = read(*good, row)
    assert len(species) == 20
    ((line, text),) = [(one.line, one.reason) for one in species.left_out]
    assert (line, species.about.left_out) == (23, 1)
    assert reason in text


def test_the_border_of_too_many_bad_rows():
    """One in twenty is taken note of; more, and the file is refused."""
    good = [SPECIES.replace("macao", f"mac{letter}") for letter in "abcdefghijklmnopqrs"]
    bad = SPECIES.replace("SPECIES,I", "SPECIES,IV")
    assert read(*good, bad).about.left_out == 1
    message = refusal("\n".join((HEADER, *good[1:], bad)))
    assert message.startswith("index.csv: 1 of 19 rows cannot be read (line 20: CurrentListing is 'IV'")


def test_a_header_alone_is_refused():
    """A list without a taxon would make every name unknown."""
    assert "0 of 0 rows" in refusal(HEADER)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "line 1, column 1: no header"),
        (b"\x00\x01\x02", "line 1, column 1: no header"),
        (b"<html><body>Not found</body></html>", "line 1, column 1: no header"),
        (b"PK\x03\x04\x14", "line 1, column 1: no header"),
        (HEADER.encode("utf-16"), "line 1, column 1: the file is in UTF-16"),
        (f"{HEADER}\n{SPECIES}\n{GENUS}".encode("latin-1"), "line 3, column 67: byte 0xe9 is not UTF-8"),
        (
            HEADER.replace("CurrentListing", "Status").encode(),
            "line 1: the header has no column CurrentListing",
        ),
        (HEADER.replace("FullName", "Naam").encode(), "line 1: the header has no column FullName"),
        (
            b"hello\nKingdom;Name;Appendix\n",
            "line 2: the header has no column FullName; it has Kingdom, Name",
        ),
        (f'{HEADER}\n"{"a" * 200_000}"'.encode(), "line 2: the row cannot be read as CSV"),
    ],
)
def test_what_is_no_such_file_is_refused(data, words):
    """Bytes that are something else are answered with the line, the column and what to do."""
    assert words in refusal(data)


def test_a_header_too_far_below_is_not_looked_for():
    """A header stands at the top, or nearly."""
    assert read_checklist(
        ("\n" * (HEADER_LINES - 1) + f"{HEADER}\n{SPECIES}").encode(), origin="x", dated=DAY
    )
    assert "no header" in refusal("\n" * HEADER_LINES + f"{HEADER}\n{SPECIES}")


def test_a_file_too_large_is_refused(monkeypatch):
    """The cost of somebody's bytes is bounded: the last size that passes, and the first that does not."""
    data = f"{HEADER}\n{SPECIES}".encode()
    monkeypatch.setattr(checklist, "MAX_BYTES", len(data))
    assert len(read_checklist(data, origin="x", dated=DAY)) == 1
    assert f"has {len(data) + 1} bytes, more than {len(data)}" in refusal(data + b"\n")
