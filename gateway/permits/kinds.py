"""
Which document of type O (other) a permit is.

The messages have no code for it that is publicly known; Box 1 says it in words (toolkit 2.0, EDI page 032,
Box 1.1). The kinds are those that the law knows: 50 CFR 23.54; EU Reg. 865/2006 Art. 10.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from gateway.permits.model import Permit
from gateway.permits.phrases import speaks_of


class Kind(StrEnum):
    """What a document of type O certifies; the values are the keys of the code list `permit_type_other`."""

    CERTIFICATE_OF_ORIGIN = "certificate-of-origin"
    """Appendix III, from a country that did not list the species (Convention Art. V.3)."""
    INTRODUCTION_FROM_THE_SEA = "introduction-from-the-sea"
    """Convention Art. III.5 and IV.6."""
    ARTIFICIAL_PROPAGATION = "artificial-propagation"
    """Plants; Convention Art. VII.5."""
    CAPTIVE_BREEDING = "captive-breeding"
    """Animals; Convention Art. VII.5."""
    PRE_CONVENTION = "pre-convention"
    """Convention Art. VII.2."""
    PERSONAL_OWNERSHIP = "personal-ownership"
    """A live animal that travels with its owner (Res. Conf. 10.20)."""
    TRAVELLING_EXHIBITION = "travelling-exhibition"
    """Res. Conf. 12.3, section on travelling exhibitions."""
    SAMPLE_COLLECTION = "sample-collection"
    """Res. Conf. 12.3, section on sample collections."""
    MUSICAL_INSTRUMENT = "musical-instrument"
    """Res. Conf. 16.8."""
    SCIENTIFIC_EXCHANGE = "scientific-exchange"
    """The label between registered institutions (Convention Art. VII.6)."""
    UNKNOWN = ""
    """No word says it, or the words fit more than one kind."""


_PHRASES: Mapping[Kind, tuple[str, ...]] = MappingProxyType({
    Kind.CERTIFICATE_OF_ORIGIN: (
        " certificate of origin ",
        " certificat d origine ",
        " certificado de origen ",
    ),
    Kind.INTRODUCTION_FROM_THE_SEA: (
        " introduction from the sea ",
        " introduction en provenance de la mer ",
        " introduccion procedente del mar ",
    ),
    Kind.ARTIFICIAL_PROPAGATION: (
        " artificial propagation ",
        " artificially propagated ",
        " reproduction artificielle ",
        " propagation artificielle ",
        " reproduit artificiellement ",
        " reproduits artificiellement ",
        " reproduite artificiellement ",
        " reproduites artificiellement ",
        " reproduccion artificial ",
        " propagacion artificial ",
        " reproducida artificialmente ",
        " reproducidas artificialmente ",
        " reproducido artificialmente ",
        " reproducidos artificialmente ",
    ),
    Kind.CAPTIVE_BREEDING: (
        " captive bred ",
        " captive breeding ",
        " bred in captivity ",
        " breeding in captivity ",
        " elevage en captivite ",
        " eleve en captivite ",
        " eleves en captivite ",
        " cria en cautividad ",
        " criado en cautividad ",
        " criados en cautividad ",
    ),
    Kind.PRE_CONVENTION: (
        " pre convention ",
        " preconvention ",
        " pre convencion ",
        " preconvencion ",
    ),
    Kind.PERSONAL_OWNERSHIP: (
        " personal ownership ",
        " certificate of ownership ",
        " ownership certificate ",
        " certificat de propriete ",
        " certificado de propiedad ",
    ),
    Kind.TRAVELLING_EXHIBITION: (
        " travelling exhibition ",
        " traveling exhibition ",
        " exposition itinerante ",
        " exhibicion itinerante ",
        " exposicion itinerante ",
    ),
    Kind.SAMPLE_COLLECTION: (
        " sample collection ",
        " collection d echantillons ",
        " coleccion de muestras ",
    ),
    Kind.MUSICAL_INSTRUMENT: (
        " musical instrument ",
        " musical instruments ",
        " instrument de musique ",
        " instruments de musique ",
        " instrumento musical ",
        " instrumentos musicales ",
    ),
    Kind.SCIENTIFIC_EXCHANGE: (
        " scientific exchange ",
        " echange scientifique ",
        " echanges scientifiques ",
        " intercambio cientifico ",
        " intercambios cientificos ",
    ),
})  # fmt: skip


def kind_of(permit: Permit) -> Kind:
    """
    The kind of a document of type O by its names in Box 1, in English, French or Spanish.

    `Kind.UNKNOWN` for every other type, for words that say no kind, and for words that say two.
    """
    if permit.type_code != "O":
        return Kind.UNKNOWN
    return _only({kind for name in permit.names for kind in _kinds(name.value)})


def kind_named(words: str) -> Kind:
    """The only kind that the words speak of; `Kind.UNKNOWN` for none and for two."""
    return _only(set(_kinds(words)))


def _kinds(words: str) -> Iterator[Kind]:
    """All kinds that the words speak of."""
    return (kind for kind, phrases in _PHRASES.items() if speaks_of(words, phrases))


def _only(kinds: set[Kind]) -> Kind:
    """The kind when there is just one."""
    return kinds.pop() if len(kinds) == 1 else Kind.UNKNOWN
