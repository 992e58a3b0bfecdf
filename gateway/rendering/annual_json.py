"""The annual report as JSON for programs."""

from collections.abc import Iterable
from typing import Any

from gateway.permits.annual.columns import COLUMNS
from gateway.permits.annual.remarks import Remark, complete, remarks_as_dicts
from gateway.permits.annual.rows import AnnualReport
from gateway.permits.annual.rules import Examined
from gateway.rendering.annual import shown
from gateway.wording import ENGLISH, translated


def annual_dict(
    report: AnnualReport, examined: Examined, language: str = ENGLISH, *, remarks: Iterable[Remark] = ()
) -> dict[str, Any]:
    """
    The JSON shape: party, year, side, acceptable, complete, rows by column, errors, remarks, left_out,
    not_checked.
    """
    columns, told = COLUMNS[report.side], tuple(remarks)
    return {
        "party": report.party,
        "year": report.year,
        "side": report.side.value,
        "acceptable": examined.acceptable,
        "complete": complete(told),
        "rows": [{column: row.cell(column) for column in columns} for row in report.rows],
        "errors": [error.as_dict(language) for error in examined.errors],
        "remarks": remarks_as_dicts(told, language),
        "left_out": [
            {
                "issuer": each.used.ref.issuer,
                "number": each.used.ref.number,
                "line": each.used.line.letter,
                "on": each.used.on.isoformat(),
                "quantity": shown(each.used.quantity),
                "reason": translated(each.reason, language),
            }
            for each in report.left_out
        ],
        "not_checked": [skipped.as_dict(language) for skipped in examined.not_checked],
    }
