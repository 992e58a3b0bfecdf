"""A rule with a permit on each side of its border."""

from dataclasses import dataclass
from datetime import datetime

from unit.permits.permit_builder import AT

from gateway.permits import rules
from gateway.permits.model import Permit
from gateway.permits.rules.context import NOTHING, Evidence


@dataclass(frozen=True)
class Case:
    """The two permits, the moment and what is known beside them."""

    passes: Permit
    """Just passes: breaks no rule at all."""
    fails: Permit
    """Just fails."""
    also: tuple[str, ...] = ()
    """Other rules that the failing permit cannot help breaking."""
    at: datetime = AT
    fails_at: datetime | None = None
    """When the border is the moment itself."""
    evidence: Evidence = NOTHING
    fails_evidence: Evidence | None = None
    """When the border is the evidence."""
    version: str = "v2"
    """The message version in which the fixtures are written: one that has the elements in question."""


def check_case(rule: str, case: Case) -> None:
    """The passing permit breaks nothing, the failing one exactly what is said."""
    passing = rules.check(case.passes, at=case.at, evidence=case.evidence)
    assert [one.id for one, _, _ in passing.breaches] == []
    failing = rules.check(
        case.fails, at=case.fails_at or case.at, evidence=case.fails_evidence or case.evidence
    )
    assert {one.id for one, _, _ in failing.breaches} == {rule, *case.also}
    assert rule not in {skipped.rule for skipped in (*passing.not_checked, *failing.not_checked)}
