"""Screening: the table of what was submitted, one proposal's page, and who is admitted."""

from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from contests.lifecycle import Phase
from contests.models import Attachment, Proposal
from notifications.models import Delivery
from tests.cast import Cast
from tests.reviews.rooms import MOST_STATEMENTS, STRANGERS, add_proposals, browser, statements

Stage = Callable[..., Cast]
ROOM = "/organise/fare-rete/screening/"


@pytest.fixture
def ada() -> Client:
    return browser("Ada")


def page_of(proposal: Proposal) -> str:
    return f"/organise/fare-rete/proposals/{proposal.pk}/"


def codes(client: Client, query: str = "") -> list[str]:
    """Return the codes that the table shows."""
    return [row["proposal"].code for row in client.get(ROOM + query).context["rows"]]


def state(proposal: Proposal) -> str:
    return Proposal.records.values_list("state", flat=True).get(pk=proposal.pk)


def test_the_table_shows_what_was_submitted_and_no_draft(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.OPEN)
    assert codes(ada) == [proposal.code for proposal in cast.proposals]
    assert cast.draft.code not in ada.get(ROOM).content.decode()
    assert ada.get(page_of(cast.draft)).status_code == 404


def test_the_table_is_chosen_by_state_category_and_words(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    waiting = add_proposals(cast, 2)
    assert codes(ada, "?state=submitted") == [proposal.code for proposal in waiting]
    assert codes(ada, "?q=gaia") == [cast.proposals[1].code]
    assert codes(ada, "?q=lazio+progetto") == [proposal.code for proposal in cast.proposals]
    assert codes(ada, "?state=excluded") == []
    assert codes(ada, "?category=business-case&state=admitted&q=1") == [cast.proposals[0].code]
    assert codes(ada, "?state=nonsense") == []


def test_a_chair_finds_no_organisation_before_deliberation(stage: Stage) -> None:
    cast = stage(Phase.JUDGING)
    chiara = browser("Chiara")
    assert codes(chiara, "?q=gaia") == []
    assert len(codes(chiara)) == 3
    for address in (ROOM, page_of(cast.proposals[1])):
        text = chiara.get(address).content.decode()
        assert "Cooperativa" not in text
        assert "gaia@example.org" not in text
        assert "Gaia" not in text


def test_fifty_a_page(stage: Stage, ada: Client) -> None:
    add_proposals(stage(Phase.SCREENING), 60)
    assert len(codes(ada)) == 50
    assert len(codes(ada, "?page=2")) == 13
    assert len(codes(ada, "?page=99")) == 13


def test_the_table_costs_the_same_at_two_sizes(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    few = statements(ada, ROOM)
    add_proposals(cast, 60)
    assert statements(ada, ROOM) == few <= MOST_STATEMENTS


def test_one_proposal_costs_the_same_with_many_readers_and_events(cast: Cast, ada: Client) -> None:
    for proposal in cast.proposals:
        assert statements(ada, page_of(proposal)) <= MOST_STATEMENTS


def test_admitting_leads_to_the_next_that_waits(stage: Stage, ada: Client) -> None:
    first, second = add_proposals(stage(Phase.SCREENING), 2)
    assert ada.post(page_of(first), {"verb": "admit"}).headers["Location"] == page_of(second)
    assert ada.post(page_of(second), {"verb": "admit"}).headers["Location"] == ROOM
    assert (state(first), state(second)) == ("admitted", "admitted")


def test_excluding_asks_for_a_reason_and_keeps_it(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    target = cast.proposals[0]
    for reason in ("", "   "):
        page = ada.post(page_of(target), {"verb": "exclude", "reason": reason})
        assert page.status_code == 422
        assert page.context["form"].errors["reason"]
    assert state(target) == "admitted"
    assert ada.post(page_of(target), {"verb": "exclude", "reason": "Sede all’estero"}).status_code == 302
    assert state(target) == "excluded"
    page = ada.get(page_of(target))
    assert "Sede all’estero" in page.content.decode()
    assert page.context["history"][0].reason == "Sede all’estero"


def test_a_verb_that_does_not_fit_the_state_is_refused(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    assert ada.post(page_of(cast.proposals[0]), {"verb": "admit"}).status_code == 409
    assert ada.post(page_of(cast.proposals[0]), {"verb": "conjure"}).status_code == 200
    assert state(cast.proposals[0]) == "admitted"


def test_after_the_seal_nothing_is_screened(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SEALED)
    assert ada.get(page_of(cast.proposals[0])).context["verbs"] == set()
    assert ada.post(page_of(cast.proposals[0]), {"verb": "exclude", "reason": "Tardi"}).status_code == 409


def test_admitting_all_admits_what_waits_and_nothing_else(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    waiting, out = add_proposals(cast, 3), add_proposals(cast, 1, "excluded")
    assert "Admit 3 proposals?" in ada.get(f"{ROOM}admit/").content.decode()
    ada.post(f"{ROOM}admit/", {"all": "1"})
    assert {state(proposal) for proposal in waiting} == {"admitted"}
    assert state(out[0]) == "excluded"
    assert ada.post(f"{ROOM}admit/", {"all": "1"}).status_code == 302  # a double click


def test_admitting_the_chosen_leaves_the_others(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    first, second = add_proposals(cast, 2)
    ada.post(f"{ROOM}admit/", {"code": [first.code, cast.draft.code, "unknown"]})
    assert (state(first), state(second), state(cast.draft)) == ("admitted", "submitted", "draft")
    ada.post(f"{ROOM}admit/", {})
    assert state(second) == "submitted"


@pytest.mark.parametrize("name", [*STRANGERS, "Chiara"])
def test_nobody_else_screens(stage: Stage, name: str) -> None:
    cast = stage(Phase.SCREENING)
    target = add_proposals(cast, 1)[0]
    client = browser(name)
    assert client.post(page_of(target), {"verb": "admit"}).status_code == 404
    assert client.post(f"{ROOM}admit/", {"all": "1"}).status_code == 404
    assert state(target) == "submitted"


def test_a_chair_who_sees_proposals_still_does_not_screen(cast: Cast) -> None:
    target = cast.proposals[0]
    answer = browser("Chiara").post(page_of(target), {"verb": "exclude", "reason": "No"})
    assert answer.status_code == 403
    assert state(target) == "admitted"


def test_an_organiser_downloads_attachments(stage: Stage, ada: Client) -> None:
    cast = stage(Phase.SCREENING)
    file = Attachment.records.create(
        proposal=cast.proposals[0],
        file=ContentFile(b"%PDF-1.7", name="bilancio.pdf"),
        name="bilancio.pdf",
        content_type="application/pdf",
        size=8,
        sha256="0" * 64,
        uploaded_at=cast.now,
    )
    page = ada.get(page_of(cast.proposals[0])).content.decode()
    address = page.split("bilancio.pdf")[0].rpartition('href="')[2].partition('"')[0]
    answer = ada.get(address)
    assert str(file.pk) in address
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_reason_typed_while_signed_out_is_there_after_the_sign_in(stage: Stage) -> None:
    target = stage(Phase.SCREENING).proposals[0]
    client = Client(headers={"accept-language": "en"})
    client.post(page_of(target), {"verb": "exclude", "reason": "Manca il bilancio"})
    client.force_login(target.call.roles.get(role="organiser").person)
    assert "Manca il bilancio" in client.get(page_of(target)).content.decode()
    assert state(target) == "admitted"


def test_screening_writes_no_message_before_results(stage: Stage, ada: Client) -> None:
    target = add_proposals(stage(Phase.SCREENING), 1)[0]
    ada.post(page_of(target), {"verb": "admit"})
    assert not Delivery.objects.exclude(type__in=["receipt", "invitation"]).exists()
