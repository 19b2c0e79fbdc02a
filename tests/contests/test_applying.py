"""An applicant's pages: beginning, sending, taking back, being told where things stand."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from common.models import AuditEntry
from contests import services
from contests.lifecycle import Phase, ProposalState
from contests.models import Call, Category, Proposal
from tests.cast import ROLES, Cast, make_call, person, raise_cast

pytestmark = pytest.mark.django_db
Stage = Callable[[Phase], Cast]


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_cast(Phase.OPEN)


def signed_in(name: str, language: str = "en") -> Client:
    client = Client()
    client.force_login(person(name))
    client.cookies["django_language"] = language
    return client


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def of(proposal: Proposal, route: str = "", *more: str) -> str:
    return reverse(f"proposal-{route}" if route else "proposal", args=[proposal.pk, *more])


def fill(client: Client, proposal: Proposal) -> None:
    """Write the two steps as a browser does."""
    steps = {
        "who": {"title": "Orti", "organisation": "Orti Prova", "region": "Umbria", "applicant_name": "Ivo Finta"},
        "text": {"summary": "Orti in comune.", "answer": "Sono cambiate le strade."},
    }
    for step, fields in steps.items():
        response = client.post(of(proposal, "step", step), {**fields, "version": version(client, proposal, step)})
        assert response.status_code == 302


def version(client: Client, proposal: Proposal, step: str) -> str:
    found = re.search(r'name="version" value="([^"]+)"', client.get(of(proposal, "step", step)).content.decode())
    assert found is not None
    return found.group(1)


def test_reading_the_page_begins_nothing_and_the_button_does(cast: Cast) -> None:
    sonia = signed_in("Sonia")
    address = reverse("apply", args=[cast.call.code])
    before = Proposal.records.count()
    assert "Start a proposal" in read(sonia, address)
    assert Proposal.records.count() == before
    response = sonia.post(address, {"category": cast.category.code})
    begun = Proposal.records.get(applicant=cast.stranger)
    assert response.url == of(begun, "step", "who")
    assert sonia.post(address, {"category": cast.category.code}).url == of(begun)
    assert Proposal.records.filter(applicant=cast.stranger).count() == 1


def test_a_category_of_another_call_cannot_be_entered_here(cast: Cast) -> None:
    other = Category.objects.exclude(call=cast.call).get()
    Category.objects.filter(pk=other.pk).update(code="elsewhere")
    assert (
        signed_in("Sonia").post(reverse("apply", args=[cast.call.code]), {"category": "elsewhere"}).status_code == 404
    )


def test_after_the_bell_nobody_begins(cast: Cast) -> None:
    Call.objects.filter(pk=cast.call.pk).update(closes_at=clock.now())
    sonia, address = signed_in("Sonia"), reverse("apply", args=[cast.call.code])
    assert "<button" not in read(sonia, address).partition("<main")[2]
    response = sonia.post(address, {"category": cast.category.code})
    assert response.status_code == 409
    assert "The call closed" in response.content.decode()


def test_the_whole_line_from_the_first_word_to_the_receipt(cast: Cast) -> None:
    ivo, draft = signed_in("Ivo"), cast.draft
    assert "4 things before you can send" in read(ivo, of(draft, "step", "check"))
    fill(ivo, draft)
    check = read(ivo, of(draft, "step", "check"))
    assert "Everything is there" in check
    assert "Send the proposal" in check
    response = ivo.post(of(draft, "submit"))
    assert response.url == of(draft, "receipt")
    receipt = read(ivo, response.url)
    sent = cast.draft
    assert sent.state == ProposalState.SUBMITTED
    for fact in (
        sent.code,
        services.text_hash(sent),
        sent.contact_email,
        f"{sent.submitted_at.astimezone(sent.call.zone):%H:%M:%S}",
    ):
        assert fact in receipt


def test_a_button_pressed_twice_gives_the_same_receipt_twice(cast: Cast) -> None:
    ivo, draft = signed_in("Ivo"), cast.draft
    fill(ivo, draft)
    assert ivo.post(of(draft, "submit")).url == ivo.post(of(draft, "submit")).url == of(draft, "receipt")
    assert AuditEntry.objects.filter(verb="submit", object_id=str(draft.pk)).count() == 1


def test_an_unfinished_draft_is_not_sent_but_led_to_what_is_missing(cast: Cast) -> None:
    ivo, draft = signed_in("Ivo"), cast.draft
    assert ivo.post(of(draft, "submit")).url == of(draft, "step", "check")
    check = read(ivo, of(draft, "step", "check"))
    for step, field in (("who", "title"), ("who", "organisation"), ("text", "summary"), ("text", "answer")):
        link = f"{of(draft, 'step', step)}?missing#id_{field}"
        assert link in check
        page = read(ivo, link.partition("#")[0])
        assert f'id="id_{field}_error"' in page
    assert "Send the proposal" not in check


def test_the_check_warns_of_names_that_the_jury_should_not_read(cast: Cast) -> None:
    fabio, first = signed_in("Fabio"), cast.proposals[0]
    assert "The jury reads without names" not in read(fabio, of(first, "step", "check"))
    Proposal.records.filter(pk=first.pk).update(summary="Noi della cooperativa fabio lavoriamo.")
    assert "Your text says “Cooperativa Fabio”" in read(fabio, of(first, "step", "check"))


def test_the_preview_shows_what_a_juror_sees_and_not_who_wrote(cast: Cast) -> None:
    page = (
        read(signed_in("Fabio"), of(cast.proposals[0], "preview"))
        .partition('class="form-main"')[2]
        .partition("<nav")[0]
    )
    assert "Progetto 1" in page
    assert "Risposta lunga del progetto 1." in page
    for hidden in ("Cooperativa Fabio", "Fabio Prova", "fabio@example.org", cast.proposals[0].code):
        assert hidden not in page


def test_withdrawing_asks_first_and_can_be_undone_while_the_call_is_open(cast: Cast) -> None:
    fabio, first = signed_in("Fabio"), cast.proposals[0]
    assert "Withdraw this proposal?" in read(fabio, of(first, "withdraw"))
    assert Proposal.records.get(pk=first.pk).state == ProposalState.SUBMITTED
    assert fabio.post(of(first, "withdraw")).url == of(first)
    assert "You withdrew it" in read(fabio, of(first))
    fabio.post(of(first, "revive"))
    assert Proposal.records.get(pk=first.pk).state == ProposalState.SUBMITTED


def test_after_the_bell_a_withdrawal_is_for_good_and_says_so(stage: Stage) -> None:
    cast = stage(Phase.SCREENING)
    fabio, first = signed_in("Fabio"), cast.proposals[0]
    assert "it cannot be sent again" in read(fabio, of(first, "withdraw"))
    fabio.post(of(first, "withdraw"))
    assert fabio.get(of(first, "revive")).status_code == 409
    assert fabio.post(of(first, "revive")).status_code == 409
    assert Proposal.records.get(pk=first.pk).state == ProposalState.WITHDRAWN


def test_a_stranger_finds_no_proposal_whatever_they_try(cast: Cast) -> None:
    first = cast.proposals[0]
    for name in ("Gaia", "Ada", "Sonia"):
        client = signed_in(name)
        for address in (
            of(first),
            of(first, "step", "text"),
            of(first, "step", "files"),
            of(first, "step", "check"),
            of(first, "preview"),
            of(first, "receipt"),
            of(first, "history"),
            of(first, "withdraw"),
        ):
            assert client.get(address).status_code == 404
        for address in (
            of(first, "step", "text"),
            of(first, "save"),
            of(first, "submit"),
            of(first, "withdraw"),
            of(first, "revive"),
        ):
            assert client.post(address).status_code == 404
    assert Proposal.records.get(pk=first.pk).version == first.version


WORDS = {
    (Phase.OPEN, "draft"): "Draft, not sent",
    (Phase.OPEN, "submitted"): "You can change it until",
    (Phase.SCREENING, "draft"): "this draft had not been sent",
    (Phase.SCREENING, "submitted"): "The organisers check that it may take part",
    (Phase.SCREENING, "admitted"): "Admitted",
    (Phase.JUDGING, "admitted"): "With the jury",
    (Phase.JUDGING, "excluded"): "Fuori tema.",
    (Phase.DELIBERATION, "admitted"): "The jury has finished",
    (Phase.SEALED, "admitted"): "Everybody learns the results at the same minute",
    (Phase.PUBLISHED, "admitted"): "Results published",
    (Phase.ARCHIVED, "withdrawn"): "You withdrew it",
}


@pytest.mark.parametrize("phase", list(Phase)[2:], ids=str)
def test_the_proposal_says_in_plain_words_where_it_stands(stage: Stage, phase: Phase) -> None:
    cast = stage(phase)
    first = cast.proposals[0]
    for state in ProposalState:
        Proposal.records.filter(pk=first.pk).update(state=state, state_reason="Fuori tema.")
        assert WORDS.get((phase, state), "Progetto 1") in read(signed_in("Fabio"), of(first))


@pytest.mark.parametrize("phase", list(Phase)[2:], ids=str)
def test_every_page_of_a_proposal_answers_in_every_state(stage: Stage, phase: Phase) -> None:
    cast = stage(phase)
    first = cast.proposals[0]
    for state in ProposalState:
        Proposal.records.filter(pk=first.pk).update(state=state, state_reason="Fuori tema.")
        for fabio in (signed_in("Fabio", language) for language in ("it", "en")):
            for route in ("", "preview", "receipt", "history"):
                read(fabio, of(first, route))
            for step in ("who", "text", "files", "check"):
                assert fabio.get(of(first, "step", step)).status_code in {200, 302}
            read(fabio, reverse("my"))


def test_nothing_of_the_results_is_said_before_they_are_out(stage: Stage) -> None:
    """Two worlds before publication: the one in which the proposal won, and the one in which it did not."""
    stage(Phase.SEALED)
    winner, last = (read(signed_in(name), reverse("my")) for name in ("Fabio", "Livia"))
    for page in (winner, last):
        assert "The jury has finished" in page
        assert "Results published" not in page


def test_the_history_tells_what_happened_and_not_who_reads(stage: Stage) -> None:
    cast = stage(Phase.JUDGING)
    page = read(signed_in("Fabio"), of(cast.proposals[0], "history"))
    for what in ("Draft begun", "Sent", "Admitted", "the organisers", "you"):
        assert what in page
    assert AuditEntry.objects.filter(verb="assign", object_id=str(cast.proposals[0].pk)).exists()
    for hidden in ("Bruno", "Carla", "Ada", "assign"):
        assert hidden not in page.partition("<main")[2]


def test_my_proposals_takes_the_same_statements_for_one_and_for_twenty(cast: Cast) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            read(client, reverse("my"))
        return len(queries)

    client, ada = signed_in("Ivo"), person("Ada")
    few = statements()
    for n in range(20):
        call, category, *_ = make_call(f"more-{n}", Phase.OPEN, clock.now(), ada)
        services.open_call(call=call, actor=ada, roles=ROLES, now=call.opens_at)
        services.start_proposal(category=category, actor=person("Ivo"), now=clock.now())
    assert read(client, reverse("my")).count('class="row"') == 21
    assert statements() == few <= 6


def test_the_steps_of_a_proposal_take_few_statements(cast: Cast) -> None:
    client = signed_in("Ivo")
    for address in (
        of(cast.draft),
        of(cast.draft, "step", "text"),
        of(cast.draft, "step", "check"),
        of(cast.draft, "history"),
    ):
        with CaptureQueriesContext(connection) as queries:
            read(client, address)
        assert len(queries) <= 8, address


def test_whoever_has_no_proposal_is_shown_the_way_to_one(cast: Cast) -> None:
    assert "No proposal yet" in read(signed_in("Sonia"), reverse("my"))


def test_organisers_find_their_calls_among_their_own_things(cast: Cast) -> None:
    assert "Calls you run" in read(signed_in("Ada"), reverse("my"))


def test_the_time_left_is_said_in_days_hours_and_minutes(cast: Cast) -> None:
    ivo = signed_in("Ivo")
    for left, words in (
        (timedelta(days=2, hours=3, minutes=5), "2 days and 3 hours"),
        (timedelta(hours=1, minutes=3), "1 hour and 2 minutes"),
        (timedelta(seconds=50), "1 minute"),
    ):
        Call.objects.filter(pk=cast.call.pk).update(closes_at=clock.now() + left)
        assert words in read(ivo, of(cast.draft, "step", "who"))
