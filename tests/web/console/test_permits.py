"""The pages about permits: what they show, to whom, and what they do not."""

import pytest
from support.console import sign_in
from support.exchange import CH_CUSTOMS, CH_MA
from support.permits import NUMBER, permit_bytes

from gateway.flows.issue import issue
from gateway.flows.ports import Trail
from gateway.people.rights import Post
from gateway.permits.query import PermitQuery


async def issued(door, number=NUMBER, **changes) -> str:
    """Issue a permit; the id of our record."""
    await issue(permit_bytes(number, **changes), CH_MA, "", door.node, Trail())
    async with door.database.read() as transaction:
        (head,) = await transaction.holdings.search(
            PermitQuery(number=number), boundary=(), before="", limit=2
        )
    return head.id


async def test_smoke(ch):
    id = await issued(ch)
    visitor = sign_in(ch, Post.OPERATOR)
    for path in ("", f"/{id}", f"/{id}/form", f"/{id}/documents", f"/{id}/findings", f"/{id}/documents/v3"):
        status, headers, text = await visitor.see("/console/permits" + path)
        assert status == 200, text
        print(path, len(text))
    for path in ("/console/check",):
        status, headers, text = await visitor.see(path)
        assert status == 200, text
