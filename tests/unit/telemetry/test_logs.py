"""The gateway's own log: one JSON object per line, no secret, and nobody ever waits for it."""

import atexit
import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
import structlog

from gateway.telemetry import logs
from gateway.telemetry.logs import PatientWriter, redact, set_up

PATIENCE = 10.0
TOKEN = "ecites_4f9cd1f0e1b2"


class Paper(io.StringIO):
    """A file in memory that lets a test wait for what is written, and can block or break."""

    def __init__(self) -> None:
        """Empty, open and whole."""
        super().__init__()
        self.open = threading.Event()
        self.open.set()
        self.reached = threading.Event()
        """Set when a write has begun."""
        self.error: Exception | None = None
        """Raised by every write while it stands."""
        self.tried = 0
        self._changed = threading.Condition()

    def write(self, text: str) -> int:
        """Write when the test lets us."""
        self.reached.set()
        if not self.open.wait(PATIENCE):
            raise TimeoutError("a test left the paper blocked")
        with self._changed:
            self.tried += 1
            self._changed.notify_all()
            if self.error is not None:
                raise self.error
            return super().write(text)

    def wait_for(self, condition: Callable[[], Any]) -> None:
        """Wait, at most 10 s."""
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE)

    def lines(self, count: int) -> list[dict[str, Any]]:
        """Wait for so many lines and read all of them."""
        self.wait_for(lambda: self.getvalue().count("\n") >= count)
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture(autouse=True)
def at_exit(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Callable[[], Any]]]:
    """What waits for the end of the process; all that a test configures is gone after it."""
    config, root = structlog.get_config(), logging.getLogger()
    level = root.level
    monkeypatch.setattr(logs, "_FLUSH_SECONDS", PATIENCE)
    registered: list[Callable[[], Any]] = []
    monkeypatch.setattr(atexit, "register", lambda *call: registered.append(partial(*call)))
    try:
        yield registered
    finally:
        structlog.configure(**config)
        structlog.contextvars.clear_contextvars()
        root.handlers = [handler for handler in root.handlers if not isinstance(handler, logs._AsJSON)]
        root.level = level


def leave(at_exit: list[Callable[[], Any]]) -> threading.Thread:
    """Do in a thread what the interpreter does at the end of a process."""
    thread = threading.Thread(target=lambda: [call() for call in at_exit], daemon=True)
    thread.start()
    return thread


@pytest.fixture
def paper() -> Iterator[Paper]:
    made = Paper()
    yield made
    made.open.set()


@pytest.fixture
def logger(paper: Paper) -> Any:
    """A logger that writes to the paper."""
    set_up(file=paper)
    return structlog.get_logger()


def test_a_line_is_json_with_level_time_and_event(logger, paper):
    """Each record is one line with level, timestamp in UTC, event and the fields as they were given."""
    logger.warning("serving", address="http://127.0.0.1:8401", count=3, name="Zürich \n ✓")
    (line,) = paper.lines(1)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "warning",
        "event": "serving",
        "address": "http://127.0.0.1:8401",
        "count": 3,
        "name": "Zürich \n ✓",
    }


def test_the_timestamp_is_a_moment_in_utc(logger, paper):
    """The timestamp is ISO 8601 with its zone, so that lines of two gateways can be laid side by side."""
    logger.info("now")
    (line,) = paper.lines(1)
    assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)


def test_bound_fields_stand_in_the_line(logger, paper):
    """The correlation id that the web server binds stands in every line of that request."""
    with structlog.contextvars.bound_contextvars(correlation_id="0123456789abcdef"):
        logger.info("refused")
    logger.info("later")
    inside, outside = paper.lines(2)
    assert inside["correlation_id"] == "0123456789abcdef"
    assert "correlation_id" not in outside


def test_the_level_decides(paper):
    """Records below the configured level are not written."""
    set_up("WARNING", paper)
    structlog.get_logger().info("small talk")
    structlog.get_logger().warning("matters")
    assert [line["event"] for line in paper.lines(1)] == ["matters"]


def test_what_cannot_be_json_is_written_all_the_same(logger, paper):
    """A value that JSON does not know is written as text."""
    logger.info("odd", value={1, 2}, raw=b"\xff", error=ValueError("no"))
    (line,) = paper.lines(1)
    assert line["error"] == "ValueError('no')"


@pytest.mark.parametrize(
    "name",
    ["token", "Authorization", "bearer_token", "key_passphrase", "PASSWORD", "client_secret", "private_key"],
)
def test_secret_fields_are_redacted(name, logger, paper):
    """A field whose name speaks of a secret is never written out, whatever its case and surroundings."""
    logger.info("odd", **{name: TOKEN})
    (line,) = paper.lines(1)
    assert line[name] == "(redacted)"
    assert TOKEN not in paper.getvalue()


def test_other_fields_are_left_alone():
    """Redaction touches nothing but the values of secret fields."""
    assert redact(None, "info", {"event": "a", "number": 1, "token": "b"}) == {
        "event": "a",
        "number": 1,
        "token": "(redacted)",
    }


def test_secrets_inside_a_field_are_redacted(logger, paper):
    """A dictionary of headers that is logged as one field gives no token away."""
    logger.info("odd", headers={"Authorization": f"Bearer {TOKEN}"}, tried=[{"token": TOKEN}])
    paper.lines(1)
    assert TOKEN not in paper.getvalue()


def test_an_exception_is_one_line(logger, paper):
    """A traceback stands inside the JSON object and does not break it into lines."""
    try:
        int("first line\nsecond line")
    except ValueError:
        logger.exception("unexpected_error")
    (line,) = paper.lines(1)
    assert line["level"] == "error"
    assert "Traceback" in line["exception"]
    assert "second line" in line["exception"]


def test_records_of_libraries_come_through(logger, paper):
    """What another library says through the logging module becomes a line of ours."""
    logging.getLogger("aiohttp.server").warning("connection from %s\nlost", "10.0.0.1")
    (line,) = paper.lines(1)
    assert line["logger"] == "aiohttp.server"
    assert line["text"] == "connection from 10.0.0.1\nlost"
    assert {"level", "timestamp", "event"} <= line.keys()


def test_small_talk_of_libraries_does_not(logger, paper):
    """Below WARNING other libraries are silent; aiohttp's access log is below it."""
    logging.getLogger("aiohttp.access").info("GET /api/v1/permits/secret")
    logging.getLogger("aiohttp.server").warning("matters")
    assert [line["logger"] for line in paper.lines(1)] == ["aiohttp.server"]


def test_errors_of_libraries_stay_errors(paper):
    """With log_level ERROR an error of a library is still written, and with its own level."""
    set_up("ERROR", paper)
    logging.getLogger("asyncio").error("Task exception was never retrieved")
    structlog.get_logger().error("the end")
    paper.wait_for(lambda: "the end" in paper.getvalue())
    assert [line["level"] for line in paper.lines(1)] == ["error", "error"]


def test_exceptions_of_libraries_are_rendered(logger, paper):
    """The traceback that a library passes along stands in the line."""
    try:
        int("inside the library")
    except ValueError:
        logging.getLogger("asyncio").exception("failed")
    (line,) = paper.lines(1)
    assert "inside the library" in line["exception"]


def test_a_library_that_logs_wrongly_goes_on(paper):
    """A record whose arguments do not fit its text does not stop the one who logs it (promise 9)."""
    set_up(file=paper)  # here and not in a fixture, so that pytest's own handlers are away
    logging.getLogger("aiohttp.server").warning("%d connections", "many")


def test_a_blocked_file_makes_nobody_wait(logger, paper):
    """While the file blocks, records are taken at once; when it is free again, all of them are written."""
    paper.open.clear()
    for number in range(1000):
        logger.info("line", number=number)
    assert paper.reached.wait(PATIENCE)
    assert paper.getvalue() == ""
    paper.open.set()
    assert [line["number"] for line in paper.lines(1000)] == list(range(1000))


def test_what_does_not_fit_is_dropped_and_said(paper, monkeypatch):
    """Lines beyond MAX_WAITING are dropped, the oldest are kept, and the next line says how many are lost."""
    monkeypatch.setattr(logs, "MAX_WAITING", 5)
    set_up(file=paper)
    logger = structlog.get_logger()
    paper.open.clear()
    logger.info("line", number=0)
    assert paper.reached.wait(PATIENCE)
    for number in range(1, 13):
        logger.info("line", number=number)
    paper.open.set()
    lines = paper.lines(7)
    assert [line["number"] for line in lines if line["event"] == "line"] == [0, 1, 2, 3, 4, 5]
    assert [line["count"] for line in lines if line["event"] == "log_lines_lost"] == [7]


def test_the_loss_is_a_line_like_any_other(paper, monkeypatch):
    """The line that says the loss has level and timestamp too."""
    monkeypatch.setattr(logs, "MAX_WAITING", 1)
    set_up(file=paper)
    logger = structlog.get_logger()
    paper.open.clear()
    logger.info("line")
    assert paper.reached.wait(PATIENCE)
    for _ in range(3):
        logger.info("line")
    paper.open.set()
    (lost,) = [line for line in paper.lines(3) if line["event"] == "log_lines_lost"]
    assert {"level", "timestamp"} <= lost.keys()


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), ValueError("closed file")], ids=repr
)
def test_a_broken_file_stops_nobody(error, logger, paper):
    """A full disk or a closed file is not the caller's affair; once it is whole again the loss is said."""
    paper.error = error
    logger.info("lost")
    paper.wait_for(lambda: paper.tried == 1)
    paper.error = None
    logger.info("written")
    assert [line["event"] for line in paper.lines(2)] == ["written", "log_lines_lost"]


def test_a_loss_is_counted_to_its_end(logger, paper):
    """Every line that a broken file has cost is counted, also when it stays broken for a while."""
    paper.error = OSError(28, "No space left on device")
    for number in range(3):
        logger.info("lost")
        paper.wait_for(lambda want=number + 1: paper.tried == want)
    paper.error = None
    logger.info("written")
    assert paper.lines(2)[1]["count"] == 3


def test_half_a_character_costs_one_line_only(at_exit, tmp_path):
    """A text that no file can hold does not end the log: the lines after it are written."""
    file = tmp_path / "gateway.log"
    with file.open("w", encoding="utf-8") as opened:
        set_up(file=opened)
        logger = structlog.get_logger()
        logger.info("half \ud800")
        logger.info("whole")
        leave(at_exit).join(PATIENCE)
    assert json.loads(file.read_text(encoding="utf-8").splitlines()[0])["event"] == "whole"


def test_a_silent_process_ends_at_once(at_exit, paper):
    """Nobody waits at the end of a process for a writer to which nothing was written."""
    PatientWriter(paper)
    leaving = leave(at_exit)
    leaving.join(PATIENCE / 4)
    assert not leaving.is_alive()


def test_the_last_lines_are_waited_for(at_exit, logger, paper):
    """The end of a process waits until every line is written."""
    paper.open.clear()
    logger.info("stopping")
    assert paper.reached.wait(PATIENCE)
    leaving = leave(at_exit)
    leaving.join(0.05)
    assert leaving.is_alive()
    paper.open.set()
    leaving.join(PATIENCE / 4)
    assert not leaving.is_alive()
    assert [line["event"] for line in paper.lines(1)] == ["stopping"]
