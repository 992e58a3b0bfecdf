"""Header, payload and identity must say the same (promise 4)."""

from collections.abc import Container, Iterable

from gateway.exchange.message import Header
from gateway.permits.findings import Area, Finding, Severity
from gateway.permits.identity import AuthorityId, PermitRef, Role

_SOURCE = "exchange agreement: envelope, seal and permit name the same authorities"


def disagreements(
    header: Header,
    *,
    permit: PermitRef,
    parties: Iterable[str],
    sealed_by: Iterable[AuthorityId],
    forwarded: Container[AuthorityId] = (),
) -> tuple[Finding, ...]:
    """
    Everything in which a message contradicts itself.

    `permit` is the reference inside the payload, `parties` the exporting and importing Party that it
    names, `sealed_by` the authorities that registered the certificate of its seal, `forwarded` those to whom
    a channel rule lets the partner send copies. Empty when all agree.
    """
    seals = sorted(sealed_by)
    named = {permit.issuer, *parties}
    found: list[Finding] = []
    if header.permit != permit:
        found.append(_differ("permit reference", str(header.permit), "number in the permit", str(permit)))
    if header.sender.party != permit.issuer:
        found.append(_differ("envelope sender", str(header.sender), "issuing Party (Box 6)", permit.issuer))
    if not any(a.party == permit.issuer and a.role is Role.MA for a in seals):
        found.append(
            _differ(
                "seal of the permit",
                ", ".join(map(str, seals)) or "nobody",
                "Management Authority of the issuing Party (Box 6)",
                permit.issuer,
            )
        )
    if header.recipient.party not in named and header.recipient not in forwarded:
        found.append(
            _differ(
                "recipient", str(header.recipient), "Parties named in the permit", ", ".join(sorted(named))
            )
        )
    return tuple(found)


def _differ(one: str, its: str, other: str, others: str) -> Finding:
    """A finding that says which two disagree."""
    return Finding(
        "identity." + one.replace(" ", "-"),
        Severity.ERROR,
        Area.IDENTITY,
        f"the {one} is {its}, but {other}: {others}; both must agree",
        source=_SOURCE,
    )
