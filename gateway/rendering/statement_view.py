"""A checked statement in the words of one language: what the text and the page are drawn from."""

from dataclasses import dataclass

from gateway.permits.codes import code_lists
from gateway.permits.statement import BriefLine, Statement
from gateway.permits.statement_report import HEADLINES, Outcome, Question, StatementReport
from gateway.rendering.form import MARKS, Tone
from gateway.rendering.visible import in_one_line
from gateway.rendering.voice import Voice
from gateway.wording import say

TONES = {Outcome.PASSED: Tone.GOOD, Outcome.FAILED: Tone.BAD, Outcome.INDETERMINATE: Tone.UNSURE}

_QUESTIONS = {
    Question.FORM: say("Form"),
    Question.SIGNATURE: say("Signature"),
    Question.CONTENT: say("Content"),
    Question.ISSUER: say("Issuer"),
    Question.CERTIFICATE: say("Certificate"),
    Question.REVOCATION: say("Revocation"),
    Question.DATES: say("Dates"),
    Question.STATUS: say("Status"),
    Question.DOCUMENT: say("Document"),
}


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """One check for people."""

    tone: Tone
    mark: str
    question: str
    sentence: str


@dataclass(frozen=True, slots=True)
class StatementView:
    """Final texts: translated, in one line each, free of characters that deceive."""

    tone: Tone
    mark: str
    headline: str
    facts: tuple[tuple[str, str], ...]
    """Label and text of what is stated; empty when nothing is proven."""
    lines: tuple[tuple[str, ...], ...]
    """Letter, name and term, quantity, Appendix and source of each line told."""
    checks: tuple[ShownCheck, ...]
    proven: tuple[str, ...]
    unproven: tuple[str, ...]


def view_of(report: StatementReport, language: str) -> StatementView:
    """The report for people; `language` is one of `gateway.wording.LANGUAGES`."""
    voice = Voice(language)
    stated = report.statement
    return StatementView(
        TONES[report.verdict],
        MARKS[TONES[report.verdict]],
        voice(HEADLINES[report.verdict]),
        _facts(voice, stated) if stated else (),
        tuple(_line(voice, line) for line in stated.lines) if stated else (),
        tuple(
            ShownCheck(
                TONES[check.outcome],
                MARKS[TONES[check.outcome]],
                voice(_QUESTIONS[check.question]),
                in_one_line(voice(check.sentence)),
            )
            for check in report.checks
        ),
        tuple(in_one_line(voice(words)) for words in report.proven),
        tuple(in_one_line(voice(words)) for words in report.unproven),
    )


def _facts(voice: Voice, stated: Statement) -> tuple[tuple[str, str], ...]:
    """What is stated about the whole permit."""
    facts = [
        (voice(say("Issuer")), voice.country(stated.ref.issuer)),
        (voice(say("Number")), in_one_line(stated.ref.number)),
        (voice(say("Type")), voice.code(code_lists().permit_type, stated.type_code)),
        (voice(say("Valid until")), stated.last_day.isoformat()),
    ]
    if stated.begins is not None:
        facts.append((voice(say("Valid from")), voice.moment(stated.begins)))
    if stated.importer:
        facts.append((voice(say("Country of import")), voice.country(stated.importer)))
    facts += [
        (voice(say("Lines")), str(stated.line_count)),
        (voice(say("SHA-256 of the document")), stated.digest),
        (voice(say("Statement made")), voice.moment(stated.made_at)),
    ]
    return tuple(facts)


def _line(voice: Voice, line: BriefLine) -> tuple[str, ...]:
    """One line in four columns."""
    term = voice.code(code_lists().term, line.term) if line.term else ""
    quantity = f"{line.quantity} {line.unit or voice(say('specimens'))}" if line.quantity else "—"
    columns = (
        line.letter or "—",
        f"{line.name or '—'}{f' ({term})' if term else ''}",
        quantity,
        " ".join(part for part in (line.appendix, line.source) if part) or "—",
    )
    return tuple(map(in_one_line, columns))
