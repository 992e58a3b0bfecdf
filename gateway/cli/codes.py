"""`ecites codes`: the code lists that permits are checked against."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.codes_text import (
    alias_as_dict,
    as_dict,
    conversion,
    facts_of,
    print_entries,
    print_table,
)
from gateway.cli.options import Json

if TYPE_CHECKING:
    from gateway.permits.codes import CodeList
    from gateway.permits.codes.changes import Changes
    from gateway.permits.codes.editions import Differences

app = typer.Typer(help="Read and compare code lists.", no_args_is_help=True)

ListName = Annotated[
    str, typer.Argument(metavar="LIST", help="Name of a list, as `ecites codes list` shows it.")
]


@app.command("list")
def list_(json: Json = False) -> None:
    """
    Show which code lists there are.

    For each: codes to be written today, codes in all, edition, boxes of the form, title.
    """
    from gateway.cli.render import print_json
    from gateway.permits.codes import Status, catalogue

    lists = []
    for info in catalogue().values():
        entries = _list(info.name).entries.values()
        lists.append(
            {
                "name": info.name,
                "title": info.title,
                "box": info.box,
                "edition": info.edition.isoformat(),
                "codes": len(entries),
                "current": sum(entry.status is Status.CURRENT for entry in entries),
                "source": info.source,
            }
        )
    if json:
        print_json({"lists": lists})
        return
    columns = ("name", "current", "codes", "edition", "box", "title")
    print_table(columns, [tuple(str(each[column]) for column in columns) for each in lists])


@app.command()
def show(
    name: ListName,
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="One code, with all about it.")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="DATE", help="The codes of this day instead of today.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also codes that are not to be written any more.")
    ] = False,
    json: Json = False,
) -> None:
    """
    Show the codes of a list, or one code.

    One code is shown with its source, its days, and what it stands for. Of a list only the codes that
    may be written are shown, unless --all is given. A code without a known first and last day counts as
    valid on every day.
    """
    from gateway import clock

    code_list = _list(name)
    day = _day(at, "--at") or clock.now().date()
    if code is not None:
        _show_one(code_list, code, day, json=json)
    else:
        _show_many(code_list, day, everything=everything, json=json)


@app.command()
def diff(
    name: ListName,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="What changed after this day.")
    ] = None,
    second: Annotated[
        str | None,
        typer.Option("--to", metavar="DATE", help="And until the end of this one; today otherwise."),
    ] = None,
    other: Annotated[
        Path | None,
        typer.Option(
            "--with",
            metavar="FILE",
            help="Compare with this CSV file: a column code, maybe a column meaning.",
            exists=True,
            dir_okay=False,
            readable=True,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """
    Show what changed in a list, or differs in a file.

    Changes are between two days, as far as days are known; a file is another edition, or a partner's. Ends
    with 0 whether or not there is a difference, and with 1 when the file is no code list.
    """
    from gateway import clock
    from gateway.permits.codes.changes import between
    from gateway.permits.codes.editions import MOST_BYTES, compare, read_edition

    code_list = _list(name)
    if (first is None) == (other is None):
        raise typer.BadParameter("give one of them, and not both", param_hint="--from / --with")
    if other is not None:
        if second is not None:
            raise typer.BadParameter("goes with --from, not with --with", param_hint="--to")
        with other.open("rb") as file:
            theirs = read_edition(file.read(MOST_BYTES + 1))
        _print_differences(code_list, other, compare(code_list, theirs), json=json)
        return
    start, end = _day(first, "--from"), _day(second, "--to") or clock.now().date()
    assert start is not None  # noqa: S101 - one of --from and --with was given
    if end < start:
        raise typer.BadParameter(f"{end} is before {start}; turn them around", param_hint="--to")
    _print_changes(code_list, start, end, between(code_list, start, end), json=json)


def _list(name: str) -> "CodeList":
    """A list by its name; ends with a usage error when there is none of that name."""
    from gateway.permits.codes import CodeList, CodeLists, code_lists

    found = getattr(code_lists(), name, None)
    if not isinstance(found, CodeList):
        names = ", ".join(CodeLists.__dataclass_fields__)
        raise typer.BadParameter(f"there is no list {name!r}; the lists are {names}", param_hint="LIST")
    return found


def _day(text: str | None, option: str) -> date | None:
    """A day from an option; ends with a usage error when it is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write 2026-11-24", param_hint=option) from None


def _show_many(code_list: "CodeList", day: date, *, everything: bool, json: bool) -> None:
    """The codes of a list as a table."""
    from gateway.cli.render import print_json

    known = code_list.entries.values()
    entries = [entry for entry in known if everything or entry.current_on(day)]
    if json:
        codes = [as_dict(code_list, entry) for entry in entries]
        print_json({"list": code_list.name, "at": day.isoformat(), "codes": codes})
        return
    print_entries(entries)
    hidden = len(known) - len(entries)
    typer.echo(f"{len(entries)} of {len(known)} codes" + ("; all of them with --all" if hidden else ""))


def _show_one(code_list: "CodeList", code: str, day: date, *, json: bool) -> None:
    """All about one code; ends with a usage error when the list does not know it."""
    from gateway.cli.render import print_json

    entry, alias = code_list.get(code), code_list.aliases.get(code)
    written = code_list.find(code)
    if written is None:
        raise typer.BadParameter(
            f"the list {code_list.name} has no code {code!r}{_near(code_list, code)}", param_hint="CODE"
        )
    if json:
        known = entry or written
        print_json(
            {
                "list": code_list.name,
                "at": day.isoformat(),
                "asked": code,
                "write": written.code,
                "alias": alias_as_dict(alias) if alias else None,
                "valid": known.valid_on(day),
                "codes": [as_dict(code_list, known)],
            }
        )
        return
    facts = facts_of(entry, day) if entry else []
    if written.code != code:
        facts.append(("write", f"{written.code} ({written.meaning})"))
    if alias:
        facts.append(("amounts", conversion(alias) if entry else ""))
        facts.append(
            ("alias", "; ".join(part for part in (alias.standard, alias.source, alias.note) if part))
        )
    met_as = [other.alias for other in code_list.aliases.values() if other.code == code]
    facts.append(("met as", ", ".join(met_as)))
    typer.echo(f"{code}  {entry.meaning if entry else 'not in the list; stands for another code'}")
    for label, text in facts:
        if text:
            typer.echo(f"  {label:<10} {text}")


def _near(code_list: "CodeList", code: str) -> str:
    """What the reader may have meant."""
    from difflib import get_close_matches

    near = get_close_matches(code.upper(), code_list.entries, n=3)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _print_changes(
    code_list: "CodeList", first: date, second: date, changes: "Changes", *, json: bool
) -> None:
    """What happened between two days."""
    from gateway.cli.render import print_json

    kinds = (("began", changes.began), ("ended", changes.ended), ("replaced", changes.replaced))
    if json:
        print_json(
            {
                "list": code_list.name,
                "from": first.isoformat(),
                "to": second.isoformat(),
                **{kind: [as_dict(code_list, entry) for entry in entries] for kind, entries in kinds},
                "undated": changes.undated,
            }
        )
        return
    rows = [
        (
            kind,
            entry.code,
            entry.replaced_by,
            str(entry.valid_from if kind == "began" else entry.valid_until),
            entry.meaning,
        )
        for kind, entries in kinds
        for entry in entries
    ]
    print_table(("change", "code", "write", "day", "meaning"), rows)
    typer.echo(
        f"{len(rows)} change(s) after {first} until {second}; "
        f"of {changes.undated} code(s) no first or last day is known"
    )


def _print_differences(code_list: "CodeList", file: Path, found: "Differences", *, json: bool) -> None:
    """How a file differs from our list."""
    from gateway.cli.render import print_json

    if json:
        print_json(
            {
                "list": code_list.name,
                "with": str(file),
                "added": [{"code": code, "meaning": meaning} for code, meaning in found.added.items()],
                "missing": [as_dict(code_list, entry) for entry in found.missing],
                "meaning": [
                    {"code": entry.code, "ours": entry.meaning, "theirs": theirs}
                    for entry, theirs in found.meanings
                ],
                "outdated": [as_dict(code_list, entry) for entry in found.outdated],
            }
        )
        return
    rows = [("added", code, "", meaning) for code, meaning in found.added.items()]
    rows += [("missing", entry.code, "", entry.meaning) for entry in found.missing]
    for entry, theirs in found.meanings:
        rows += [("our words", entry.code, "", entry.meaning), ("their words", entry.code, "", theirs)]
    rows += [("outdated", entry.code, entry.replaced_by, entry.meaning) for entry in found.outdated]
    print_table(("difference", "code", "write", "meaning"), rows)
    typer.echo(
        f"{file}: {len(found.added)} added, {len(found.missing)} missing, "
        f"{len(found.meanings)} with other words, {len(found.outdated)} not to be written any more"
    )
