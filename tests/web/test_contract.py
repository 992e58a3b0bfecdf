"""The description of the API: complete, true to the table of problems, and served so that it can be kept."""

import ast
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from support.exchange import CH_CUSTOMS
from support.gateways import SetClock, swiss
from support.memory import MemoryStorage
from support.permits import permit_bytes

from gateway.permits.scopes import Scope
from gateway.web.console.all_pages import PAGES
from gateway.web.keys import WebSettings
from gateway.web.openapi.document import build
from gateway.web.openapi.operation import Caller
from gateway.web.openapi.page import to_page
from gateway.web.openapi.problems import problems_of
from gateway.web.openapi.resources import RESOURCES, operations
from gateway.web.problems import STATUS
from gateway.web.server import make_application

DOCUMENT, PAGE = "/api/v1/openapi.json", "/api/v1/docs"
GATEWAY = Path(__file__).resolve().parents[2] / "gateway"
API = Path(__file__).resolve().parents[2] / "docs" / "api.md"


@pytest.fixture
def routes(tmp_path: Path) -> set[tuple[str, str, str]]:
    """Name, method and path of each route of an application that has all of them."""
    token = tmp_path / "token"
    token.write_text("x" * 32)
    application = make_application(swiss(MemoryStorage(), SetClock()), WebSettings(metrics_token=token))
    return {
        (route.name or "", route.method.lower(), route.resource.canonical)
        for route in application.router.routes()
        if route.method != "HEAD" and route.resource is not None
    }


def test_every_route_is_described_and_nothing_else(routes: set[tuple[str, str, str]]) -> None:
    """
    Add an `Operation` to the file of its resource in gateway/web/openapi/resources/.

    Pages of the console are for people: they have a list of their own, and no promise to programs.
    """
    pages = {(page.name, page.method.lower(), page.path) for page in PAGES}
    assert {(each.name, each.method, each.path) for each in operations()} == routes - pages


def test_names_of_operations_and_shapes_are_unique() -> None:
    """One would hide the other."""
    names = [each.name for each in operations()]
    shapes = [name for resource in RESOURCES for name in resource.schemas]
    assert len(set(names)) == len(names)
    assert len(set(shapes)) == len(shapes)


def test_the_document_is_openapi_3_1_and_its_shapes_are_json_schema() -> None:
    """Each shape is a schema of draft 2020-12, and every reference leads somewhere."""
    document = build()
    assert document["openapi"].startswith("3.1.")
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)):
        place = document
        for step in reference.split("/"):
            place = place[step]
        assert place


def test_each_operation_of_an_authority_names_its_scope() -> None:
    """And nobody else's does; the scopes are those that there are."""
    of_authorities = [each for each in operations() if each.caller is Caller.AUTHORITY]
    assert {each.scope for each in of_authorities} == set(Scope)
    assert not any(each.scope for each in operations() if each.caller is not Caller.AUTHORITY)
    security = build()["paths"]["/api/v1/permits"]["post"]["security"]
    assert security == [{way: ["permits:submit"]} for way in ("authorityToken", "authorityCertificate")]


def test_problems_stand_under_the_status_of_the_one_table() -> None:
    """Each code that an operation names is under its status, beside no answer that is none."""
    document = build()
    for operation in operations():
        answers = document["paths"][operation.path][operation.method]["responses"]
        grouped = problems_of(operation)
        assert not {each.status for each in operation.answers} & set(grouped)
        for status, found in grouped.items():
            (_, codes) = answers[str(status)]["content"]["application/problem+json"]["schema"]["allOf"]
            assert codes["properties"]["code"]["enum"] == [each.code for each in found]
            assert {STATUS[each] for each in found} == {status}


def test_docs_and_document_name_the_same_problems() -> None:
    """docs/api.md has a row for each code, with its status; the problem's shape lists them all."""
    rows = dict(re.findall(r"^\| `(\w+)` \| (\d{3}) \|", API.read_text(encoding="utf-8"), re.MULTILINE))
    assert rows == {kind.code: str(status) for kind, status in STATUS.items()}
    code = build()["components"]["schemas"]["Problem"]["properties"]["code"]
    assert code["enum"] == sorted(rows)


@pytest.mark.parametrize(("path", "kind"), [(DOCUMENT, "application/json"), (PAGE, "text/html")])
async def test_both_are_open_and_can_be_kept(ch: Any, path: str, kind: str) -> None:
    """No token; an ETag; 304 without a body for who has it, and the body for who has another."""
    status, headers, body = await ch.call("GET", path)
    assert (status, headers["Content-Type"]) == (200, f"{kind}; charset=utf-8")
    for held in (headers["ETag"], f'"other", W/{headers["ETag"]}', "*"):
        status, again, nothing = await ch.call("GET", path, If_None_Match=held)
        assert (status, nothing, again["ETag"]) == (304, b"", headers["ETag"])
    assert (await ch.call("GET", path, If_None_Match='"other"'))[2] == body


async def test_what_is_served_is_what_is_built(ch: Any) -> None:
    """The JSON is the document."""
    assert json.loads((await ch.call("GET", DOCUMENT))[2]) == build()


class Page(HTMLParser):
    """What a page asks a browser to do."""

    def __init__(self) -> None:
        """Nothing read yet."""
        super().__init__()
        self.tags: set[str] = set()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.handlers: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag, and what its attributes ask for."""
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.add(value or "")
            if name in {"href", "src"}:
                self.links.add(value or "")
            if name.startswith("on") or name == "style":
                self.handlers.add(name)


async def test_the_page_needs_nothing_but_itself(ch: Any) -> None:
    """No script, no image, nothing from elsewhere; its policy forbids all but its own style sheet."""
    _, headers, body = await ch.call("GET", PAGE)
    page = Page()
    page.feed(body.decode())
    assert not page.tags & {"script", "img", "link", "iframe", "form", "object"}
    assert not page.handlers
    assert {link for link in page.links if not link.startswith("#")} == {DOCUMENT}
    assert {link.removeprefix("#") for link in page.links if link.startswith("#")} <= page.ids
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_what_the_document_says_is_text_on_the_page() -> None:
    """Angle brackets in a description or a name do not become elements."""
    document = build()
    hostile = "<script>alert(1)</script> `<b>` &amp;"
    operation = document["paths"]["/healthz"]["get"]
    operation["summary"] = operation["description"] = hostile
    operation["responses"]["200"]["description"] = hostile
    document["components"]["schemas"]["Health"]["properties"][hostile] = {"$ref": f"#/x/{hostile}"}
    page = Page()
    page.feed(to_page(document))
    assert not page.tags & {"script", "b"}
    assert hostile not in json.dumps(build())


async def test_the_page_has_every_operation_and_every_code(ch: Any) -> None:
    """With its address, and with the codes that it may answer."""
    text = (await ch.call("GET", PAGE))[2].decode()
    for operation in operations():
        article = text.partition(f'<article id="{operation.name}">')[2].partition("</article>")[0]
        assert operation.path in article
        for found in problems_of(operation).values():
            assert all(f"<code>{each.code}</code>" in article for each in found)


@pytest.mark.parametrize(("path", "token"), [("/api/v1/inbox", "FR:CUSTOMS"), ("/exchange/v1/mailbox", "ch")])
async def test_a_cursor_looks_like_one_that_a_page_gives(hub: Any, path: str, token: str) -> None:
    """The longest that passes, and what does not: a character more, another character, none that is text."""
    assert (await hub.call("GET", f"{path}?after={'a' * 64}", token=token))[0] == 200
    assert (await hub.call("GET", f"{path}?after=", token=token))[0] == 200
    for after in ("a" * 65, "a.b", "%00", "a%0A", "%C3%A9"):
        status, _, body = await hub.call("GET", f"{path}?after={after}", token=token)
        assert (status, json.loads(body)["code"]) == (400, "malformed_request"), after


async def test_an_item_can_be_kept(ch: Any) -> None:
    """304 with the ETag for who has the bytes; a stranger to them learns nothing by asking."""
    await ch.call(
        "POST", "/api/v1/permits", token="CH:MA", data=permit_bytes(), Content_Type="application/xml"
    )
    async with ch.database.read() as transaction:
        (item,) = await transaction.inboxes.waiting(CH_CUSTOMS, after="", limit=9)
    path = f"/api/v1/inbox/{item.id}"
    _, headers, _ = await ch.call("GET", path, token="CH:CUSTOMS")
    assert headers["Cache-Control"] == "private, no-cache"
    held = headers["ETag"]
    assert (await ch.call("GET", path, token="CH:CUSTOMS", If_None_Match=held))[0] == 304
    assert (await ch.call("GET", path, token="CH:MA", If_None_Match=held))[0] == 404
    assert (await ch.call("GET", path, If_None_Match=held))[0] == 401


def test_the_problem_names_every_member_that_an_error_brings() -> None:
    """Each keyword with which an error of an operation is raised anywhere in the gateway."""
    answered = {
        kind.__name__ for each in operations() for found in problems_of(each).values() for kind in found
    }
    brought: set[str] = set()
    for file in GATEWAY.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in answered:
                brought |= {each.arg for each in node.keywords if each.arg}
    named = set(build()["components"]["schemas"]["Problem"]["properties"])
    assert len(brought) > 10
    assert brought - named == {"left_out"}  # said by `ecites species import` only


def test_a_member_that_a_program_relies_on_is_never_missing() -> None:
    """Every shape says which members are always there."""
    for name, schema in build()["components"]["schemas"].items():
        for part in (schema, *schema.get("allOf", ())):
            assert "$ref" in part or part is schema or part["required"], name
