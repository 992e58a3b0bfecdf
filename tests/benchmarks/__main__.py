"""`make bench`: everything in one run, as ratios."""

import json
import sys

from tests.benchmarks import (
    admission,
    examination,
    responsiveness,
    throughput,
    verification,
    worst_cases,
)

NAMES = {"rsa": "RSA-3072", "ec": "ECDSA P-256"}


def main() -> None:
    """Measure and print."""
    results: dict[str, dict[str, float]] = {"Check of a permit": examination.measure()}
    results["Worst cases, CPU"] = worst_cases.measure()
    results["Worst cases over HTTP, longest gap of the event loop and CPU of a request"] = (
        responsiveness.measure()
    )
    for algorithm, name in NAMES.items():
        results[f"Verification, {name}"] = verification.measure(algorithm)
        results[name] = admission.measure(algorithm)
        results[name]["RATIO admission / admission floor"] = (
            results[name]["ours: whole admission"] / results[name]["admission floor"]
        )
    results["HTTP, one process (P-256)"] = throughput.measure()
    alone = 1e6 / results["ECDSA P-256"]["ours: whole admission"]
    results["HTTP, one process (P-256)"]["RATIO received / admission alone"] = (
        results["HTTP, one process (P-256)"]["received over HTTP, permits/s"] / alone
    )
    if "--json" in sys.argv:
        print(json.dumps(results, indent=2))
        return
    print("Medians of one run; microseconds unless a line says otherwise. Compare ratios, not times.")
    for title, rows in results.items():
        print(f"\n{title}")
        for label, value in rows.items():
            print(f"  {label:<38} {value:>12,.2f}" if "RATIO" in label else f"  {label:<38} {value:>12,.0f}")


if __name__ == "__main__":
    main()
