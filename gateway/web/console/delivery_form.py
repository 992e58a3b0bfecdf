"""The search form of deliveries."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from gateway.exchange.delivery import DeliveryState
from gateway.exchange.delivery_query import DEAD_LETTERS, DeliveryQuery
from gateway.exchange.figures import UNSETTLED
from gateway.permits.identity import AuthorityId
from gateway.web.console.asking import a_moment, a_number, an_authority, an_id, hours, one_of
from gateway.web.console.delivery_words import STATES
from gateway.wording import Words, say

FIELDS = (
    "state",
    "partner",
    "authority",
    "number",
    "message",
    "error",
    "since",
    "until",
    "older",
)
"""Their names; `number` is the permit's, whole."""

GROUPS: Mapping[str, tuple[Words, tuple[DeliveryState, ...]]] = {
    "dead-letters": (say("given up or no receipt"), DEAD_LETTERS),
    "unsettled": (say("still on its way"), UNSETTLED),
}
"""Several states under one word."""


def state_choices() -> list[tuple[str, Words]]:
    """What can be chosen, with its name."""
    groups = [(word, name) for word, (name, _) in GROUPS.items()]
    return [("", say("any")), *groups, *((state.value, STATES[state].name) for state in DeliveryState)]


def query_of(fields: Mapping[str, str], within: frozenset[AuthorityId], at: datetime) -> DeliveryQuery:
    """What is looked for; raises `MalformedRequest` that says which field is wrong."""
    word = fields["state"]
    states = GROUPS[word][1] if word in GROUPS else ()
    if not states and word:
        states = (one_of(DeliveryState, word),)
    before, older = a_moment(fields["until"]), hours(fields["older"])
    if older:
        aged = at - timedelta(hours=older)
        before = min(before, aged) if before else aged
    return DeliveryQuery(
        partner=fields["partner"],
        states=states,
        error_code=fields["error"],
        created_since=a_moment(fields["since"]),
        created_before=before,
        message_id=an_id(fields["message"]),
        number=a_number(fields["number"]),
        authority=an_authority(fields["authority"]),
        within=within,
    )
