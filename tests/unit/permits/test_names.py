import pytest

from gateway.permits.names import MAX_LENGTH, MAX_WORD, key_of, parents, read_name


@pytest.mark.parametrize(
    ("text", "key", "display"),
    [
        ("Alligator mississippiensis", "alligator mississippiensis", "Alligator mississippiensis"),
        ("  alligator\tMISSISSIPPIENSIS ", "alligator", "Alligator"),
        ("ALLIGATOR MISSISSIPPIENSIS", "alligator mississippiensis", "Alligator mississippiensis"),
        ("PYTHON REGIUS (SHAW, 1802)", "python regius", "Python regius"),
        ("Ara macao (Linnaeus, 1758)", "ara macao", "Ara macao"),
        ("Ara (Ara) macao", "ara macao", "Ara macao"),
        ("Ara (Lacépède, 1799)", "ara", "Ara"),
        ("Aloe vera (L.) Burm. f.", "aloe vera", "Aloe vera"),
        ("Dendrobium de Vriese", "dendrobium", "Dendrobium"),
        ("Dendrobium nobile Lindl. ex Hook.", "dendrobium nobile", "Dendrobium nobile"),
        ("Orchidaceae spp.", "orchidaceae", "Orchidaceae"),
        ("CROCODYLIA spp.", "crocodylia", "Crocodylia"),
        ("Acropora sp. 1", "acropora", "Acropora"),
        ("Falco hybrid", "falco", "Falco"),
        ("Python molurus molurus", "python molurus molurus", "Python molurus molurus"),
        ("Aloe perfoliata var. vera L.", "aloe perfoliata vera", "Aloe perfoliata var. vera"),
        ("Aloe perfoliata vera rubra alba", "aloe perfoliata vera", "Aloe perfoliata vera"),
        ("Aloe perfoliata ssp vera", "aloe perfoliata vera", "Aloe perfoliata subsp. vera"),
        ("Cattleya x hybrida", "cattleya hybrida", "Cattleya \N{MULTIPLICATION SIGN} hybrida"),
        ("\N{MULTIPLICATION SIGN}Brassocattleya maikai", "brassocattleya maikai",
         "\N{MULTIPLICATION SIGN} Brassocattleya maikai"),
        ("Isoëtes lacustris", "isoetes lacustris", "Isoetes lacustris"),
        ("Opuntia ficus-indica", "opuntia ficus-indica", "Opuntia ficus-indica"),
        ("Катлея лабиата", "катлея", "Катлея"),
        ("", "", ""),
        ("123 nobile", "", ""),
        ("(Ara) macao", "", ""),
    ],
)  # fmt: skip
def test_a_name_is_read(text, key, display):
    """What people write around the words of a name does not matter."""
    name = read_name(text)
    assert (name.key, name.display) == (key, display)


def test_a_capital_after_the_name_is_remembered():
    """It may be an epithet that was capitalised, or the author: the list decides."""
    assert read_name("Psittacus Erithacus").capital == "erithacus"
    assert read_name("Psittacus Linnaeus, 1758").capital == "linnaeus"
    assert read_name("Psittacus erithacus").capital == ""


@pytest.mark.parametrize(
    ("text", "two"),
    [
        ("Falco cherrug x Falco rusticolus", ("Falco cherrug", "Falco rusticolus")),
        ("Falco cherrug \N{MULTIPLICATION SIGN} rusticolus", ("Falco cherrug", "Falco rusticolus")),
        ("Falco cherrug X Falco rusticolus", ("Falco cherrug", "Falco rusticolus")),
        ("Cattleya x hybrida", None),
        ("Falco cherrug", None),
        ("Falco cherrug x", None),
        ("", None),
    ],
)
def test_a_hybrid_has_two_parents(text, two):
    """A formula names both; a hybrid with a name of its own is no formula."""
    assert parents(text) == two


@pytest.mark.parametrize(
    "text", ["Ara macao", "Aloe perfoliata var. vera", "Cattleya \N{MULTIPLICATION SIGN} hybrida"]
)
def test_the_quick_key_is_the_careful_one(text):
    """Whole lists are compared by the quick way, single names by the careful one."""
    name = read_name(text)
    assert name.display == text
    assert key_of(text) == name.key


@pytest.mark.parametrize(
    "text", ["A" * 1_000_000, "a " * 500_000, "\u0301" * 100_000, "x" * 300, "( " * 99, "\x00 \ud800"]
)
def test_hostile_text_is_cut(text):
    """Text that is no name costs little and gives a bounded answer."""
    name = read_name(text)
    assert len(name.display) <= MAX_LENGTH + 20
    assert parents(text) is None


def test_the_borders_of_what_is_looked_at():
    """What stands beyond the length of a name or of a word is not read."""
    assert read_name("Ara" + " " * (MAX_LENGTH - 8) + "macao").key == "ara macao"
    assert read_name("Ara" + " " * (MAX_LENGTH - 3) + "macao").key == "ara"
    assert len(read_name("A" * (MAX_WORD + 1)).key) == MAX_WORD
