"""Checking a permit beside its floor, and a folder on one and on two processes."""

import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from gateway import resources
from gateway.cli.checking.question import question
from gateway.cli.checking.workers import Workers, walk
from gateway.codec import registry
from gateway.codec.profile import Profile
from gateway.codec.registry import check_schema, inspect
from gateway.permits import rules
from gateway.xmlio.parse import parse
from tests.benchmarks.timing import median_us

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "permits"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROUNDS = 60
FILES = 6000


def measure() -> dict[str, float]:
    """The floor, our steps and the whole, in turns on the same bytes; microseconds. Then files per second."""
    registry.warm()
    data = (FIXTURES / "ch-export-reptile-leather.xml").read_bytes()
    schema = etree.XMLSchema(file=str(resources.schemas() / "v2" / "CITESEPermit.xsd"))

    def floor() -> None:
        assert schema.validate(etree.fromstring(data))  # noqa: TID251 - the yardstick is bare on purpose

    def ours() -> None:
        assert inspect(parse(data), at=AT).report.accepted

    floors, wholes = [], []
    for _ in range(ROUNDS):
        floors.append(median_us(floor, rounds=1))
        wholes.append(median_us(ours, rounds=1))
    times = {"floor: parse and schema": _median(floors), "ours: the whole check": _median(wholes)}
    times["RATIO check / floor"] = _median([ours / bare for ours, bare in zip(wholes, floors, strict=True)])
    document = parse(data)
    reading = registry.VERSIONS["v2"].read(document.root)
    times |= {
        "ours: parse": median_us(lambda: parse(data)),
        "ours: schema": median_us(lambda: check_schema("v2", document.root)),
        "ours: read": median_us(lambda: registry.VERSIONS["v2"].read(document.root)),
        f"ours: {len(rules.RULES)} rules": median_us(lambda: rules.check(reading.permit, at=AT)),
    }
    return times | _folders(data)


def _folders(data: bytes) -> dict[str, float]:
    """Files per second of a folder on one and on two processes, in turns, the first turn left out."""
    asked = question(at=AT, profile=Profile.STRICT, counterparts=None, used=None, species=None, config=None)
    rates: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(FILES):
            (folder / f"{number:06}.xml").write_bytes(data)
        with Workers(asked, 1) as one, Workers(asked, 2) as two:
            for turn in range(4):
                for jobs, pool in ((1, one), (2, two)):
                    begin = time.perf_counter()
                    assert all(e.report.accepted for e in pool.examine(walk(folder, "*.xml")))
                    if turn:
                        rates[jobs].append(FILES / (time.perf_counter() - begin))
    alone, both = _median(rates[1]), _median(rates[2])
    return {
        "cores": float(len(os.sched_getaffinity(0))),
        "folder, one process, files/s": alone,
        "folder, two processes, files/s": both,
        "RATIO two processes / one": both / alone,
    }


def _median(values: list[float]) -> float:
    """The middle one."""
    return sorted(values)[len(values) // 2]
