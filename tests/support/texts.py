"""
What has to be translated, read from the source:
every `say("...")` of programs and of the console's templates, and the sentence of every rule.

    python -m tests.support.texts          brings gateway/locales/*.po up to date, leaving new entries empty
"""

import ast
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

from gateway.permits.codes import CodeLists, ListedCode, Status, code_lists
from gateway.permits.rules import RULES
from gateway.wording import ENGLISH, LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ROOT / "gateway" / "locales"
FIXED = datetime(2026, 11, 24, tzinfo=UTC)
"""In the headers, so that the same source gives the same bytes."""


def said(source: str) -> Iterator[tuple[int, str | None]]:
    """Line and template of each `say(...)`; None where the template is no literal."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            first = node.args[0] if node.args else None
            literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
            yield node.lineno, first.value if literal else None


def said_in_page(source: str) -> Iterator[tuple[int, str | None]]:
    """The same for a template; None where it is neither a literal nor what the program has said already."""
    for call in Environment(autoescape=True).parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "say":
            first = call.args[0] if call.args else None
            if isinstance(first, nodes.Const):
                yield call.lineno, first.value
            elif not isinstance(first, (nodes.Name, nodes.Getattr, nodes.Getitem)) or call.kwargs:
                yield call.lineno, None


def pages() -> Iterator[Path]:
    """The templates of the console."""
    return iter(sorted((ROOT / "gateway" / "web" / "console" / "templates").glob("*.j2")))


def sources() -> Iterator[Path]:
    """The files of the package."""
    return iter(sorted((ROOT / "gateway").rglob("*.py")))


def templates() -> dict[str, list[str]]:
    """Every English template, with the files that say it."""
    found: dict[str, list[str]] = {}
    for path in sources():
        for _, template in said(path.read_text(encoding="utf-8")):
            if template is not None:
                found.setdefault(template, []).append(str(path.relative_to(ROOT)))
    for path in pages():
        for _, template in said_in_page(path.read_text(encoding="utf-8")):
            if template is not None:
                found.setdefault(template, []).append(str(path.relative_to(ROOT)))
    for rule in RULES.values():
        found.setdefault(rule.summary, []).append(f"gateway/permits/rules/{rule.theme}.py")
    for name, entry in _meanings():
        found.setdefault(entry.meaning.template, []).append(f"schemas/codelists/{name}.csv")
        if name == "term" and entry.status is Status.LEGACY and entry.note:
            found.setdefault(entry.note, []).append(f"schemas/codelists/{name}.csv")
    return found


def _meanings() -> Iterator[tuple[str, ListedCode]]:
    """Every code with a meaning; names of present countries come from the Unicode CLDR instead."""
    lists = code_lists()
    for name in CodeLists.__dataclass_fields__:
        for entry in getattr(lists, name).entries.values():
            if name != "country" or entry.status is not Status.CURRENT:
                yield name, entry


def catalog(language: str) -> Catalog:
    """The translations as they are committed."""
    file = LOCALES / f"{language}.po"
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def updated(language: str) -> bytes:
    """The translations with exactly the entries that the source needs; new ones are empty."""
    known = {str(message.id): message.string for message in catalog(language) if message.id}
    fresh = Catalog(
        locale=language,
        project="ecites-gateway",
        version="",
        charset="utf-8",
        creation_date=FIXED,
        revision_date=FIXED,
        fuzzy=False,
        copyright_holder="the makers of the gateway",
    )
    for template, places in sorted(templates().items()):
        fresh.add(
            template, known.get(template, ""), locations=[(place, None) for place in sorted(set(places))]
        )
    out = io.BytesIO()
    write_po(out, fresh, width=0, include_lineno=False)
    return out.getvalue()


def main() -> None:
    """Write the files."""
    LOCALES.mkdir(exist_ok=True)
    for language in LANGUAGES:
        if language != ENGLISH:
            (LOCALES / f"{language}.po").write_bytes(updated(language))


if __name__ == "__main__":
    main()
