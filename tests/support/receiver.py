"""The example receiver of docs/webhooks.md, taken out of the page and run as a process of its own."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"
_CODE = re.compile(r"<!-- receiver\.py -->\n```python\n(.*?)```\n", re.DOTALL)
_ANSWER = "        return self.answer(204)\n"


def source() -> str:
    """The code as the page shows it."""
    (code,) = _CODE.findall(PAGE.read_text(encoding="utf-8"))
    return str(code)


@dataclass(slots=True)
class Receiver:
    """One receiver: its files in a folder, its port once it has run, its process while it runs."""

    folder: Path
    secret: str
    port: int = 0
    process: "subprocess.Popen[str] | None" = field(default=None)

    @property
    def url(self) -> str:
        """Where it takes events."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self, *, dies_before_answering: bool = False) -> None:
        """Start it on its port, a free one at first, and wait until it listens."""
        code = source()
        if dies_before_answering:
            assert code.count(_ANSWER) == 1
            code = code.replace(_ANSWER, "        import os\n        os.kill(os.getpid(), 9)\n")
        (self.folder / "receiver.py").write_text(code, encoding="utf-8")
        (self.folder / "secret").write_text(f"{self.secret}\n", encoding="ascii")
        command = [sys.executable, "receiver.py", str(self.port), "secret", "events.db"]
        with (self.folder / "receiver.log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own page with our own files
                command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rpartition(" ")[2])

    def kill(self) -> None:
        """As when the power fails."""
        if self.process is not None:
            self.process.kill()
            self.ended()

    def ended(self) -> None:
        """Wait until its process is gone."""
        assert self.process is not None
        self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None

    def events(self) -> dict[str, bytes]:
        """What it has stored, by id."""
        with closing(sqlite3.connect(self.folder / "events.db")) as connection:
            return dict(connection.execute("SELECT id, body FROM events ORDER BY id"))
