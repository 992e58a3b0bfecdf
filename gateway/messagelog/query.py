"""What somebody looks for in the message log."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gateway.errors import MalformedRequest
from gateway.messagelog.entry import EntryKind
from gateway.messagelog.words import words_of
from gateway.permits.identity import AuthorityId

FAULTS = (EntryKind.REFUSED, EntryKind.FAILED)
"""The outcome of these kinds is the code of an error."""

TEXTS = (
    "id",
    "number",
    "issuer",
    "partner",
    "authority",
    "actor",
    "outcome",
    "error_code",
    "message_id",
    "correlation_id",
    "text",
)
"""Conditions that are words."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """All conditions hold together; an empty one does not count."""

    id: str = ""
    """Of one entry."""
    number: str = ""
    """Permit number, whole."""
    issuer: str = ""
    partner: str = ""
    authority: str = ""
    actor: str = ""
    kinds: tuple[EntryKind, ...] = ()
    """Any of them."""
    outcome: str = ""
    error_code: str = ""
    """The code of the error for which something was turned away or failed."""
    message_id: str = ""
    correlation_id: str = ""
    text: str = ""
    """Words of the sentence for the operator; all must be there, in any order."""
    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""
    visible_to: frozenset[AuthorityId] | None = None
    """Only entries whose authority or actor is one of these; None: whoever asks may see all."""
    before: str = ""
    """Cursor: only entries older than the one with this id."""
    limit: int = 100

    @property
    def words(self) -> tuple[str, ...]:
        """The words of `text`."""
        return words_of(self.text)

    def asked(self) -> dict[str, Any]:
        """
        What is looked for, as JSON: the conditions that count.

        Who may see it, the cursor and the limit are not among it: they belong to whoever asks, each time.
        """
        found: dict[str, Any] = {name: getattr(self, name) for name in TEXTS if getattr(self, name)}
        if self.kinds:
            found["kinds"] = [kind.value for kind in self.kinds]
        if self.since is not None:
            found["since"] = self.since.isoformat()
        if self.until is not None:
            found["until"] = self.until.isoformat()
        return found

    def told(self) -> str:
        """What is looked for in one line, for the message log; empty: everything."""
        shown = {name: ",".join(value) if name == "kinds" else value for name, value in self.asked().items()}
        return "; ".join(f"{name}={value}" for name, value in shown.items())

    def after(self, entry_id: str) -> "LogQuery":
        """The same search, for what is older than an entry."""
        return replace(self, before=entry_id)


def check_text(text: str) -> None:
    """Raises `MalformedRequest` for a text without a word: it would find everything."""
    if text and not words_of(text):
        raise MalformedRequest(
            f"there is no word in {text!r}: words are of letters and digits",
            advice="write a word of the sentence, such as certificate",
        )


def query_of(asked: Mapping[str, Any]) -> LogQuery:
    """The query that `asked` told of; raises `ValueError` for a condition that this program does not know."""
    known = {*TEXTS, "kinds", "since", "until"}
    if unknown := sorted(asked.keys() - known):
        raise ValueError(f"the message log is not searched by {', '.join(unknown)}")
    return LogQuery(
        **{name: asked[name] for name in TEXTS if name in asked},
        kinds=tuple(map(EntryKind, asked.get("kinds", ()))),
        since=datetime.fromisoformat(asked["since"]) if "since" in asked else None,
        until=datetime.fromisoformat(asked["until"]) if "until" in asked else None,
    )
