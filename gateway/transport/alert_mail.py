"""Alerts by mail."""

import asyncio
import contextlib
import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from gateway.errors import PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange.alarms import Alert
from gateway.wording import say, translated
from gateway.xmlio.text import one_line

NAME = "mail"
MOST_AT_ONCE = 50
"""Alerts in one mail."""
MAX_SAID = 300
"""Characters of a server's own words that go into our log."""

ADVICE = "compare host, port, user and password of [alerts.mail]; ecites alert test tries it"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over."""

    host: str
    port: int
    starttls: bool
    user: str
    seconds: float
    """For one mail, whatever the server does meanwhile."""


class AlertMail:
    """Fulfils the port `AlertReceiver`."""

    name = NAME
    at_once = MOST_AT_ONCE

    def __init__(
        self,
        server: MailServer,
        password: Callable[[], str],
        sender: str,
        to: Sequence[str],
        who: str,
        language: str,
    ) -> None:
        """`who` says in the subject whose gateway it is; the password is read for each mail."""
        self._server = server
        self._password = password
        self._sender = sender
        self._to = tuple(to)
        self._who = who
        self._language = language

    async def tell(self, alerts: Sequence[Alert], at: datetime) -> None:
        """
        One mail about all of them.

        Raises `PartnerUnreachable`, `PartnerAnsweredWrongly` or `KeyMaterialError`.
        """
        begun = [alert for alert in alerts if not alert.ended]
        ended = [alert for alert in alerts if alert.ended]
        lines = []
        for title, some in ((say("What is wrong:"), begun), (say("What is over:"), ended)):
            if some:
                lines += [self._in(title), ""]
            for alert in some:
                lines += [f"- {alert.text}", f"  {alert.begun_at:%Y-%m-%d %H:%M} UTC"]
                lines += [] if alert.ended else [f"  {alert.advice}"]
                lines += [""]
        first = (begun or ended)[0].text
        subject = self._in(say("over: {text}", text=first)) if not begun else first
        await self._send(subject, lines, at)

    async def test(self, at: datetime) -> None:
        """A mail that says that it is a test; raises as `tell`."""
        said = self._in(say("this is a test of the alerts of this gateway"))
        await self._send(said, [said], at)

    def _in(self, text: str) -> str:
        """In the language of the receivers."""
        return translated(text, self._language)

    async def _send(self, subject: str, lines: Sequence[str], at: datetime) -> None:
        """Make the mail and hand it to the server, beside the event loop."""
        mail = EmailMessage()
        mail["From"], mail["To"] = self._sender, ", ".join(self._to)
        mail["Subject"] = one_line(f"[eCITES {self._who}] {subject}")
        mail["Date"], mail["Message-ID"] = (
            format_datetime(at),
            make_msgid(domain=self._sender.partition("@")[2]),
        )
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
        mail.set_content("\n".join(lines) + "\n")
        client = _Client(self._server.host, self._server.seconds)
        try:
            async with asyncio.timeout(self._server.seconds):
                await asyncio.to_thread(self._hand_over, client, mail, self._password())
        except TimeoutError:
            raise self._unreachable(f"has not taken it within {self._server.seconds:g} s") from None
        except smtplib.SMTPResponseException as error:
            said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
            raise self._refused(f"{error.smtp_code} {said.decode('utf-8', 'replace')}") from None
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise self._refused(f"{code} {said.decode('utf-8', 'replace')}") from None
        except smtplib.SMTPNotSupportedError as error:
            raise self._refused(str(error)) from None
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            raise self._unreachable(f"cannot be used: {error}") from None
        finally:
            _cut(client)

    def _hand_over(self, client: smtplib.SMTP, mail: EmailMessage, password: str) -> None:
        """The conversation; in a thread that ends when its socket is cut."""
        client.connect(self._server.host, self._server.port)
        if self._server.starttls:
            client.starttls(context=ssl.create_default_context())
        if self._server.user:
            client.login(self._server.user, password)
        client.send_message(mail)
        with contextlib.suppress(OSError, smtplib.SMTPException):
            client.quit()  # the mail is handed over, whatever comes now

    def _unreachable(self, why: str) -> PartnerUnreachable:
        """No conversation, or none that came to its end in time."""
        return PartnerUnreachable(
            f"the mail server {self._server.host} port {self._server.port} {one_line(why)[:MAX_SAID]}",
            advice=ADVICE,
        )

    def _refused(self, said: str) -> PartnerAnsweredWrongly:
        """The server will not take it."""
        return PartnerAnsweredWrongly(
            f"the mail server {self._server.host} does not take the mail: {one_line(said)[:MAX_SAID]}",
            advice=ADVICE,
        )


class _Client(smtplib.SMTP):
    """One that is not connected yet, so that it can be cut from the beginning on."""

    def __init__(self, host: str, seconds: float) -> None:
        """`host` is what the certificate of the server is compared with."""
        super().__init__(timeout=seconds)
        self._host = host


def _cut(client: smtplib.SMTP) -> None:
    """End the connection, also under a thread that waits at it."""
    if client.sock is not None:
        with contextlib.suppress(OSError):
            client.sock.shutdown(socket.SHUT_RDWR)
        client.close()
