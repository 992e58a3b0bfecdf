"""The resources of the API, in the order in which the document and the page show them."""

from gateway.web.openapi.operation import Operation, Resource
from gateway.web.openapi.resources import (
    check_page,
    contract,
    events,
    exchange,
    inbox,
    mailbox,
    operating,
    permits,
    submissions,
    uses,
    validity,
)

RESOURCES: tuple[Resource, ...] = (
    permits.RESOURCE,
    submissions.RESOURCE,
    validity.RESOURCE,
    uses.RESOURCE,
    inbox.RESOURCE,
    events.RESOURCE,
    contract.RESOURCE,
    exchange.RESOURCE,
    mailbox.RESOURCE,
    check_page.RESOURCE,
    operating.RESOURCE,
)


def operations() -> list[Operation]:
    """Every operation."""
    return [operation for resource in RESOURCES for operation in resource.operations]
