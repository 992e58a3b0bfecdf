"""Authorities hosted here are told what happened to a permit that concerns them."""

from collections.abc import Iterable, Sequence

from gateway.exchange.delivery import DeliveryState
from gateway.exchange.events import Event, EventKind
from gateway.exchange.records import DeliveryRecord, InboxItem
from gateway.exchange.webhooks import Webhook
from gateway.flows.ports import Node, Transaction
from gateway.permits.identity import AuthorityId, Role
from gateway.permits.notices import Endorsement, Notice, StatusChange


async def announce_arrivals(items: Iterable[InboxItem], transaction: Transaction, node: Node) -> None:
    """Tell each authority, inside the caller's transaction, that a permit is in its inbox."""
    await _announce(
        [
            Event(
                node.clock.new_id(),
                item.authority,
                EventKind.ARRIVED,
                item.permit,
                item.sender,
                item.id,
                item.arrived_at,
            )
            for item in items
        ],
        transaction,
        node,
    )


async def announce_notice(
    notice: Notice, transaction: Transaction, node: Node, *addressed: AuthorityId
) -> None:
    """
    Tell of a notice, inside the transaction that keeps it, each authority hosted here that it concerns.

    Those are the authorities of the Parties that the permit names, who has asked about the permit, and who
    was `addressed` by the message that brought it; not its author, who knows it.
    """
    permit = await transaction.permits.find(notice.permit)
    parties = {notice.permit.issuer, *((permit.exporter, permit.importer) if permit else ())}
    told = {*await transaction.notices.viewers(notice.permit), *addressed}
    concerned = {each for each in node.directory.hosted if each in told or each.party in parties}
    await _announce(
        [
            Event(
                node.clock.new_id(),
                authority,
                _kind(notice),
                notice.permit,
                notice.by,
                notice.id,
                node.clock.now(),
            )
            for authority in sorted(concerned - {notice.by})
            if authority.role is not Role.HUB
        ],
        transaction,
        node,
    )


async def _announce(events: Sequence[Event], transaction: Transaction, node: Node) -> None:
    """Keep the events for the feed, and queue one delivery to each webhook that wants one."""
    await transaction.events.add(events)
    hooks = node.webhooks.values()
    pushed = [_delivery(event, hook, node) for event in events for hook in hooks if hook.wants(event)]
    if pushed:
        await transaction.deliveries.add(pushed)


def _delivery(event: Event, webhook: Webhook, node: Node) -> DeliveryRecord:
    """An event on its way to a webhook; its message is the event itself."""
    return DeliveryRecord(
        id=node.clock.new_id(),
        conversation_id=event.id,
        sender=event.by,
        recipient=event.authority,
        partner=webhook.id,
        message_id=event.id,
        permit=event.permit,
        state=DeliveryState.QUEUED,
        created_at=event.made_at,
        next_attempt_at=event.made_at,
    )


def _kind(notice: Notice) -> EventKind:
    """What a notice is for those who are told of it."""
    match notice:
        case StatusChange():
            return EventKind.STATUS_CHANGED
        case Endorsement():
            return EventKind.ENDORSED
    return EventKind.REVERSED
