"""What is wrong with a document, each finding beside the line that it is about."""

from typing import Any

from aiohttp import web

from gateway.flows.examine_document import examine_document
from gateway.flows.open_permit import open_document
from gateway.permits.examination import Examination
from gateway.rendering.marked import marked
from gateway.rendering.report import conclusion, grouped_reasons, subject
from gateway.web.console.drawing import draw, language_for
from gateway.web.console.permits.words import SEVERITY_TONES
from gateway.web.console.viewer import VIEWER
from gateway.web.keys import NODE, TRAIL

CONCLUSION_TONES = {"PASSED": "good", "FAILED": "bad", "INDETERMINATE": "unsure"}


async def show(request: web.Request) -> web.Response:
    """GET /console/permits/ID/findings: the stored document, examined again by the rules of today."""
    node, boundary = request.app[NODE], request[VIEWER].person.authorities
    opened = await open_document(request.match_info["id"], boundary, node, request[TRAIL])
    data = opened.record.original
    examination = await examine_document(data, "", node)
    return draw(
        request,
        "permit_findings.html.j2",
        opened=opened,
        **values_of(examination, data, language_for(request)),
    )


def values_of(examination: Examination, data: bytes, language: str) -> dict[str, Any]:
    """What the template of an examination needs."""
    return {
        "examination": examination,
        "tone": CONCLUSION_TONES[examination.conclusion],
        "subject": subject(examination, language),
        "counts": conclusion(examination, language),
        "document": marked(data, examination.report.findings, language),
        "not_checked": grouped_reasons(examination.report),
        "tones": SEVERITY_TONES,
    }
