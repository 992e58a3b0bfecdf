import pickle
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.permits import species as species_list
from gateway.permits import species_file
from gateway.permits.checklist import read_checklist
from gateway.permits.names import MAX_LENGTH
from gateway.permits.species import How, load

FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "species"
SAMPLE = load(FOLDER / "sample.json")
IMPORTED_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def listed(*rows: str, columns="Kingdom,FullName,CurrentListing,Synonyms"):
    return read_checklist("\n".join((columns, *rows)).encode(), origin="x.csv", dated=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("text", "names", "how"),
    [
        ("Ara macao", "Ara macao", How.EXACT),
        (" Ara macao ", "Ara macao", How.EXACT),
        ("Ara macao (Linnaeus, 1758)", "Ara macao", How.EXACT),
        ("Orchidaceae spp.", "Orchidaceae", How.EXACT),
        ("Alligator sp.", "Alligator", How.EXACT),
        ("Phalaenopsis amabilis (L.) Blume", "Phalaenopsis amabilis", How.EXACT),
        ("Caiman crocodilus apaporiensis", "Caiman crocodilus apaporiensis", How.EXACT),
        ("ara macao", "Ara macao", How.SPELLING),
        ("Ara Macao", "Ara macao", How.SPELLING),
        ("ARA MACAO", "Ara macao", How.SPELLING),
        ("Ara  macao", "Ara macao", How.SPELLING),
        ("Caiman crocodilus ssp. apaporiensis", "Caiman crocodilus apaporiensis", How.SPELLING),
        ("Psittacus macao", "Ara macao", How.SYNONYM),
        ("Psittacus Macao", "Ara macao", How.SYNONYM),
        ("Loxodonta cyclotis (Matschie, 1900)", "Loxodonta africana", How.SYNONYM),
        ("Cymbidium giganteum lowianum", "Cymbidium lowianum", How.SYNONYM),
        ("Panthera tigris altaica", "Panthera tigris", How.PARENT),
        ("Falco cherrug x Falco rusticolus", "Falco cherrug, Falco rusticolus", How.HYBRID),
        ("Falco cherrug x rusticolus", "Falco cherrug, Falco rusticolus", How.HYBRID),
        ("Elephas africanus x Elephas maximus", "Loxodonta africana, Elephas maximus", How.HYBRID),
    ],
)
def test_a_name_is_found(text, names, how):
    """By its words, by a synonym, by the species of a subspecies, and by both parents of a hybrid."""
    match = SAMPLE.find(text)
    assert match is not None
    assert (match.names, match.how) == (names, how)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "?", "123", "Ara nonsensica", "Nonsense nonsensica", "Falco cherrug x Falco nonsensicus",
        "Nonsense nonsensica altaica", "Катлея", "A" * 1_000_000,
    ],
)  # fmt: skip
def test_a_name_is_not_found(text):
    """What the list does not have, and what is no name."""
    assert SAMPLE.find(text) is None


def test_a_misspelt_subspecies_is_not_its_species():
    """Another Appendix may hang on it: `apaporiensis` is in Appendix I, and its species in II as well."""
    assert SAMPLE.find("Caiman crocodilus apaporiensus") is None
    assert SAMPLE.near("Caiman crocodilus apaporiensus")[0] == "Caiman crocodilus apaporiensis"


def test_an_accepted_name_goes_before_a_synonym():
    """A name that was split off and is accepted today means the accepted one."""
    species = listed("Animalia,Aus bus,II,Cus dus", "Animalia,Cus dus,I,")
    match = species.find("Cus dus")
    assert (match.names, match.how) == ("Cus dus", How.EXACT)


def test_a_divided_synonym_has_all_its_names():
    """A name that two species carry as a synonym gives both."""
    species = listed("Animalia,Aus bus,II,Eus fus", "Animalia,Cus dus,I,Eus fus")
    assert species.find("Eus fus").names == "Aus bus, Cus dus"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Alligator mississipiensis", "Alligator mississippiensis"),
        ("Aligator mississippiensis", "Alligator mississippiensis"),
        ("Aligator missisipiensis", "Alligator mississippiensis"),
        ("alligator misissippiensis (Daudin)", "Alligator mississippiensis"),
        ("Orchidacea spp.", "Orchidaceae"),
        ("Psitacus macao", "Ara macao"),
        ("Falco cherrug x Falco rusticolis", "Falco rusticolus"),
        ("african grey parrot", "Psittacus erithacus"),
        ("Perroquet jaco", "Psittacus erithacus"),
        ("Halcón sacre", "Falco cherrug"),
    ],
)
def test_a_near_miss_is_recognised(text, first):
    """One word wrong, both a little wrong, a synonym misspelt, a common name."""
    assert SAMPLE.find(text) is None
    assert SAMPLE.near(text)[0] == first


@pytest.mark.parametrize(
    "text", ["", "123", "Nonsense nonsensica", "Ara zzzzz", "x" * 100_000, "A" * 99 + " b" * 9]
)
def test_nothing_is_guessed_from_nothing(text):
    """Names that are like no other get no suggestion."""
    assert SAMPLE.near(text) == ()


def test_at_most_three_suggestions_likeliest_first():
    """A person reads three."""
    epithets = [f"Animalia,Albus bonu{letter}s,II," for letter in "abc"]
    genera = [f"Animalia,Albus{letter} bonuss,II," for letter in "abc"]
    near = listed(*epithets, *genera, "Animalia,Albus bonus,II,").near("Albus bonuss")
    assert len(near) == 3
    assert near[0] == "Albus bonus"


def test_answers_are_remembered_within_bounds(monkeypatch):
    """A stranger who sends ever new names does not fill the memory."""
    monkeypatch.setattr(species_list, "_MAX_REMEMBERED", 3)
    species = listed("Animalia,Aus bus,II,")
    for number in range(20):
        species.find(f"Aus cus{'s' * number}")
        assert len(species._remembered) <= 3
    species.find("Aus bus " + "x" * 10 * MAX_LENGTH)
    assert all(len(text) <= MAX_LENGTH for text in species._remembered)
    assert species.find("Aus bus") is species.find("Aus bus")


def test_a_warm_list_has_its_indexes():
    """Nothing is worked out in the middle of a request when it was done at the start."""
    species = load(FOLDER / "sample.json")
    species.warm()
    before = set(vars(species))
    species.find("Ara macao")
    species.near("Ara maco")
    species.near("grey parrot")
    assert set(vars(species)) == before


def test_taxa_tell_what_they_are():
    """Kingdom, rank, Appendices, also where a part is not listed."""
    ginseng = SAMPLE.find("Panax ginseng").taxa[0]
    assert (ginseng.is_plant, ginseng.is_animal, ginseng.appendices) == (True, False, ("II",))
    lion = SAMPLE.find("Panthera leo").taxa[0]
    assert (lion.is_plant, lion.is_animal, lion.appendices) == (False, True, ("I", "II"))
    assert not lion.rank.is_higher
    assert SAMPLE.find("Panthera").taxa[0].rank.is_higher
    assert SAMPLE.find("Aloe vera").taxa[0].appendices == ()


def test_the_sample_is_what_the_command_makes_of_its_source():
    """The committed file equals a new import; when this fails, do what fixtures/species/README.md says."""
    data = (FOLDER / "sample.csv").read_bytes()
    made = read_checklist(data, origin="sample.csv", dated=date(2026, 11, 24))
    assert made.left_out == ()
    committed = (FOLDER / "sample.json").read_bytes()
    assert species_file.dump(made.about, made.groups, made.rows, imported_at=IMPORTED_AT) == committed


def test_a_list_survives_the_file(tmp_path):
    """What was read is what is loaded: every taxon, and where it comes from."""
    rows = ["Plantae,Aus bus var. cus,I/II/NC,Dus eus", 'Animalia,"Fus gus ""Öl""",,', "Animalia,?,I,"]
    made = listed(*rows, *(f"Animalia,Hus i{letter}us,II," for letter in "abcdefghijklmnopqrst"))
    file = tmp_path / "species.json"
    file.write_bytes(species_file.dump(made.about, made.groups, made.rows, imported_at=IMPORTED_AT))
    loaded = load(file)
    assert list(loaded) == list(made)
    assert len(loaded) == 22
    assert loaded.about == replace(made.about, imported_at=IMPORTED_AT)
    assert loaded.about.left_out == 1


def test_a_list_goes_to_another_process():
    """A bulk check hands it to its workers."""
    assert pickle.loads(pickle.dumps(SAMPLE)).find("Ara macao") == SAMPLE.find("Ara macao")  # noqa: S301 - our own


GOOD = (FOLDER / "sample.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is broken"),
        ("[]", "format is None"),
        ("{}", "format is None"),
        ("{", "is broken"),
        (GOOD.replace("ecites-species/1", "ecites-species/2"), "format is 'ecites-species/2'"),
        (GOOD.replace('"dated"', '"dates"'), "dated"),
        (GOOD.replace('"dated": "2026-11-24"', '"dated": "yesterday"'), "yesterday"),
        (GOOD.replace('"dated": "2026-11-24"', '"dated": 5'), "is broken"),
        (GOOD.replace('"Ara macao"', "5"), "is broken"),
        (GOOD.replace('"species"', '"specie"', 1), "specie"),
        (GOOD.replace('"I/II"', '"I/IV"', 1), "no listing I/IV"),
        (GOOD.replace('"Ara macao",', '"Ara macao","more",'), "12 fields"),
        (GOOD.replace('"species",', '"species",-', 1), "is not in the table of groups"),
        (GOOD.replace('"species",', '"species",9', 1), "is not in the table of groups"),
        (GOOD.replace('"species",', '"species",0.', 1), "is not in the table of groups"),
        (GOOD.replace('["Animalia",', "[", 1), "five names"),
        (GOOD[: GOOD.index('"taxa": [\n')] + '"taxa": []}', "there is no taxon"),
        (GOOD.replace("{", "[" * 100_000, 1), "is broken"),
    ],
    ids=range(18),
)
def test_a_broken_file_is_told(text, words, tmp_path):
    """A file that somebody changed by hand ends in a sentence that says what to do."""
    assert text != GOOD
    file = tmp_path / "species.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(file)
    assert words in caught.value.message
    assert "ecites species import" in caught.value.advice


def test_a_missing_file_is_told(tmp_path):
    """The path, and what to do."""
    with pytest.raises(ConfigurationError, match=r"nosuch\.json cannot be read: No such file") as caught:
        load(tmp_path / "nosuch.json")
    assert "ecites species import" in caught.value.advice
