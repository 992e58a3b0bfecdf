"""The web application: every route on one page."""

from aiohttp import web

from gateway.flows.overview import Lookout
from gateway.flows.ports import Node
from gateway.flows.report_in_turn import Turn
from gateway.web import check, ops, status_list
from gateway.web.answers import send_held
from gateway.web.console import all_pages, reports
from gateway.web.console.cookies import COOKIES, Cookies
from gateway.web.console.drawing import warm as warm_console
from gateway.web.console.entry import admit
from gateway.web.console.log import checkpoints
from gateway.web.console.overview import LOOKOUT
from gateway.web.console.viewer import GATEKEEPER, Gatekeeper
from gateway.web.keys import NODE, WebSettings
from gateway.web.limits import LIMITS, Limits
from gateway.web.middleware import answer_errors, correlate, measure
from gateway.web.peer import PEERS, Peers
from gateway.web.places import PLACES, Places, give_back_places
from gateway.web.rest import contract, events, exchange, form, inbox, mailbox, permits, uses
from gateway.web.status_folder import STATUS_LISTS, StatusFolder


def make_application(node: Node, settings: WebSettings, *, plain_cookies: bool = False) -> web.Application:
    """
    The application of one gateway; `node` is everything that its handlers need.

    `plain_cookies` lets browsers keep sessions without TLS; only for development on this machine.

    Raises `KeyMaterialError` when the secret of the proxy, or the token for metrics, cannot be used.
    """
    application = web.Application(
        client_max_size=settings.max_body_bytes,
        middlewares=[send_held, measure, correlate, answer_errors, give_back_places],
        handler_args={"auto_decompress": False},  # `unpacking.py` does it, with ceilings of its own
    )
    application[NODE] = node
    check.warm()
    application[PLACES] = Places.of(settings)
    application[LIMITS] = Limits.of(settings)
    application[PEERS] = Peers.of(settings)
    application[STATUS_LISTS] = StatusFolder(settings.status_lists)
    application[status_list.PRESS] = status_list.Press()
    application.router.add_routes(
        [
            web.post("/api/v1/permits", permits.submit, name="submit"),
            web.post("/api/v1/permits/validity", permits.validity, name="validity"),
            web.post("/api/v1/permits/endorsements", uses.endorse, name="endorse"),
            web.post("/api/v1/permits/endorsements/reversals", uses.reverse, name="reverse"),
            web.post("/api/v1/permits/status", uses.change_status, name="status"),
            web.post("/api/v1/permits/ledger", uses.show_ledger, name="ledger"),
            web.post("/api/v1/permits/form", form.show, name="form"),
            web.get("/api/v1/submissions/{id}", permits.show_submission, name="submission"),
            web.get("/api/v1/deliveries/{id}/receipt", permits.show_receipt, name="receipt"),
            web.get("/api/v1/inbox", inbox.show_list, name="inbox"),
            web.get("/api/v1/inbox/{id}", inbox.show_item, name="inbox-item"),
            web.post("/api/v1/inbox/{id}/acknowledgement", inbox.take, name="inbox-acknowledge"),
            web.get("/api/v1/openapi.json", contract.show_document, name="openapi"),
            web.get("/api/v1/docs", contract.show_page, name="api-page"),
            web.get("/api/v1/events", events.show_list, name="events", allow_head=False),
            web.post("/api/v1/events/acknowledgement", events.take, name="events-acknowledge"),
            web.post("/exchange/v1/messages", exchange.take_message, name="exchange"),
            # HEAD would count as a look, or as having fetched, although nothing was handed over.
            web.get("/exchange/v1/mailbox", mailbox.show_list, name="mailbox", allow_head=False),
            web.get(
                "/exchange/v1/mailbox/{id}", mailbox.show_message, name="mailbox-message", allow_head=False
            ),
            web.post("/exchange/v1/mailbox/{id}/receipt", mailbox.take, name="mailbox-receipt"),
            web.get("/check", check.show_page, name="check"),
            web.post("/check", check.answer, name="check-answer"),
            web.get("/check.css", check.show_style, name="check-style"),
            web.get("/check.js", check.show_script, name="check-script"),
            web.get("/status-list/{party}", status_list.show, name="status-list"),
        ]
    )
    application[GATEKEEPER] = Gatekeeper(admit)
    application[COOKIES] = Cookies(plain=plain_cookies)
    application[LOOKOUT] = Lookout(node)
    application[reports.TURN] = Turn()
    application[checkpoints.TURN] = Turn()
    application.router.add_routes(all_pages.routes())
    warm_console()
    contract.warm()
    application.on_shutdown.append(mailbox.close)
    ops.add_addresses(application, settings.metrics_token)
    return application


def make_worker_application(node: Node, settings: WebSettings) -> web.Application:
    """
    What a process that only works has to say: is it there, is it ready, what has it counted.

    Raises `KeyMaterialError` when the token for metrics cannot be used.
    """
    application = web.Application(middlewares=[measure, correlate, answer_errors])
    application[NODE] = node
    ops.add_addresses(application, settings.metrics_token)
    return application
