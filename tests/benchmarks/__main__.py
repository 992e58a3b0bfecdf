"""`make bench`: everything in one run, as ratios. `python -m tests.benchmarks NAME` runs one bench alone."""

import argparse
import json
from collections.abc import Callable, Mapping
from functools import partial

from tests.benchmarks import (
    admission,
    claim,
    examination,
    fairness,
    log,
    memory,
    processes,
    responsiveness,
    search,
    throughput,
    validity,
    verification,
    worst_cases,
)

Figures = dict[str, float]

LONG = ("search",)
"""Runs only when it is named: filling a log with ten million entries takes half an hour."""

_ADMISSION = "Admission, {}"
_HTTP = "HTTP, one process (P-256)"
_NAMES = {"rsa": "RSA-3072", "ec": "ECDSA P-256"}


def _admission(algorithm: str) -> Figures:
    """Our path beside its floor."""
    figures = admission.measure(algorithm)
    ratio = figures["ours: whole admission"] / figures["admission floor"]
    return figures | {"RATIO admission / admission floor": ratio}


def _benches(
    deliveries: int = 0, permits: int = 0, share: float = 0.0, entries: int | None = None
) -> Mapping[str, Mapping[str, Callable[[], Figures]]]:
    """By name: titles, and what measures under each."""
    return {
        "examination": {"Check of a permit": examination.measure},
        "worst_cases": {"Worst cases, CPU": worst_cases.measure},
        "responsiveness": {
            "Worst cases over HTTP, longest gap of the loop and CPU of a request": responsiveness.measure
        },
        "verification": {
            f"Verification, {name}": partial(verification.measure, kind) for kind, name in _NAMES.items()
        },
        "admission": {_ADMISSION.format(name): partial(_admission, kind) for kind, name in _NAMES.items()},
        "throughput": {_HTTP: throughput.measure},
        "processes": {
            "HTTP and processes, beside admission alone (P-256)": partial(processes.measure, share)
        },
        "claim": {"A worker looks for its next messages": claim.measure},
        "fairness": {"A healthy partner beside a dead one": fairness.measure},
        "validity": {"Answers to customs": partial(validity.measure, permits)},
        "log": {"The message log": partial(log.measure, entries or log.LONG)},
        "search": {
            "Search in the message log, milliseconds": partial(search.measure, entries or search.ENTRIES)
        },
        "memory": {"Memory of one process": partial(memory.measure, deliveries)},
    }


def main() -> None:
    """Measure what was named, or everything, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    known = tuple(_benches())
    quick = tuple(name for name in known if name not in LONG)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"of {', '.join(known)}; without one all but {', '.join(LONG)}",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.add_argument("--deliveries", type=int, default=memory.DELIVERIES, help="how many for memory")
    parser.add_argument("--permits", type=int, default=validity.SIZES[-1], help="at most, for validity")
    parser.add_argument("--entries", type=int, help="of the message log, for log and search")
    parser.add_argument("--share", type=float, default=processes.SHARE, help="of a core, for processes")
    said = parser.parse_args()
    if unknown := set(said.names) - set(known):
        parser.error(f"no bench is called {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    benches = _benches(said.deliveries, said.permits, said.share, said.entries)
    results = {title: work() for name in said.names or quick for title, work in benches[name].items()}
    _compare(results)
    if said.json:
        print(json.dumps(results, indent=2))
        return
    print("Medians of one run; microseconds unless a line says otherwise. Compare ratios, not times.")
    for title, rows in results.items():
        print(f"\n{title}")
        for label, value in rows.items():
            print(f"  {label:<58} {value:>12,.2f}" if "RATIO" in label else f"  {label:<58} {value:>12,.0f}")


def _compare(results: dict[str, Figures]) -> None:
    """Add what follows from two benches of one run."""
    alone = results.get(_ADMISSION.format(_NAMES["ec"]))
    if alone and _HTTP in results:
        rate = results[_HTTP]["received over HTTP, permits/s"]
        results[_HTTP]["RATIO received / admission alone"] = rate * alone["ours: whole admission"] / 1e6


if __name__ == "__main__":
    main()
