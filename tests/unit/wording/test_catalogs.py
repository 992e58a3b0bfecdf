"""Every sentence of the program has a French and a Spanish one."""

import pytest
from support import texts

from gateway.wording import ENGLISH, LANGUAGES, placeholders

OTHERS = [language for language in LANGUAGES if language != ENGLISH]


def test_templates_are_literals():
    """The list of what has to be translated can be read from the source."""
    bad = [
        f"{path.relative_to(texts.ROOT)}:{line}"
        for path in texts.sources()
        for line, template in texts.said(path.read_text(encoding="utf-8"))
        if template is None
    ]
    bad += [
        f"{path.relative_to(texts.ROOT)}:{line}"
        for path in texts.pages()
        for line, template in texts.said_in_page(path.read_text(encoding="utf-8"))
        if template is None
    ]
    assert bad == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated(language):
    """No sentence is missing, none is left over; `make texts` writes the list."""
    entries = {str(m.id): str(m.string) for m in texts.catalog(language) if m.id}
    assert sorted(set(texts.templates()) - set(entries)) == []
    assert sorted(set(entries) - set(texts.templates())) == []
    assert [template for template, translation in entries.items() if not translation] == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_fill_in_the_same_values(language):
    """A translation names exactly the values of its sentence."""
    wrong = {
        str(m.id): m.string
        for m in texts.catalog(language)
        if m.id and placeholders(str(m.id)) != placeholders(str(m.string))
    }
    assert wrong == {}


@pytest.mark.parametrize("language", OTHERS)
def test_the_files_are_in_their_usual_form(language):
    """What `make texts` would write is what is committed."""
    assert (texts.LOCALES / f"{language}.po").read_bytes() == texts.updated(language)
