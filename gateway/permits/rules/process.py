"""
What the message says about itself: business process and data model.

The process may route a message; it decides nothing about the permit. Real senders leave it out or write it
in other letter case, which the tolerant reading mends and tells.
"""

from collections.abc import Iterator

from gateway.permits.findings import Severity
from gateway.permits.model import Permit
from gateway.permits.rules.context import Context
from gateway.permits.rules.registry import Breach, rule
from gateway.wording import say

PROCESS = "CITES PERMITTING"
"""Toolkit 2.0: the only name of the process, in capital letters."""
PROCESS_VERSION = "1"
"""Toolkit 2.0: the only version of the process."""
MODELS = ("09A", "22A")
"""Releases of the library that the messages are made from: 09A for v1 and v2, 22A for v3."""

_PROCESS = (
    "Toolkit 2.0, document context (BusinessProcessSpecifiedDocumentContextParameter 1..1, fixed value)"
)
_MODEL = "Toolkit 2.0, document context (BIMSpecifiedDocumentContextParameter 0..1, ID 1..1)"


@rule("context.process-missing", box="", source=_PROCESS, severity=Severity.WARNING)
def process_missing(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A message names its business process."""
    if not permit.context.processes:
        yield Breach(
            "context.processes[0].value",
            say("the message does not name its business process; write {process}", process=PROCESS),
        )


@rule("context.process-name", box="", source=_PROCESS, floor=Severity.ERROR)
def process_name(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The business process is CITES PERMITTING."""
    for index, process in enumerate(permit.context.processes):
        found = process.value.value if process.value else ""
        if found != PROCESS:
            yield Breach(
                f"context.processes[{index}].value",
                say(
                    "the business process is '{found}'; write {process}, in capital letters",
                    found=found,
                    process=PROCESS,
                ),
            )


@rule("context.process-version", box="", source=_PROCESS, floor=Severity.ERROR)
def process_version(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The version of the business process, when it is given, is 1."""
    for index, process in enumerate(permit.context.processes):
        version = process.version.id if process.version else None
        if version is not None and version.value != PROCESS_VERSION:
            yield Breach(
                f"context.processes[{index}].version.id",
                say(
                    "the version of the business process is '{found}'; write {version}",
                    found=version.value,
                    version=PROCESS_VERSION,
                ),
            )


@rule("context.model", box="", source=_MODEL, severity=Severity.WARNING)
def model(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The data model, when it is given, is a release that is known."""
    for index, release in enumerate(permit.context.models):
        found = release.id.value if release.id else ""
        if found not in MODELS:
            yield Breach(
                f"context.models[{index}].id",
                say(
                    "the data model is '{found}', which is not known; "
                    "write {older} in messages of versions v1 and v2, {newer} in v3",
                    found=found,
                    older=MODELS[0],
                    newer=MODELS[1],
                ),
            )
