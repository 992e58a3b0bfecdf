"""The JSON shape of an answer to customs."""

from typing import Any

from gateway.flows.check import Validity
from gateway.flows.ledger_shapes import balances_as_list, notice_as_dict
from gateway.permits.model import Line
from gateway.permits.views import seen
from gateway.wording import ENGLISH


def validity_as_dict(answer: Validity, language: str = ENGLISH) -> dict[str, Any]:
    """
    The answer as its audience sees it (`permits/views.py`).

    What is told of persons is nothing: neither exporter nor importer are named, only their countries.
    """
    return seen(_whole(answer, language), answer.audience)


def _whole(answer: Validity, language: str) -> dict[str, Any]:
    """What it is about, the verdict with its reasons, what is left, and how fresh all of it is."""
    permit, facts = answer.permit, answer.facts
    return {
        "issuer": answer.ref.issuer,
        "number": answer.ref.number,
        "view": answer.audience.value,
        "verdict": answer.verdict.value,
        "valid": answer.valid,
        "known": answer.known,
        "issuer_answer": dict(answer.issuer_says.body) if answer.issuer_says else None,
        "reasons": [reason.as_dict(language) for reason in answer.reasons],
        "status": facts.status(answer.asked_at).value if facts else None,
        "dates": answer.standing.status.value if answer.standing else None,
        "signature": answer.signature.as_dict() if answer.signature else None,
        "type": permit.type_code if permit else None,
        "exporter": permit.exporter_country if permit else None,
        "importer": permit.importer_country if permit else None,
        "issued_at": permit.issued_at.isoformat() if permit and permit.issued_at else None,
        "valid_from": permit.valid_from.isoformat() if permit and permit.valid_from else None,
        "valid_until": permit.valid_until.isoformat() if permit and permit.valid_until else None,
        "lines": [_line(line) for line in permit.lines] if permit else [],
        "balances": balances_as_list(facts.balances) if facts else [],
        "changes": [notice_as_dict(change) for change in facts.history] if facts else [],
        "paperless": answer.paperless,
        "digest": answer.record.digest if answer.record else None,
        "received_at": answer.record.received_at.isoformat() if answer.record else None,
        "heard_at": answer.heard_at.isoformat() if answer.heard_at else None,
        "answered_at": answer.asked_at.isoformat(),
    }


def _line(line: Line) -> dict[str, Any]:
    """One line of a permit; the quantity is text, because a decimal must not become a float."""
    quantity = line.quantity
    return {
        "line": line.letter,
        "scientific_name": line.scientific_name,
        "common_name": line.common_name or None,
        "description": line.description or None,
        "term": line.term or None,
        "appendix": line.appendix,
        "source": line.source_code,
        "quantity": str(quantity.value) if quantity else None,
        "unit": (quantity.unit or None) if quantity else None,
    }
