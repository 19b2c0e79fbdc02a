"""The rules of a round, said to whoever is judged by them."""

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from common import clock
from contests import services
from contests.lifecycle import Phase
from contests.models import Category, Round
from contests.views.rules import InWords, rules_in_words
from tests.cast import ROLES, RULES, make_call, person

CRITERIA: Any = RULES["criteria"]


def said(language: str = "en", **changes: object) -> InWords:
    document = {**RULES, **changes}
    with translation.override(language):
        return rules_in_words(services.seal(document), document)


def test_weights_are_written_in_the_language_and_their_bars_are_exact() -> None:
    criteria = [{**CRITERIA[0], "weight": "2.5"}, {**CRITERIA[1], "weight": "5"}]
    words = said("it", criteria=criteria, gates=[], ties=[])
    assert [each.weight for each in words.criteria] == ["2,5", "5"]
    assert [each.size for each in words.criteria] == [2500, 5000]
    assert words.heaviest == 5000
    assert said("en", criteria=criteria, gates=[], ties=[]).criteria[0].weight == "2.5"


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        ("total", "Minimum: 50 of 100."),
        ("sum", "Minimum sum of the marks: 50."),
        ("criterion:impact", "At least 50 on “Social impact”."),
    ],
)
def test_each_gate_is_a_sentence(on: str, sentence: str) -> None:
    assert said(gates=[{"on": on, "minimum": "50"}]).gates == (sentence,)


def test_it_says_how_many_read_each_proposal() -> None:
    assert "at least 2 jurors" in said().how
    assert "at least 1 juror," in said(quorum=1).how


@pytest.mark.django_db
def test_categories_judged_by_the_same_rules_stand_together(client: Client) -> None:
    ada = person("Ada")
    call, category, _round, _prize = make_call("fare-rete", Phase.OPEN, clock.now(), ada)
    second = Category.objects.create(
        call=call, code="idea", title={"en": "Ideas"}, question={"en": "What will change?"}
    )
    services.write_rules(
        round_=Round.objects.create(category=second, code="jury", title={"en": "Jury"}),
        document=RULES,
        now=call.opens_at,
    )
    services.open_call(call=call, actor=ada, roles=ROLES, now=call.opens_at)
    client.cookies["django_language"] = "en"
    page = client.get(call.get_absolute_url()).content.decode()
    assert page.count("Criteria and weights") == 1
    assert page.count("Social impact") == 1
    assert "What will change?" in page
    assert str(category.title["en"]) in page


def test_the_page_of_our_own_mistake_needs_nothing_but_itself() -> None:
    with translation.override("en"):
        assert "Something broke here" in render_to_string("500.html")
