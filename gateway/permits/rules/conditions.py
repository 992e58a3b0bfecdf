"""What Box 5 has to say, and in which language texts are written."""

from collections.abc import Iterator

from gateway.permits.findings import Severity
from gateway.permits.model import Permit
from gateway.permits.phrases import speaks_of
from gateway.permits.rules.context import Context, source_codes
from gateway.permits.rules.registry import Breach, rule
from gateway.permits.values import Text
from gateway.wording import Words, say

LIVE = frozenset({"LIV", "EGL", "FIG"})
"""Terms of what is alive: animals and plants, fertilized eggs, fingerlings."""

_PLANTS = frozenset("AY")
"""Sources that only plants have."""

_LANGUAGES = frozenset({"en", "fr", "es", "eng", "fra", "fre", "spa"})
"""The working languages of the Convention, by ISO 639-1 and 639-2."""

_TRANSPORT = (
    " transport",
    " iata ",
    " live animals regulations ",
    " cites guidelines ",
    " lignes directrices ",
)
_TRANSPORT_SOURCE = "50 CFR 23.26(c)(8) and 23.23(c)(7); Res. Conf. 12.3 Annex 2 (Box 5)"

_JUSTIFIED = (
    " source", " unknown", " origin ", " provenance ", " acqui", " inconnu", " origine ", " desconocid",
    " origen ", " procedencia ", " adquir", " fuente ",
)  # fmt: skip
_SOURCE_U = "Res. Conf. 12.3 Annex 2, note 10; DEFRA CITES form (a reason is required)"

_STAMP = (
    " security stamp", " stamp number", " stamp no ", " timbre de securite", " numero du timbre",
    " sello de seguridad", " estampilla de seguridad", " numero del sello",
)  # fmt: skip
_STAMP_SOURCE = "Res. Conf. 12.3, section on security, and Annex 2, notes 5b and 13"

_LANGUAGE = "50 CFR 23.23(b); Res. Conf. 12.3"


@rule("conditions.transport", box="5", source=_TRANSPORT_SOURCE, severity=Severity.WARNING)
def transport(_permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit for live animals makes their transport a condition."""
    for _, item, specimen, product in context.specimens():
        if not any(term.value in LIVE for term in product.terms):
            continue
        sources = source_codes(specimen.source.value) if specimen.source else frozenset()
        if sources & _PLANTS:
            continue
        if not speaks_of(context.conditions, _TRANSPORT):
            yield Breach(
                "special_conditions[0]",
                say(
                    "{line} is alive and Box 5 says nothing about transport; write there that transport must "
                    "follow the CITES guidelines or, by air, the IATA Live Animals Regulations",
                    line=item.called,
                ),
            )
        return


@rule("conditions.source-unknown", box="5", source=_SOURCE_U, severity=Severity.WARNING)
def source_unknown(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Source U (unknown) is justified."""
    for _, item, specimen, _ in context.specimens():
        if specimen.source is None or "U" not in specimen.source.value:
            continue
        if not speaks_of(context.conditions, _JUSTIFIED):
            yield Breach(
                "special_conditions[0]",
                say(
                    "{line} has source U (unknown) and Box 5 does not say why; "
                    "write there why the source is not known",
                    line=item.called,
                ),
            )
        return


@rule("conditions.stamp-number", box="5b", source=_STAMP_SOURCE, severity=Severity.WARNING)
def stamp_number(permit: Permit, context: Context) -> Iterator[Breach]:
    """When a security stamp is used, its number is given."""
    first = permit.first_signatory
    if first and any(number.value for number in first.ids):
        return
    if speaks_of(context.conditions, _STAMP):
        yield Breach(
            "first_signatory.ids[0]",
            say("Box 5 speaks of a security stamp and Box 5b is empty; write the number of the stamp there"),
        )


@rule("texts.language", box="5", source=_LANGUAGE, severity=Severity.WARNING)
def language(permit: Permit, context: Context) -> Iterator[Breach]:
    """Conditions and descriptions are in English, French or Spanish, or have a translation beside them."""
    if permit.special_conditions and _foreign(permit.special_conditions):
        yield Breach("special_conditions[0]", _translate(permit.special_conditions))
    for item in context.items:
        for number, specimen in enumerate(item.line.specimens):
            texts = specimen.product.descriptions if specimen.product else ()
            if texts and _foreign(texts):
                where = f"{item.where}.specimens[{number}].product.descriptions[0]"
                yield Breach(where, _translate(texts), "9")


def _foreign(texts: tuple[Text, ...]) -> bool:
    """Whether every text says its language and none is a working language of the Convention."""
    for text in texts:
        if not text.language or text.language.lower().partition("-")[0] in _LANGUAGES:
            return False
    return True


def _translate(texts: tuple[Text, ...]) -> Words:
    """What to say about texts that few can read."""
    return say(
        "the text is in the language {language} only; "
        "write it in English, French or Spanish, or add a translation",
        language=texts[0].language,
    )
