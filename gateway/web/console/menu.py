"""Where one can go from every page."""

from gateway.people.person import Person
from gateway.people.rights import Right
from gateway.wording import Words, say

_PLACES: tuple[tuple[Right, str, Words], ...] = (
    (Right.SEE_OVERVIEW, "/console", say("Overview")),
    (Right.SEE_PERMITS, "/console/permits", say("Permits")),
    (Right.SEE_MESSAGES, "/console/messages", say("Messages")),
    (Right.SEE_MESSAGES, "/console/deliveries", say("Deliveries")),
    (Right.SEE_PARTNERS, "/console/partners", say("Partners")),
    (Right.SEE_LOG, "/console/log", say("Log")),
    (Right.SEE_REPORTS, "/console/reports", say("Reports")),
    (Right.CHANGE_TRUST, "/console/trust", say("Changes of trust")),
    (Right.MANAGE_PEOPLE, "/console/people", say("People")),
)


def menu(person: Person, path: str) -> list[tuple[str, Words, bool]]:
    """Address, name, and whether we are there or below it, of every place that somebody may go to."""
    return [
        (address, name, path == address or (address != "/console" and path.startswith(f"{address}/")))
        for right, address, name in _PLACES
        if person.may(right)
    ]
