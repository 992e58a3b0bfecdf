"""What came out when somebody checked a bundle."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from gateway.errors import GatewayError, SignatureRefused
from gateway.exchange.bundle import Bundle
from gateway.signatures.verdict import Indication
from gateway.wording import Words, say

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    id: str
    indication: Indication
    message: str
    """What was found; what to do when it is not PASSED."""


@dataclass(slots=True)
class BundleReport:
    """What came out."""

    checks: list[Check] = field(default_factory=list)
    proven: list[Words] = field(default_factory=list)
    """Empty unless all checks have passed."""
    not_proven: list[Words] = field(default_factory=list)
    bundle: Bundle | None = None
    """None when its signatures did not hold."""

    @property
    def verdict(self) -> Indication:
        """The worst of the checks; nothing checked is nothing passed."""
        found = {check.indication for check in self.checks}
        for worse in (Indication.FAILED, Indication.INDETERMINATE):
            if worse in found:
                return worse
        return Indication.PASSED if found else Indication.INDETERMINATE

    def attempt(self, name: str, work: Callable[[], T], held: Callable[[T], Words]) -> T | None:
        """Do one check and note what came of it; None when it did not pass."""
        try:
            result = work()
        except SignatureRefused as error:
            self.checks.append(Check(name, error.verdict.indication, error.message))
        except GatewayError as error:
            told = (
                say("{what}; {advice}", what=error.message, advice=error.advice)
                if error.advice
                else error.message
            )
            self.checks.append(Check(name, Indication.FAILED, told))
        else:
            self.checks.append(Check(name, Indication.PASSED, held(result)))
            return result
        return None
