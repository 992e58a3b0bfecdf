"""How much of the year's quota was used (Box 11a), this permit included."""

from collections.abc import Iterator

from gateway.permits.findings import Severity
from gateway.permits.model import Permit
from gateway.permits.quantities import Quantity
from gateway.permits.rules.context import Context, Item
from gateway.permits.rules.registry import Breach, rule
from gateway.permits.rules.units import comparable, more_than
from gateway.wording import say

_QUOTA = "ONE Record mapping (Box 11a); Res. Conf. 12.3 Annex 2, note 11a"


@rule("quota.incomplete", box="11a", source=_QUOTA, types="E")
def incomplete(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The quantity exported this year and the annual quota stand together."""
    for where, item, used, annual in _quotas(context):
        if used is not None and annual is None:
            yield Breach(
                f"{where}.annual_quota",
                say(
                    "Box 11a of {line} gives {used} as exported this year and no annual quota; "
                    "write the quota too",
                    line=item.called,
                    used=used,
                ),
            )
        elif annual is not None and used is None:
            yield Breach(
                f"{where}.used_to_date",
                say(
                    "Box 11a of {line} gives the annual quota {annual} and not what was exported of it this "
                    "year; write that quantity too, this permit included",
                    line=item.called,
                    annual=annual,
                ),
            )


@rule("quota.negative", box="11a", source=_QUOTA, types="E")
def negative(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The quantities of the quota are not negative."""
    for where, item, used, annual in _quotas(context):
        for name, quantity in (("used_to_date", used), ("annual_quota", annual)):
            if quantity is not None and quantity.value < 0:
                yield Breach(
                    f"{where}.{name}",
                    say(
                        "Box 11a of {line} gives {quantity}, which is less than nothing; correct it",
                        line=item.called,
                        quantity=quantity,
                    ),
                )


@rule("quota.unit-differs", box="11a", source=_QUOTA, types="E")
def unit_differs(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The quantities of the quota are given in the unit of Box 11, or in one that converts to it."""
    for where, item, used, annual in _quotas(context):
        permitted = item.quantity
        if permitted is None:
            continue
        for name, quantity in (("used_to_date", used), ("annual_quota", annual)):
            if quantity is not None and not comparable(quantity, permitted):
                yield Breach(
                    f"{where}.{name}",
                    say(
                        "{line} permits {permitted}, and Box 11a gives {quantity}, which cannot be compared "
                        "with it; write it in the unit of Box 11",
                        line=item.called,
                        permitted=permitted,
                        quantity=quantity,
                    ),
                )


@rule("quota.permit-not-included", box="11a", source=_QUOTA, types="E")
def permit_not_included(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The quantity exported this year includes this permit: it is not less than Box 11."""
    for where, item, used, _ in _quotas(context):
        if used is None or item.quantity is None:
            continue
        if more_than(item.quantity, used):
            yield Breach(
                f"{where}.used_to_date",
                say(
                    "{line} permits {permitted}, and Box 11a gives {used} as exported this year, which must "
                    "include this permit; write at least the quantity of Box 11",
                    line=item.called,
                    permitted=item.quantity,
                    used=used,
                ),
            )


@rule("quota.exceeded", box="11a", source=_QUOTA, types="E")
def exceeded(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The quantity exported this year is not more than the annual quota."""
    for where, item, used, annual in _quotas(context):
        if used is None or annual is None:
            continue
        if more_than(used, annual):
            yield Breach(
                f"{where}.used_to_date",
                say(
                    "Box 11a of {line} gives {used} as exported this year, more than the annual quota of "
                    "{annual}; permit less, or correct the two quantities",
                    line=item.called,
                    used=used,
                    annual=annual,
                ),
            )


@rule("quota.not-an-export", box="11a", source=_QUOTA, types="RIO", severity=Severity.WARNING)
def not_an_export(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Only export permits use up a quota."""
    for where, item, used, annual in _quotas(context):
        if used is not None or annual is not None:
            yield Breach(
                f"{where}.annual_quota" if annual is not None else f"{where}.used_to_date",
                say(
                    "{line} gives a quota, and the document is no export permit; leave Box 11a empty",
                    line=item.called,
                ),
            )


def _quotas(context: Context) -> Iterator[tuple[str, Item, Quantity | None, Quantity | None]]:
    """Model path, line, quantity exported this year and annual quota of every procedure."""
    for item in context.items:
        for number, procedure in enumerate(item.line.procedures):
            yield f"{item.where}.procedures[{number}]", item, procedure.used_to_date, procedure.annual_quota
