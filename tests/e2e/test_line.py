"""The line, walked in a browser: from an application to the winners, with a real worker in the background."""

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from awards.models import Publication
from common import clock, invariants
from contests.lifecycle import Phase
from contests.models import Call, Proposal
from reviews.services import jury
from tests.cast import Cast, person, raise_cast
from tests.workers import wait_until, worker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE = "La ciclofficina Prova"
MARKS = {"Bruno": "9.5", "Carla": "10", "Dario": "9"}


def test_from_an_application_to_the_winners(browse: Callable[..., Page]) -> None:
    cast = raise_cast(Phase.OPEN)
    with worker():
        apply(browse(), cast)
        close_the_call(cast)
        organiser = browse(cast.organiser)
        screen_and_assign(organiser, cast)
        ranking = browse(cast.organiser)
        ranking.goto(f"/organise/{cast.call.code}/ranking/")
        for name, mark in MARKS.items():
            score_all(browse(person(name), width=360), cast, mark)
            saved = time.monotonic()
        expect(ranking.get_by_role("link", name=TITLE).first).to_be_visible(timeout=2_000 + 1)
        assert time.monotonic() - saved < 2 + 1  # the last row's tap, the redirect and the browser's own second
        seal(organiser, cast)
        nobody_sees_it(browse, cast)
        the_embargo_ends(cast)
        visitor = browse()
        visitor.goto(f"/results/{cast.call.code}/")
        expect(visitor.get_by_text(TITLE).first).to_be_visible()
        wait_until(lambda: invariants.breaches() == [])


def apply(page: Page, cast: Cast) -> None:
    """Nora finds the call, signs in by the code in her mail, writes, and submits."""
    page.goto("/")
    page.goto(f"/calls/{cast.call.code}/")
    page.get_by_role("link", name=re.compile("Start")).first.click()
    page.get_by_label("E-mail").fill("nora@example.org")
    page.get_by_role("button", name="Send me the digits").click()
    mails = page.context.new_page()
    mails.goto("/outbox/")
    code = re.search(r"\b\d{6}\b", mails.get_by_role("main").inner_text())
    assert code is not None
    mails.close()
    page.get_by_role("textbox").first.fill(code.group())
    page.get_by_role("button").filter(has_text=re.compile("Sign in|Enter|Come in|Continue")).first.click()
    page.get_by_role("button", name=re.compile("Start here")).click()
    fill_who(page)
    page.locator("[name=summary]").fill("Una ciclofficina di quartiere che insegna a riparare.")
    page.locator("[name=answer]").fill("Duecento biciclette riparate, dieci persone assunte.")
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/files/")
    page.goto(page.url.replace("/files/", "/check/"))
    page.get_by_role("button", name=re.compile("Submit|Send")).first.click()
    if page.locator("dialog[open]").count():
        page.locator("dialog[open]").get_by_role("button", name=re.compile("Submit|Send")).first.click()
    wait_until(lambda: Proposal.records.filter(title=TITLE, state="submitted").exists())


def fill_who(page: Page) -> None:
    if "/who/" not in page.url:
        page.goto(page.url.rstrip("/") + "/who/")
    page.locator("[name=title]").fill(TITLE)
    page.locator("[name=organisation]").fill("Cooperativa Prova")
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/text/")


def close_the_call(cast: Cast) -> None:
    """Time passes: the call is closed now."""
    now = clock.now()
    Call.objects.filter(pk=cast.call.pk).update(opens_at=now - timedelta(days=9), closes_at=now - timedelta(seconds=1))
    for name in MARKS:
        cast.jurors[name] = jury.seat_juror(
            call=cast.call, person=person(name), categories=[cast.category], code=name, now=now
        )


def screen_and_assign(page: Page, cast: Cast) -> None:
    """Ada admits what waits, opens judging, and has three readers drawn for each proposal."""
    here = f"/organise/{cast.call.code}"
    page.goto(f"{here}/screening/")
    page.get_by_role("link", name=re.compile("Admit all")).click()
    page.get_by_role("button", name=re.compile("Admit")).first.click()
    wait_until(lambda: Proposal.records.filter(call=cast.call, state="admitted").count() == 4)
    page.goto(f"{here}/open-judging/")
    page.get_by_role("button", name=re.compile("Open judging")).first.click()
    page.goto(f"{here}/assignment/plan/?round={cast.round.pk}&per_proposal=3&seed=prova")
    page.get_by_role("button", name="Apply this plan").click()
    expect(page.get_by_role("heading").first).to_be_visible()


def score_all(page: Page, cast: Cast, mark: str) -> None:
    """A juror on a phone scores each file until none is left; Nora's gets the mark, the others get sixes."""
    page.goto("/jury/")
    page.get_by_role("link", name=re.compile("Read and score")).first.click()
    for _file in range(4):
        given = mark if page.get_by_role("heading", level=1).inner_text() == TITLE else "6"
        for field in page.locator("input[name^=mark-]").all():
            field.evaluate(
                "(input, value) => { input.value = value; input.dispatchEvent(new Event('change', {bubbles: true})) }",
                given,
            )
        before = page.url
        page.locator("form[data-autosave]").evaluate("form => form.requestSubmit()")
        page.wait_for_url(lambda url, before=before: url != before)


def seal(page: Page, cast: Cast) -> None:
    """Ada seals the results until tomorrow."""
    page.goto(f"/organise/{cast.call.code}/publication/")
    page.locator("[name=day]").fill((clock.now() + timedelta(days=1)).date().isoformat())
    page.locator("[name=time]").fill("12:30")
    page.get_by_role("button", name="Seal the results").click()
    wait_until(lambda: Publication.records.filter(call=cast.call).exists())


def nobody_sees_it(browse: Callable[..., Page], cast: Cast) -> None:
    """Neither a visitor, nor an applicant, nor a juror finds the winner anywhere public."""
    addresses = [
        "/",
        "/results/",
        f"/results/{cast.call.code}/",
        f"/calls/{cast.call.code}/",
        f"/api/v1/results/{cast.call.code}/",
    ]
    for who in (None, person("Fabio"), person("Bruno")):
        page = browse(who)
        for address in addresses:
            page.goto(address)
            assert TITLE not in page.content(), (who, address)


def the_embargo_ends(cast: Cast) -> None:
    """Time passes: it is tomorrow, half past twelve."""
    now = clock.now()
    Publication.records.filter(call=cast.call).update(released_at=now)
    Call.objects.filter(pk=cast.call.pk).update(released_at=now)
