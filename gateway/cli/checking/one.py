"""Checking one file."""

from pathlib import Path

from gateway.cli.checking.question import Question
from gateway.cli.render import print_examination, print_json
from gateway.codec.examine import examine
from gateway.permits.examination import Examination
from gateway.rendering.report_html import report_html
from gateway.xmlio.parse import MAX_BYTES


def check_one(file: Path, asked: Question, *, json: bool, html: Path | None, language: str) -> bool:
    """Check one file and print its report; True when it is accepted."""
    data = read_bounded(file)
    examination = examine_as(str(file), data, asked)
    if html is not None:
        html.write_text(report_html(examination, data, language), encoding="utf-8")
    if json:
        print_json(examination.as_dict(language))
    else:
        print_examination(examination, data, language)
    return examination.report.accepted


def examine_as(name: str, data: bytes, asked: Question) -> Examination:
    """The examination of some bytes as asked."""
    return examine(
        data,
        name=name,
        at=asked.at,
        profile=asked.profile,
        evidence=asked.evidence,
        settings=asked.settings,
    )


def read_bounded(file: Path) -> bytes:
    """The bytes of a file; of one that is too large, just enough to say so."""
    with file.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)
