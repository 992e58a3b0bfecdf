"""What whoever reads a report has to know beside it: what is not in it, and what nobody wrote down."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.permits.identity import PermitRef
from gateway.wording import ENGLISH, translated


class About(StrEnum):
    """What a remark is about; the worst first."""

    UNPROVEN = "unproven"
    """The permit cannot be proven or is not here, so that nothing of it is in the report."""
    NOT_COUNTED = "not-counted"
    """Something that was written off does not count, or cannot be added up."""
    AS_PERMITTED = "as-permitted"
    """Customs wrote nothing, and what is permitted counts as used."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing about one permit."""

    about: About
    ref: PermitRef
    message: str
    """Usually `Words`."""

    def as_dict(self, language: str = ENGLISH) -> dict[str, str]:
        """The JSON shape: about, issuer, number, message."""
        return {
            "about": self.about.value,
            "issuer": self.ref.issuer,
            "number": self.ref.number,
            "message": translated(self.message, language),
        }


def in_order(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """The worst first, each kind in the order of issuers and numbers."""
    ranks = list(About)
    return tuple(sorted(remarks, key=lambda remark: (ranks.index(remark.about), remark.ref)))


def complete(remarks: Iterable[Remark]) -> bool:
    """Whether every permit that belongs into the report is in it."""
    return all(remark.about is not About.UNPROVEN for remark in remarks)


def remarks_as_dicts(remarks: Iterable[Remark], language: str = ENGLISH) -> list[dict[str, Any]]:
    """The JSON shape of all."""
    return [remark.as_dict(language) for remark in remarks]
