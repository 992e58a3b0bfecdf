from dataclasses import replace

import pytest
from unit.permits.permit_builder import GOOD

from gateway.permits.kinds import Kind, kind_named, kind_of
from gateway.permits.values import Code, Text


def _other(*names: str):
    """The good permit as a document of type O with these names."""
    return replace(GOOD, type=Code("O"), names=tuple(Text(name) for name in names))


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Certificate of Origin", "certificate-of-origin"),
        ("CERTIFICAT D\u2019ORIGINE", "certificate-of-origin"),
        ("Certificado de origen", "certificate-of-origin"),
        ("Introduction from the sea certificate", "introduction-from-the-sea"),
        ("Certificat d'introduction en provenance de la mer", "introduction-from-the-sea"),
        ("Certificado de introducción procedente del mar", "introduction-from-the-sea"),
        ("Certificate of artificial propagation", "artificial-propagation"),
        ("Certificat de reproduction artificielle", "artificial-propagation"),
        ("Certificado de reproducción artificial", "artificial-propagation"),
        ("Captive-bred certificate", "captive-breeding"),
        ("Certificat d'élevage en captivité", "captive-breeding"),
        ("Certificado de cría en cautividad", "captive-breeding"),
        ("Pre-Convention certificate", "pre-convention"),
        ("Certificat préconvention", "pre-convention"),
        ("Certificado preconvención", "pre-convention"),
        ("Certificate of ownership", "personal-ownership"),
        ("Certificat de propriété", "personal-ownership"),
        ("Certificado de propiedad", "personal-ownership"),
        ("Travelling-exhibition certificate", "travelling-exhibition"),
        ("Traveling exhibition", "travelling-exhibition"),
        ("Certificat pour exposition itinérante", "travelling-exhibition"),
        ("Certificado de exhibición itinerante", "travelling-exhibition"),
        ("Sample collection (ATA carnet)", "sample-collection"),
        ("Collection d'échantillons", "sample-collection"),
        ("Colección de muestras", "sample-collection"),
        ("Musical instrument certificate", "musical-instrument"),
        ("Certificat pour instruments de musique", "musical-instrument"),
        ("Certificado de instrumento musical", "musical-instrument"),
        ("Label for scientific exchange", "scientific-exchange"),
        ("Étiquette, échange scientifique", "scientific-exchange"),
        ("Etiqueta de intercambio científico", "scientific-exchange"),
    ],
)
def test_each_language_says_each_kind(words, kind):
    """Every kind is understood in the three languages of the Convention, with or without accents."""
    assert kind_of(_other(words)) == kind
    assert kind_named(words.upper()) == kind


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Certificate",
        "Exhibition",
        "Original certificate",
        "原产地证书",
        "Pre-Convention certificate or certificate of origin",
        "Preconventional",
    ],
)
def test_what_is_not_sure_is_unknown(words):
    """Words that fit no kind, nearly fit one, or fit two are not guessed at."""
    assert kind_named(words) is Kind.UNKNOWN


def test_several_names_say_one_kind_together():
    """The name in two languages is one kind; two names of two kinds are none."""
    assert kind_of(_other("Certificate of origin", "Certificat d'origine")) is Kind.CERTIFICATE_OF_ORIGIN
    assert kind_of(_other("Certificate of origin", "Pre-Convention")) is Kind.UNKNOWN


def test_words_do_not_run_from_one_name_into_the_next():
    """The end of one name and the beginning of the next are no phrase."""
    assert kind_of(_other("Certificate of", "Origin")) is Kind.UNKNOWN


def test_only_documents_of_type_o_have_a_kind():
    """An export permit whose name says otherwise is an export permit."""
    permit = replace(_other("Certificate of origin"), type=Code("E"))
    assert kind_of(permit) is Kind.UNKNOWN
