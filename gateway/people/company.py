"""Who may look after whom, and who can agree with whom."""

from collections.abc import Iterable, Mapping

from gateway.people.account import Account
from gateway.people.person import Person
from gateway.people.rights import Post

OFFICERS = frozenset({Post.MA_OFFICER, Post.CUSTOMS_OFFICER})
"""They work for authorities, so they see those of some and never of all."""


def looks_after(manager: Person, other: Person) -> bool:
    """Whether a manager may see and change an account: nobody does for authorities that they do not see."""
    if not manager.authorities:
        return True
    return bool(other.authorities) and other.authorities <= manager.authorities


def independent(one: Account, other: Account, accounts: Iterable[Account]) -> bool:
    """
    Whether two agree, and not one of them twice.

    Who has let somebody in, or has set their password or second factor, could be sitting there in their
    name. So nobody must stand behind both: neither one of the two nor anybody who let both in, over however
    many hands.
    """
    known = {account.person.id: account for account in accounts}
    return not _behind(one, known) & _behind(other, known)


def _behind(account: Account, known: Mapping[str, Account]) -> set[str]:
    """Somebody, who let them in, who let those in, and so on."""
    found = {account.person.id}
    voucher = account.vouched_by
    while voucher and voucher not in found:
        found.add(voucher)
        voucher = known[voucher].vouched_by if voucher in known else ""
    return found
