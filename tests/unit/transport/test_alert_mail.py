"""Alerts by mail: a real conversation with a server, and what a bad one can do."""

import asyncio
import threading

import pytest
from support.alerts import alert
from support.keys import NOW
from support.mail import mail_server
from support.tls import identity

from gateway.errors import PartnerAnsweredWrongly, PartnerUnreachable
from gateway.transport.alert_mail import AlertMail, MailServer
from gateway.transport.tls import server_context

PASSWORD = "correct horse battery staple"
TO = ("operator@ma.invalid", "second@ma.invalid")
LONG = 20.0


def mail(box, *, user="", password="", starttls=False, seconds=LONG, language="en"):
    """A receiver of that server."""
    server = MailServer("127.0.0.1", box.port, starttls, user, seconds)
    return AlertMail(server, lambda: password, "gateway@ma.invalid", TO, "CH:MA", language)


async def test_one_mail_about_what_begins_and_what_ends():
    """Both in one text, with what to do for what stands; to everybody; nobody's holiday answers it."""
    async with mail_server() as box:
        await mail(box).tell([alert("fr"), alert("de", ended_at=NOW)], NOW)
    (got,) = box.mails
    assert got["From"] == "gateway@ma.invalid"
    assert got["To"] == ", ".join(TO)
    assert len(box.recipients) == 2
    assert got["Subject"].strip() == f"[eCITES CH:MA] {alert('fr').text}"
    assert got["Auto-Submitted"] == "auto-generated"
    text = got.get_content()
    assert text.index("What is wrong:") < text.index("to fr") < text.index("ecites dead list")
    assert text.index("What is over:") < text.index("to de")


@pytest.mark.parametrize(
    ("language", "begins"), [("en", "over: "), ("fr", "terminé : "), ("es", "terminado: ")]
)
async def test_that_something_is_over(language, begins):
    """The subject says it, in the language of the settings, whatever letters that has."""
    async with mail_server() as box:
        await mail(box, language=language).tell([alert(ended_at=NOW)], NOW)
    assert box.mails[0]["Subject"].strip().removeprefix("[eCITES CH:MA] ").startswith(begins)


async def test_with_tls_and_a_password(tmp_path, monkeypatch):
    """Both go over the encrypted connection, to a server whose certificate fits its name."""
    shown = identity(tmp_path, "mail", authority=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(shown.files.certificate))
    async with mail_server(tls=server_context(shown.files, ()), password=PASSWORD) as box:
        await mail(box, user="ecites", password=PASSWORD, starttls=True).tell([alert()], NOW)
    assert box.encrypted == [True]


async def test_a_stranger_for_a_server_gets_no_password(tmp_path, monkeypatch):
    """A certificate that nobody vouches for ends the conversation before a word is said."""
    shown, other = identity(tmp_path, "mail", authority=True), identity(tmp_path, "other", authority=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(other.files.certificate))
    async with mail_server(tls=server_context(shown.files, ()), password=PASSWORD) as box:
        with pytest.raises(PartnerUnreachable, match="certificate verify failed"):
            await mail(box, user="ecites", password=PASSWORD, starttls=True).tell([alert()], NOW)
    assert not box.recipients


async def test_a_server_without_tls_is_not_used_when_it_is_wanted():
    """Nothing goes in the open because a server offers nothing better."""
    async with mail_server() as box:
        with pytest.raises(PartnerAnsweredWrongly, match="STARTTLS"):
            await mail(box, starttls=True).tell([alert()], NOW)
    assert not box.recipients


async def test_a_wrong_password():
    """What the server says comes out; the password does not."""
    async with mail_server(password=PASSWORD) as box:
        with pytest.raises(PartnerAnsweredWrongly, match="535") as caught:
            await mail(box, user="ecites", password="wrong-and-secret").tell([alert()], NOW)
    assert "wrong-and-secret" not in f"{caught.value.message}{caught.value.advice}"


async def test_recipients_that_are_refused():
    """The server's own words, in one line."""
    async with mail_server(refuses="550 5.1.1 no such user") as box:
        with pytest.raises(PartnerAnsweredWrongly, match=r"550 5\.1\.1 no such user"):
            await mail(box).tell([alert()], NOW)
    assert not box.mails


async def test_a_server_that_drips_is_cut_off():
    """A byte now and then keeps nobody waiting, and the thread that waited for the line ends too."""
    before = set(threading.enumerate())
    async with asyncio.timeout(LONG), mail_server(drips=True) as box:
        with pytest.raises(PartnerUnreachable, match=r"within 0\.3 s"):
            await mail(box, seconds=0.3).tell([alert()], NOW)
        assert box.dripped.is_set()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert not set(threading.enumerate()) - before


async def test_nobody_listens():
    """A refused connection is a sentence."""
    async with mail_server() as box:
        pass
    with pytest.raises(PartnerUnreachable, match=f"127.0.0.1 port {box.port}"):
        await mail(box).tell([alert()], NOW)


async def test_a_test_says_that_it_is_one():
    """`ecites alert test`."""
    async with mail_server() as box:
        await mail(box).test(NOW)
    assert "test of the alerts" in box.mails[0]["Subject"]
