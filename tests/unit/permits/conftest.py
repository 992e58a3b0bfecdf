from collections.abc import Callable
from datetime import datetime

import pytest
from unit.permits.permit_builder import AT, GOOD

from gateway.permits import model, rules


@pytest.fixture
def good() -> model.Permit:
    """A permit that breaks no rule."""
    return GOOD


@pytest.fixture
def broken_rules() -> Callable[..., list[str]]:
    """Gives the ids of the rules that a permit breaks at a moment."""

    def ids(permit: model.Permit, at: datetime = AT) -> list[str]:
        return [rule.id for rule, _, _ in rules.check(permit, at=at).breaches]

    return ids
