"""Facts about the source itself that reviews forget and that `make check` does not see."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import gateway
from gateway import errors
from gateway.errors import GatewayError
from gateway.web.problems import STATUS

PACKAGE = Path(gateway.__file__).resolve().parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
ERRORS = {
    name: thing
    for name, thing in vars(errors).items()
    if inspect.isclass(thing) and issubclass(thing, GatewayError)
}
LEAVES = [each for each in ERRORS.values() if not each.__subclasses__()]

NOUNS = ("permits", "xmlio", "codec", "signatures", "messagelog", "exchange", "people")
"""The pure packages: values in, values out."""


def tree(path: Path) -> ast.Module:
    """The syntax tree of a source file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name_of(node: ast.expr | None) -> str:
    """`errors.NotFound(...)` and `NotFound` are both NotFound."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def imported(module: ast.Module) -> Iterator[str]:
    """The modules that a file imports, at its top or anywhere below."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def short(path: Path) -> str:
    """The name of a file for the list of tests."""
    return str(path.relative_to(PACKAGE))


sources = pytest.mark.parametrize("path", SOURCES, ids=short)


def test_every_leaf_of_the_error_tree_has_a_status_and_nothing_else_has():
    """The table of the web door answers every error that can be raised."""
    assert set(STATUS) == set(LEAVES)


@pytest.mark.parametrize("status", sorted(set(STATUS.values())))
def test_a_status_is_an_error_of_http(status):
    """Errors are answered with 4xx or 5xx."""
    assert 400 <= status <= 599


@sources
def test_errors_are_defined_in_one_file(path):
    """No class below GatewayError is defined outside errors.py."""
    if path == PACKAGE / "errors.py":
        return
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef):
            bases = {name_of(base) for base in node.bases}
            assert not bases & set(ERRORS), f"{node.name} belongs into errors.py"


@sources
def test_only_leaves_of_the_error_tree_are_raised(path):
    """An inner node has no status and no precise code: whoever raises must say what happened."""
    inner = {name for name, each in ERRORS.items() if each.__subclasses__()}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Raise):
            assert name_of(node.exc) not in inner, f"line {node.lineno} raises {name_of(node.exc)}"


@sources
def test_no_http_status_in_an_error(path):
    """A status is the web door's matter; what a partner answered may be told."""
    if path.is_relative_to(PACKAGE / "transport"):
        return
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and name_of(node) in ERRORS:
            assert "status" not in {keyword.arg for keyword in node.keywords}, f"line {node.lineno}"


@pytest.mark.parametrize("path", [p for p in SOURCES if p.relative_to(PACKAGE).parts[0] in NOUNS], ids=short)
def test_the_nouns_touch_nothing_of_the_world(path):
    """No socket, no database, no event loop, no clock in the pure packages."""
    world = {"aiohttp", "sqlalchemy", "asyncio", "socket", "sqlite3", "subprocess", "time", "requests"}
    for module in imported(tree(path)):
        assert module.partition(".")[0] not in world, module
        assert module != "gateway.clock"


@pytest.mark.parametrize("path", sorted((PACKAGE / "permits").rglob("*.py")), ids=short)
def test_permits_know_no_xml_and_no_signature(path):
    """The words of CITES are independent of how a permit is written and sealed."""
    foreign = {"lxml", "xmlschema", "signxml", "cryptography"}
    assert not foreign & {module.partition(".")[0] for module in imported(tree(path))}


@sources
def test_every_file_says_what_it_is(path):
    """Each module begins with a docstring."""
    assert ast.get_docstring(tree(path)), "a sentence says what the file is for"


@pytest.mark.parametrize("path", sorted((PACKAGE / "flows").glob("*.py")), ids=short)
def test_the_numbers_of_a_flow_stand_in_its_code(path):
    """A flow whose docstring numbers steps carries each number in its file: as a comment or `(step N)`."""
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
            told = [line.strip() for line in (ast.get_docstring(node) or "").splitlines()]
            numbers = [line.partition(".")[0] for line in told if line[:1].isdigit() and ". " in line[:4]]
            for number in numbers:
                assert f"# {number}\n" in text, f"step {number} of {node.name} is not marked in the code"


def test_the_api_page_explains_each_problem():
    """docs/api.md has a row for each code that a caller can get, with its status."""
    text = (PACKAGE.parent / "docs" / "api.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (\d{3}) \|", text, re.MULTILINE))
    inside = {"demonstration_failed", "configuration_error", "key_material_error", "already_signed"}
    wanted = {kind.code: str(status) for kind, status in STATUS.items() if kind.code not in inside}
    assert {code: rows.get(code) for code in wanted} == wanted
