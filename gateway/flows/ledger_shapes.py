"""The JSON shapes of notices and of what is left of a permit."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gateway.flows.known_permit import Known
from gateway.permits.ledger import Balance
from gateway.permits.lifecycle import in_order
from gateway.permits.notices import Endorsement, Notice, Reversal, StatusChange
from gateway.permits.quantities import Quantity


def known_as_dict(known: Known, at: datetime) -> dict[str, Any]:
    """A permit with its status, its balances and everything that was said about it, oldest first."""
    counted = known.counted
    return {
        "issuer": known.ref.issuer,
        "number": known.ref.number,
        "status": known.status(at).value,
        "balances": balances_as_list(known.balances),
        "notices": [
            notice_as_dict(notice) | {"counts": notice in counted} for notice in in_order(known.notices)
        ],
    }


def balances_as_list(balances: Iterable[Balance]) -> list[dict[str, Any]]:
    """What is left of each line; amounts are text, because a decimal must not become a float."""
    return [
        {
            "line": balance.line,
            "unit": (balance.authorised.unit if balance.authorised else None) or None,
            "authorised": _amount(balance.authorised),
            "exported": _amount(balance.exported),
            "imported": _amount(balance.imported),
            "dead": _amount(balance.dead),
            "left": _amount(balance.left),
        }
        for balance in balances
    ]


def notice_as_dict(notice: Notice) -> dict[str, Any]:
    """One notice."""
    head = {
        "id": notice.id,
        "kind": type(notice).__name__,
        "by": str(notice.by),
        "at": notice.at.isoformat(),
    }
    match notice:
        case StatusChange():
            return head | {
                "status": notice.status.value,
                "reason": notice.reason,
                "replaced_by": notice.replaced_by or None,
            }
        case Reversal():
            return head | {"reverses": notice.reverses, "reason": notice.reason}
        case Endorsement():
            return head | {
                "side": notice.side.value,
                "on": notice.on.isoformat(),
                "office": notice.office,
                "officer": notice.officer or None,
                "customs_document": notice.customs_document or None,
                "customs_document_type": notice.customs_document_type or None,
                "transport_document": notice.transport_document or None,
                "remarks": notice.remarks or None,
                "lines": [
                    {
                        "line": each.line,
                        "quantity": f"{each.quantity.value:f}",
                        "unit": each.quantity.unit or None,
                        "dead": f"{each.dead:f}",
                    }
                    for each in notice.lines
                ],
            }
    raise AssertionError(notice)


def _amount(quantity: Quantity | None) -> str | None:
    """The number alone."""
    return f"{quantity.value:f}" if quantity is not None else None
