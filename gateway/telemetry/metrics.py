"""
What an operator measures: counters that flows raise, and readings that are taken when somebody asks.

Each gateway has its own; nothing here is shared by a whole process. No label holds anything that a caller can
choose freely: no permit number, no token, no path (promise 10).
"""

import asyncio
import contextlib
import platform
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from gateway import __version__

logger = structlog.get_logger(__name__)

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

READING_SECONDS = 5.0
"""For one reading; what takes longer is left out, so that a slow database never holds up the others."""

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds; a permit of a few lines takes some hundredths, the largest half a second, a slow body the rest."""

OTHER = "other"
"""A partner that nobody has registered, or whose registration is gone: all of them share this label."""

CODES = re.compile(r"[a-z][a-z_-]{0,63}")
"""Codes and outcomes are words of the program, without a digit; anything else in their place is `OTHER`."""

Sample = tuple[tuple[str, ...], float]
"""The values of the labels, and the number."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Something that is looked at when somebody asks."""

    name: str
    text: str
    labels: tuple[str, ...]
    take: Callable[[], Awaitable[Iterable[Sample]]]


class Metrics:
    """
    The measures of one gateway.

    Nothing that traffic calls here ever raises: metrics never stop it (promise 9).
    """

    def __init__(self) -> None:
        """Everything is nought."""
        self._registry = CollectorRegistry(auto_describe=False)
        self._known: Callable[[], Collection[str]] | None = None
        self._readings: list[tuple[Reading, Gauge]] = []
        self._received = self._counter(
            "ecites_messages_received",
            "Messages of partners, by outcome of the receipt.",
            "partner",
            "outcome",
        )
        self._sent = self._counter(
            "ecites_messages_sent", "Attempts that brought a receipt, by its outcome.", "partner", "outcome"
        )
        self._failed = self._counter(
            "ecites_attempts_failed", "Attempts that brought no receipt, by code.", "partner", "code"
        )
        self._given_up = self._counter(
            "ecites_deliveries_given_up", "Deliveries that nobody tries again.", "partner", "state"
        )
        self._refused = self._counter(
            "ecites_requests_refused", "Requests that were turned away, by code.", "door", "partner", "code"
        )
        self._disagreements = self._counter(
            "ecites_verifiers_disagree", "Signatures on which our verifier and signxml came to two answers."
        )
        self._unread = self._counter(
            "ecites_readings_failed", "Readings that could not be taken and are missing.", "reading"
        )
        self._told = self._counter(
            "ecites_alerts_told",
            "Alerts handed to a receiver of the operator, or not.",
            "receiver",
            "outcome",
        )
        self._delivery = Histogram(
            "ecites_delivery_seconds",
            "One attempt at a partner or a webhook, from its begin to what it brought.",
            ["partner"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        build = Gauge(
            "ecites_build_info",
            "1, with the version of the program and of Python.",
            ["version", "python"],
            registry=self._registry,
        )
        build.labels(__version__, platform.python_version()).set(1)
        self._seconds = Histogram(
            "ecites_request_seconds",
            "From the head of a request to its answer, the body of a slow caller included.",
            ["door"],
            buckets=BUCKETS,
            registry=self._registry,
        )

    def know(self, partners: Callable[[], Collection[str]]) -> None:
        """
        From now on only these partners and webhooks are named; any other one is `OTHER`.

        Names come from the configuration, so there are as many as it has, whatever is sent to us.
        """
        self._known = partners

    def named(self, partner: str) -> str:
        """The label of a partner; nothing stays nothing."""
        if not partner or self._known is None or partner in self._known():
            return partner
        return OTHER

    def received(self, partner: str, outcome: str) -> None:
        """A partner's message has its outcome."""
        self._count_at(self._received, partner, outcome)

    def sent(self, partner: str, outcome: str) -> None:
        """A partner has answered with a receipt."""
        self._count_at(self._sent, partner, outcome)

    def failed(self, partner: str, code: str) -> None:
        """An attempt brought no receipt."""
        self._count_at(self._failed, partner, code)

    def carried(self, partner: str, seconds: float) -> None:
        """One attempt at a partner or a webhook took so long, whatever it brought."""
        with _never_in_the_way("carried"):
            self._delivery.labels(self.named(partner)).observe(seconds)

    def given_up(self, partner: str, state: str) -> None:
        """A delivery is not tried any more."""
        self._count_at(self._given_up, partner, state)

    def refused(self, door: str, partner: str, code: str) -> None:
        """A request was turned away; `partner` is the registered one as which it came, if any."""
        with _never_in_the_way("refused"):
            self._refused.labels(door, self.named(partner), _word(code)).inc()

    def told(self, receiver: str, outcome: str) -> None:
        """An alert went to one of the operator's receivers, or did not."""
        with _never_in_the_way("told"):
            self._told.labels(receiver, _word(outcome)).inc()

    def disagreement(self) -> None:
        """Our verifier and the oracle came to two answers."""
        self._raise(self._disagreements)

    def answered(self, door: str, seconds: float) -> None:
        """A request has its answer."""
        with _never_in_the_way("answered"):
            self._seconds.labels(door).observe(seconds)

    def read(self, reading: Reading) -> None:
        """Take a reading whenever somebody asks from now on; its name must be new."""
        gauge = Gauge(reading.name, reading.text, list(reading.labels), registry=self._registry)
        self._readings.append((reading, gauge))

    async def text(self) -> bytes:
        """
        Everything in the text format of Prometheus.

        A reading that fails or takes too long is missing and counted; an old number would be a lie.
        """
        await asyncio.gather(*(self._take(reading, gauge) for reading, gauge in self._readings))
        return generate_latest(self._registry)

    async def _take(self, reading: Reading, gauge: Gauge) -> None:
        """One reading, in the place of the one before; nothing when it fails."""
        try:
            async with asyncio.timeout(READING_SECONDS):
                samples = list(await reading.take())
            gauge.clear()
            for labels, value in samples:
                gauge.labels(*labels).set(value)
        except Exception:
            with contextlib.suppress(Exception):
                logger.exception("reading_failed", reading=reading.name)
            gauge.clear()
            self._raise(self._unread, reading.name)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        """A counter of this gateway; one without labels is there from the start."""
        return Counter(name, text, list(labels), registry=self._registry)

    def _count_at(self, counter: Counter, partner: str, word: str) -> None:
        """Count one for a partner; both labels are bounded, whatever came."""
        with _never_in_the_way("count"):
            counter.labels(self.named(partner), _word(word)).inc()

    def _raise(self, counter: Counter, *labels: str) -> None:
        """Count one."""
        with _never_in_the_way("count"):
            (counter.labels(*labels) if labels else counter).inc()


def _word(said: str) -> str:
    """A code or an outcome, if it can be one."""
    return said if CODES.fullmatch(said) else OTHER


@contextlib.contextmanager
def _never_in_the_way(what: str) -> Iterator[None]:
    """A mistake in measuring is said, if that is possible, and goes no further (promise 9)."""
    try:
        yield
    except Exception:
        with contextlib.suppress(Exception):
            logger.exception("metric_failed", metric=what)
