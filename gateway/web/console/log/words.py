"""What happened, as the pages about the log call it."""

from gateway.messagelog.entry import EntryKind
from gateway.wording import Words, say

KINDS: dict[EntryKind, Words] = {
    EntryKind.SUBMITTED: say("submitted"),
    EntryKind.RECEIVED: say("received"),
    EntryKind.TESTED: say("tested"),
    EntryKind.REPEATED: say("repeated"),
    EntryKind.HANDED_OVER: say("handed over"),
    EntryKind.FETCHED: say("fetched"),
    EntryKind.SENT: say("sent"),
    EntryKind.FAILED: say("failed"),
    EntryKind.ENDORSED: say("written off"),
    EntryKind.STATUS: say("status changed"),
    EntryKind.ASKED: say("asked"),
    EntryKind.REFUSED: say("turned away"),
    EntryKind.OPERATED: say("operator acted"),
    EntryKind.CHANGED: say("changed"),
    EntryKind.SIGNED_IN: say("signed in or out"),
    EntryKind.LOOKED: say("looked at"),
    EntryKind.EXPORTED: say("taken away"),
    EntryKind.ALARMED: say("alarm"),
}

TONES: dict[EntryKind, str] = {
    **dict.fromkeys(EntryKind, "calm"),
    EntryKind.FAILED: "bad",
    EntryKind.REFUSED: "bad",
    EntryKind.ALARMED: "unsure",
}
