"""By which standards a gateway reads and judges documents."""

from dataclasses import dataclass

from gateway.codec.profile import Profile
from gateway.permits.rules import Evidence, RuleSettings
from gateway.permits.rules.context import NOTHING
from gateway.permits.rules.settings import DEFAULT


@dataclass(frozen=True, slots=True)
class Standards:
    """What every flow of one gateway applies to a permit."""

    versions: tuple[str, ...] = ("v1", "v2")
    """Message versions that are accepted."""
    profile: Profile = Profile.STRICT
    """How documents of partners are read. What is issued here is always strict."""
    rules: RuleSettings = DEFAULT
    evidence: Evidence = NOTHING
    """The list of species, when there is one."""


STANDARD = Standards()
"""What applies when nothing is configured."""
