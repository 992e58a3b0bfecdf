"""An officer has a document checked in the console: a file or pasted text, and nothing of it is kept."""

import io
import re

import aiohttp
import pytest
from support.console import CSRF, sign_in
from support.exchange import CH_CUSTOMS
from support.gateways import log_of
from support.permits import permit_bytes
from web.conftest import MAX_BODY

from gateway.people.rights import Post

BROKEN = permit_bytes("CH-77").replace(b"<PurposeCode>T<", b"<PurposeCode>!<")
HOSTILE = b"<a>\n<b>]]&gt;<c onload='&lt;script&gt;alert(1)'/></b>\n</a>"


async def sent(door, file: bytes | None = None, xml: str | None = None, **more: str) -> tuple[int, str]:
    """Send the form as a browser does."""
    form = aiohttp.FormData({"csrf": CSRF} | more)
    if file is not None:
        form.add_field("file", io.BytesIO(file), filename="permit <b>.xml", content_type="text/xml")
    if xml is not None:
        form.add_field("xml", xml)
    if not form.is_multipart:
        form.add_field("file", b"", filename="")
    sign_in(door, Post.CUSTOMS_OFFICER, CH_CUSTOMS)
    async with door.session.post(door.url + "/console/check", data=form) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("way", ["file", "xml"])
async def test_the_finding_stands_beside_its_line(ch, way):
    """Whichever way the document comes; a browser sends the lines of a text area with CR LF."""
    if way == "file":
        status, page = await sent(ch, file=BROKEN)
    else:
        status, page = await sent(ch, xml=BROKEN.decode().replace("\n", "\r\n"))
    assert status == 200
    (row,) = [each for each in page.split("<tr")[1:] if each.startswith(' class="marked"')]
    assert "&lt;PurposeCode&gt;!&lt;" in row
    assert "✗</span> error" in row
    line = int(re.search(r'id="l(\d+)"', row)[1])
    assert BROKEN.split(b"\n")[line - 1].strip() == b"<PurposeCode>!</PurposeCode>"
    assert f'href="#l{line}"' in page


async def test_a_good_document(ch):
    """Nothing is wrong with it."""
    _, page = await sent(ch, file=permit_bytes("CH-77"))
    assert "✓</span> PASSED" in page
    assert "Nothing is wrong with this document." in page


async def test_the_file_counts_when_both_are_there(ch):
    """And the text is not shown again as if it had been examined."""
    _, page = await sent(ch, file=permit_bytes("CH-77"), xml="<other/>")
    assert "CH-77" in page
    assert "other" not in page


async def test_nothing_of_it_is_kept(ch):
    """No permit, and not its number in any entry of the log."""
    await sent(ch, file=permit_bytes("CH-77"))
    assert await log_of(ch.node, number="CH-77") == []
    async with ch.database.read() as transaction:
        assert await transaction.notices.count_held("CH") == 0
    assert all("CH-77" not in str(each) for each in await log_of(ch.node))


@pytest.mark.parametrize(
    "data", [HOSTILE, b"\x00\xff\xfe", b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", b"<", b"<a>"]
)
async def test_whatever_the_bytes_are_the_answer_is_a_page(ch, data):
    """What cannot be read is a finding, and nothing of it becomes markup."""
    status, page = await sent(ch, file=data)
    assert status == 200
    assert "✗</span> FAILED" in page
    assert "<script" not in page
    assert "onload='" not in page
    assert "<b>.xml" not in page


async def test_nothing_given_is_nothing_examined(ch):
    """The empty form again."""
    status, page = await sent(ch, file=b"", xml="  \r\n ")
    assert status == 200
    assert "FAILED" not in page


async def test_a_file_that_is_too_large_is_told_as_a_page(ch):
    """The last byte that is taken, and one more."""
    status, _ = await sent(ch, file=b"<" * (MAX_BODY - 1000))
    assert status == 200
    status, page = await sent(ch, file=b"<" * MAX_BODY)
    assert status == 413
    assert "This did not work" in page


async def test_another_kind_of_form_is_turned_away(ch):
    """And so is one that is broken, one with many fields, and one of another session."""
    visitor = sign_in(ch, Post.OPERATOR)
    assert (await visitor.send("/console/check", ("xml", "<a/>")))[0] == 415
    assert (await sent(ch, xml="<a/>", csrf="guessed"))[0] == 403
    assert (await sent(ch, file=b"<a/>", **{f"f{n}": "x" for n in range(16)}))[0] == 400
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (b"", b"--x", b"--x\r\n\r\nno name\r\n--x--\r\n", b"nothing at all"):
        async with ch.session.post(ch.url + "/console/check", data=body, headers=headers) as answer:
            assert answer.status in (400, 403), body
    headers = {"Content-Type": "multipart/form-data"}
    async with ch.session.post(ch.url + "/console/check", data=b"x", headers=headers) as answer:
        assert answer.status == 400
