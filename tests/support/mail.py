"""A mail server of our own that speaks SMTP over real sockets, and can misbehave."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass(slots=True)
class MailBox:
    """What came, and how the server behaves."""

    tls: ssl.SSLContext | None = None
    """It offers STARTTLS with this."""
    password: str = ""
    """It asks for user `ecites` and this password."""
    refuses: str = ""
    """Answered to every recipient instead of taking it."""
    drips: bool = False
    """It greets with one byte after another and never ends a line."""
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    """Of each mail, whether it came over TLS."""
    dripped: asyncio.Event = field(default_factory=asyncio.Event)

    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something that came fulfils a condition."""
        while not condition():
            self.changed.clear()
            await self.changed.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation (RFC 5321); whatever the client does, it ends with the connection."""
        try:
            await self._drip(writer) if self.drips else await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _drip(self, writer: asyncio.StreamWriter) -> None:
        """A byte now and then: each is an answer to a client that only waits for the next byte."""
        while not writer.is_closing():
            writer.write(b"2")
            await writer.drain()
            self.dripped.set()
            await asyncio.sleep(0.02)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Command by command."""
        encrypted, known = False, not self.password
        writer.write(b"220 mail.invalid ESMTP\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.partition(" ")[0].upper()
            if verb in ("EHLO", "HELO"):
                offered = ["mail.invalid"]
                offered += ["STARTTLS"] if self.tls and not encrypted else []
                offered += ["AUTH PLAIN"] if self.password else []
                said = "".join(
                    f"250{'-' if n < len(offered) else ' '}{o}\r\n" for n, o in enumerate(offered, 1)
                )
                writer.write(said.encode())
            elif verb == "STARTTLS" and self.tls:
                writer.write(b"220 go on\r\n")
                await writer.drain()
                await writer.start_tls(self.tls)
                encrypted = True
            elif verb == "AUTH":
                known = base64.b64decode(line.split()[2]) == f"\0ecites\0{self.password}".encode()
                writer.write(b"235 welcome\r\n" if known else b"535 5.7.8 who are you\r\n")
            elif verb == "MAIL":
                writer.write(b"250 ok\r\n" if known else b"530 5.7.0 authenticate first\r\n")
            elif verb == "RCPT":
                self.recipients.append(line)
                writer.write(f"{self.refuses}\r\n".encode() if self.refuses else b"250 ok\r\n")
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                data = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(message_from_bytes(data[:-5], policy=policy.default))  # type: ignore[arg-type]
                self.encrypted.append(encrypted)
                self.changed.set()
                writer.write(b"250 taken\r\n")
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                writer.write(b"250 ok\r\n")
            await writer.drain()


@asynccontextmanager
async def mail_server(**how: object) -> AsyncIterator[MailBox]:
    """A server that listens on this machine until the block is left."""
    box = MailBox(**how)  # type: ignore[arg-type]
    server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
