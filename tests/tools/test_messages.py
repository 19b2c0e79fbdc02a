"""The catalogue tool: what it finds in the code, what it keeps, what it complains of."""

import gettext
import json
from pathlib import Path

import pytest

from tools import messages

TEMPLATE = """
<c-page title="{% translate 'Open calls' %}">
    {% if call %}
        {% blocktranslate count n=days trimmed %}
            {{ n }} day left
        {% plural %}
            {{ n }} days left
        {% endblocktranslate %}
  {% endif %}
  {% translate "May" context "month" %} it's {{ name|default:_("nobody") }}
</c-page>
"""
CODE = 'from django.utils.translation import gettext as _\nTEXT = _("Signed in as {name}, "\n    "{count} times")\n'


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one template and one module."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "PO", tmp_path / "locale" / "it" / "LC_MESSAGES" / "django.po")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "words.py").write_text(CODE)
    return tmp_path


@pytest.fixture
def translated(checkout: Path) -> Path:
    """The same checkout, with every text in Italian."""
    assert fill(checkout, TRANSLATIONS) == 0
    return checkout


TRANSLATIONS: dict[str, str | list[str]] = {
    "Open calls": "Bandi aperti",
    "%(n)s day left": ["Manca un giorno", "Mancano %(n)s giorni"],
    "month\u0004May": "Maggio",
    "nobody": "nessuno",
    "Signed in as {name}, {count} times": "{count} accessi come {name}",
}


def fill(checkout: Path, translations: dict[str, str | list[str]]) -> int:
    file = checkout / "texts.json"
    file.write_text(json.dumps(translations))
    return messages.main(["fill", str(file)])


def test_every_kind_of_text_is_found() -> None:
    found = {(message.context, message.id) for message in messages.extracted() if message.id}
    assert found == {
        (None, "Open calls"),
        (None, ("%(n)s day left", "%(n)s days left")),
        ("month", "May"),
        (None, "nobody"),
        (None, "Signed in as {name}, {count} times"),
    }


def test_a_filled_catalogue_passes_and_speaks_italian(translated: Path) -> None:
    assert messages.main(["check"]) == 0
    with (translated / "locale/it/LC_MESSAGES/django.mo").open("rb") as compiled:
        italian = gettext.GNUTranslations(compiled)
    assert italian.gettext("Open calls") == "Bandi aperti"
    assert italian.pgettext("month", "May") == "Maggio"
    assert italian.ngettext("%(n)s day left", "%(n)s days left", 3) == "Mancano %(n)s giorni"


def test_a_text_that_left_the_code_leaves_the_catalogue(translated: Path) -> None:
    (translated / "common" / "words.py").write_text("")
    assert messages.main(["check"]) == 1
    assert messages.main(["extract"]) == 0
    assert "Signed in" not in messages.PO.read_text()


def test_a_new_text_is_missed(translated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (translated / "common" / "more.py").write_text(CODE + 'MORE = _("One more")\n')
    assert messages.main(["check"]) == 1
    assert "not translated: 'One more'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("Signed in as {name}, {count} times", "{count} accessi"),
        ("%(n)s day left", ["Manca un giorno", "Mancano giorni"]),
        ("%(n)s day left", ["Manca %(m)s giorno", "Mancano %(n)s giorni"]),
        ("Open calls", "Bandi <b>aperti"),
    ],
)
def test_other_placeholders_or_tags_are_refused(translated: Path, key: str, text: str | list[str]) -> None:
    assert fill(translated, {key: text}) == 0
    assert messages.main(["check"]) == 1


def test_a_key_that_no_text_has_is_named(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fill(checkout, {"Open cals": "Bandi aperti", "nobody": "nessuno"}) == 1
    assert "'Open cals'" in capsys.readouterr().err
    assert 'msgstr "nessuno"' in messages.PO.read_text()


def test_code_that_cannot_be_read_changes_nothing(translated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = messages.PO.read_bytes()
    (translated / "templates" / "page.html").write_text("{% blocktranslate %}{% if x %}{% endblocktranslate %}")
    assert messages.main(["extract"]) == 1
    assert "templates/page.html" in capsys.readouterr().err
    assert messages.PO.read_bytes() == before
