"""docs/rules says what the rules are."""

from support import rule_pages


def test_the_pages_are_what_the_rules_say():
    """A page for each rule, none left over; `make docs` writes them."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in rule_pages.DOCS.glob("*.md")}
    assert committed == rule_pages.pages()
