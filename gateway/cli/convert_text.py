"""What a conversion did, for a person at a terminal."""

from collections.abc import Iterator
from typing import Any

from gateway.codec.convert import Conversion
from gateway.codec.losses import Loss
from gateway.codec.places import Places
from gateway.wording import say, translated
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.text import one_line


def conversion_dict(
    conversion: Conversion, original: bytes, source: str, target: str, language: str, *, sealed: bool
) -> dict[str, Any]:
    """The JSON shape: from, to, sealed, the digests of both documents, losses and moves."""
    return {
        "from": source,
        "to": target,
        "sealed": sealed,
        "sha256": sha256_hex(conversion.data),
        "original_sha256": sha256_hex(original),
        "losses": [loss.as_dict(language) for loss in conversion.losses],
        "moves": [move.as_dict(language) for move in conversion.moves],
    }


def conversion_lines(
    conversion: Conversion, places: Places, source: str, target: str, language: str, *, sealed: bool
) -> Iterator[str]:
    """
    Lines of text: what could not be carried, element by element, what stands elsewhere, and whose seal it is.

    `places` are those of the source document. Values come before attributes, because they weigh more.
    """
    for loss in sorted(conversion.losses, key=lambda loss: loss.is_attribute):
        lost = say("not carried: {what} '{value}': {why}", what=loss.what, value=loss.value, why=loss.why)
        yield "  " + one_line(translated(lost, language))
        yield "    " + _place(loss, language)
    for move in conversion.moves:
        moved = say("said otherwise: '{value}': {why}", value=move.value, why=move.why)
        yield "  " + one_line(translated(moved, language))
        yield "    " + places.locate(move.path).path
    if sealed:
        yield "  " + translated(
            say(
                "the document is sealed: the seal does not cover the conversion and stays with the original; "
                "seal the conversion anew before it is sent"
            ),
            language,
        )
    if conversion.losses:
        yield translated(
            say("not carried by {target}: {count}", target=target, count=len(conversion.losses)), language
        )
    else:
        yield translated(
            say("everything that {source} says is carried by {target}", source=source, target=target),
            language,
        )


def _place(loss: Loss, language: str) -> str:
    """Box, line and XPath, as far as they are known."""
    parts = [translated(say("box {box}", box=loss.box), language)] if loss.box else []
    if loss.line is not None:
        parts.append(translated(say("line {line}", line=loss.line), language))
    return ", ".join([*parts, loss.xpath])
