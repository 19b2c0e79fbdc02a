"""The open calls, a call, its rules: the same for everybody, flat in statements, 304 when nothing changed."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from contests import services
from contests.lifecycle import Phase
from contests.models import Call, Proposal, Round
from tests.cast import ROLES, Cast, make_call, person, raise_cast

pytestmark = pytest.mark.django_db
HOME = "/"


def text_of(client: Client, address: str, language: str = "en") -> str:
    client.cookies["django_language"] = language
    return client.get(address).content.decode()


def statements(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def open_more(how_many: int, phase: Phase = Phase.OPEN) -> None:
    """Open further calls, each closing a day after the one before."""
    ada = person("Ada")
    for n in range(how_many):
        call, *_ = make_call(f"more-{phase}-{n}", phase, clock.now() + timedelta(days=n), ada)
        services.open_call(call=call, actor=ada, roles=ROLES, now=call.opens_at)


def test_the_call_that_closes_first_leads_and_the_others_follow(client: Client) -> None:
    raise_cast(Phase.OPEN)
    open_more(2)
    page = text_of(client, HOME)
    assert page.index("Call fare-rete") < page.index("2 more open calls") < page.index("Call more-open-1")
    assert page.count("<h1") == 1


def test_without_an_open_call_the_page_says_so_and_shows_what_is_under_way(client: Client) -> None:
    raise_cast(Phase.JUDGING)
    page = text_of(client, HOME)
    assert "No call is open now" in page
    assert "Being judged" in page


def test_with_no_call_at_all_the_page_still_answers(client: Client) -> None:
    assert "No call is open now" in text_of(client, HOME)


def test_a_call_in_draft_is_nowhere_but_for_who_runs_it(client: Client) -> None:
    cast = raise_cast(Phase.DRAFT)
    assert "fare-rete" not in text_of(client, HOME)
    assert client.get(cast.call.get_absolute_url()).status_code == 404
    client.force_login(cast.organiser)
    assert client.get(cast.call.get_absolute_url()).status_code == 200
    client.force_login(cast.other_organiser)
    assert client.get(cast.call.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("phase", list(Phase)[1:], ids=str)
def test_the_call_page_shows_dates_criteria_weights_gate_and_form_in_every_phase(client: Client, phase: Phase) -> None:
    cast = raise_cast(phase)
    seal = Round.objects.get(pk=cast.round.pk).rule_sets.get().hash
    wanted = {
        "it": ("Bando fare-rete", "Impatto sociale", "Che cosa è cambiato, e come lo sapete?"),
        "en": ("Call fare-rete", "Social impact", "What has changed, and how do you know?", "Minimum: 50 of 100."),
    }
    for language, sentences in wanted.items():
        page = text_of(client, cast.call.get_absolute_url(), language)
        for words in (*sentences, ">50<", ">30<", seal):
            assert words in page


def test_only_an_open_call_has_a_button_to_start(client: Client) -> None:
    cast = raise_cast(Phase.OPEN)
    assert "Start your proposal" in text_of(client, cast.call.get_absolute_url())
    Call.objects.filter(pk=cast.call.pk).update(closes_at=clock.now())
    page = text_of(client, cast.call.get_absolute_url())
    assert "Start your proposal" not in page
    assert "Closed on" in page


def test_dates_are_said_in_the_zone_of_the_call(client: Client) -> None:
    cast = raise_cast(Phase.OPEN)
    closes = cast.call.closes_at.replace(hour=22, minute=30, second=0, microsecond=0)
    Call.objects.filter(pk=cast.call.pk).update(timezone="Pacific/Auckland", closes_at=closes)
    call = Call.objects.get(pk=cast.call.pk)
    local = call.closes_at.astimezone(call.zone)
    page = text_of(client, call.get_absolute_url())
    assert f"{local:%H:%M} (Auckland\N{NO-BREAK SPACE}time)" in page
    assert f"{local.day} {local:%B}" in page


def test_the_rules_that_are_downloaded_have_the_hash_of_the_seal(client: Client) -> None:
    cast = raise_cast(Phase.OPEN)
    address = reverse("call-rules", args=[cast.call.code, cast.category.code, cast.round.code])
    response = client.get(address)
    seal = cast.round.rule_sets.get().hash
    assert hashlib.sha256(response.content).hexdigest() == seal
    assert response["Content-Type"] == "application/json"
    assert address in text_of(client, cast.call.get_absolute_url())


@pytest.mark.parametrize(
    "part",
    [("nothing", "business-case", "jury"), ("fare-rete", "nothing", "jury"), ("fare-rete", "business-case", "no")],
)
def test_rules_that_are_not_there_are_not_found(client: Client, part: tuple[str, str, str]) -> None:
    raise_cast(Phase.OPEN)
    assert client.get(reverse("call-rules", args=part)).status_code == 404


def test_rules_in_draft_are_not_handed_out(client: Client) -> None:
    cast = raise_cast(Phase.DRAFT)
    client.force_login(cast.organiser)
    assert client.get(reverse("call-rules", args=["fare-rete", "business-case", "jury"])).status_code == 404


@pytest.mark.parametrize("route", ["home", "call"])
def test_an_unchanged_page_is_not_sent_again(client: Client, route: str) -> None:
    cast = raise_cast(Phase.OPEN)
    address = HOME if route == "home" else cast.call.get_absolute_url()
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Call.objects.filter(pk=cast.call.pk).update(summary={"it": "Altro.", "en": "Something else."})
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_page_kept_for_one_person_is_never_given_to_another(client: Client) -> None:
    cast = raise_cast(Phase.OPEN)
    address = cast.call.get_absolute_url()
    anonymous = client.get(address)
    client.force_login(cast.applicant)
    assert client.get(address, headers={"If-None-Match": anonymous["ETag"]}).status_code == 200
    assert "private" in anonymous["Cache-Control"]
    assert "Cookie" in anonymous["Vary"]


def test_the_home_page_takes_the_same_statements_for_two_calls_and_for_twenty(client: Client) -> None:
    raise_cast(Phase.JUDGING)
    open_more(2)
    few = statements(client, HOME)
    open_more(18, Phase.ANNOUNCED)
    assert statements(client, HOME) == few <= 4


def test_the_call_page_takes_the_same_statements_however_many_proposals(
    client: Client, size: Callable[[int, int], int]
) -> None:
    cast = raise_cast(Phase.OPEN)
    client.force_login(cast.applicant)
    few = statements(client, cast.call.get_absolute_url())
    Proposal.records.bulk_create(
        Proposal(
            call=cast.call,
            category=cast.category,
            code=f"X-{n}",
            title="Altro",
            state="submitted",
            created_at=cast.now,
            saved_at=cast.now,
            submitted_at=cast.now,
        )
        for n in range(size(200, 10_000))
    )
    assert statements(client, cast.call.get_absolute_url()) == few <= 7


def test_the_call_page_counts_nothing(client: Client) -> None:
    cast = raise_cast(Phase.JUDGING)
    with CaptureQueriesContext(connection) as queries:
        client.get(cast.call.get_absolute_url())
    assert len(queries) == 4
    assert not any("proposal" in query["sql"] for query in queries)


def test_how_many_arrived_is_told_after_the_bell_and_not_before(client: Client) -> None:
    cast = raise_cast(Phase.OPEN)
    assert "data-unit" not in text_of(client, HOME)
    Call.objects.filter(pk=cast.call.pk).update(closes_at=clock.now())
    page = text_of(client, HOME)
    assert ">3<" in page


def test_a_long_text_and_markup_stay_text(client: Client) -> None:
    cast = raise_cast(Phase.OPEN)
    long = "Donaudampfschifffahrtsgesellschaftskapitän " * 12 + '<b>& "fine"</b>'
    Call.objects.filter(pk=cast.call.pk).update(title={"it": long}, who_may_apply={"it": "a\n\n" * 40}, summary={})
    for address in (HOME, cast.call.get_absolute_url()):
        page = text_of(client, address)
        assert "&lt;b&gt;&amp; &quot;fine&quot;" in page
        assert "<b>& " not in page


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_cast(Phase.OPEN)


def test_whoever_has_begun_finds_the_way_back_on_the_call_page(client: Client, cast: Cast) -> None:
    client.force_login(person("Ivo"))
    page = text_of(client, cast.call.get_absolute_url())
    assert "Continue your proposal" in page
    assert cast.draft.get_absolute_url() in page
    assert "Start your proposal" not in page


def test_data_are_called_invented_only_where_the_demo_was_seeded(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A start without the demo is no promise for the next one: what counts is whose data they are."""
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    said = "Demonstration data"
    assert said not in text_of(client, HOME)
    (tmp_path / "demo").touch()
    assert said in text_of(client, HOME)
    monkeypatch.setattr(settings, "EMBEDDED", False)
    assert said not in text_of(client, HOME)
