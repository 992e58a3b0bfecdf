"""For tests of worker processes: a file that ends the process which reads it."""

import os

from gateway.cli.checking import workers
from gateway.permits.examination import Examination


def killing(path: str) -> Examination:
    """As a worker does it, but one file ends the process."""
    if path.endswith("killer.xml"):
        os._exit(9)
    return workers.examine_one_file(path)


class Unpicklable:
    """Something whose arrival ends the process."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        """What the other process does to make it."""
        return os._exit, (9,)
