"""The web application: every route on one page."""

from aiohttp import web

from gateway.flows.ports import Node
from gateway.web import ops
from gateway.web.keys import NODE, WebSettings
from gateway.web.limits import LIMITS, Limits
from gateway.web.middleware import answer_errors, correlate, measure
from gateway.web.peer import PEERS, Peers
from gateway.web.rest import contract, exchange, inbox, mailbox, permits
from gateway.web.secret_file import read_secret


def make_application(node: Node, settings: WebSettings) -> web.Application:
    """
    The application of one gateway; `node` is everything that its handlers need.

    Raises `KeyMaterialError` when the secret of the proxy, or the token for metrics, cannot be used.
    """
    application = web.Application(
        client_max_size=settings.max_body_bytes,
        middlewares=[measure, correlate, answer_errors],
        handler_args={"auto_decompress": False},  # `unpacking.py` does it, with ceilings of its own
    )
    application[NODE] = node
    application[LIMITS] = Limits.of(settings)
    application[PEERS] = Peers.of(settings)
    application.router.add_routes(
        [
            web.post("/api/v1/permits", permits.submit, name="submit"),
            web.post("/api/v1/permits/validity", permits.validity, name="validity"),
            web.get("/api/v1/submissions/{id}", permits.show_submission, name="submission"),
            web.get("/api/v1/deliveries/{id}/receipt", permits.show_receipt, name="receipt"),
            web.get("/api/v1/inbox", inbox.show_list, name="inbox"),
            web.get("/api/v1/inbox/{id}", inbox.show_item, name="inbox-item"),
            web.post("/api/v1/inbox/{id}/acknowledgement", inbox.take, name="inbox-acknowledge"),
            web.get("/api/v1/openapi.json", contract.show_document, name="openapi"),
            web.get("/api/v1/docs", contract.show_page, name="api-page"),
            web.post("/exchange/v1/messages", exchange.take_message, name="exchange"),
            # HEAD would count as a look, or as having fetched, although nothing was handed over.
            web.get("/exchange/v1/mailbox", mailbox.show_list, name="mailbox", allow_head=False),
            web.get(
                "/exchange/v1/mailbox/{id}", mailbox.show_message, name="mailbox-message", allow_head=False
            ),
            web.post("/exchange/v1/mailbox/{id}/receipt", mailbox.take, name="mailbox-receipt"),
            web.get("/healthz", ops.healthz, name="healthz"),
        ]
    )
    contract.warm()
    application.on_shutdown.append(mailbox.close)
    if settings.metrics_token is not None:
        application[ops.METRICS_TOKEN] = read_secret(settings.metrics_token, "metrics_token")
        application.router.add_get("/metrics", ops.show_metrics, name="metrics")
    return application
