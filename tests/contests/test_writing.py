"""Nothing that is typed is lost: too long, too late, signed out, overtaken, without JavaScript and with it."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from common import clock
from contests.lifecycle import Phase, ProposalState
from contests.models import Call, Proposal
from tests.cast import Cast, person, raise_cast

pytestmark = pytest.mark.django_db
TEXT = {"summary": "Orti in comune, <b>forti</b>.", "answer": "Prima riga.\r\n\r\n" + "Seconda parola. " * 40}


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_cast(Phase.OPEN)


@pytest.fixture
def ivo(cast: Cast) -> Client:
    client = Client()
    client.force_login(person("Ivo"))
    client.cookies["django_language"] = "en"
    return client


def step(proposal: Proposal, name: str = "text") -> str:
    return reverse("proposal-step", args=[proposal.pk, name])


def field(response: HttpResponse, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', response.content.decode())
    assert found is not None, f"no {name}"
    return found.group(1)


def typed_into(response: HttpResponse, name: str) -> str:
    found = re.search(rf'<textarea name="{name}"[^>]*>(.*?)</textarea>', response.content.decode(), re.DOTALL)
    assert found is not None, f"no {name}"
    return found.group(1)


def write(client: Client, proposal: Proposal, name: str = "text", **fields: str) -> HttpResponse:
    version = field(client.get(step(proposal, name)), "version")
    return client.post(step(proposal, name), {"version": version, "step": name, **fields})  # type: ignore[return-value] # the test client's own


def close(cast: Cast) -> None:
    Call.objects.filter(pk=cast.call.pk).update(closes_at=clock.now())


def test_a_step_is_saved_with_the_line_ends_of_the_database(cast: Cast, ivo: Client) -> None:
    assert write(ivo, cast.draft, **TEXT)["Location"] == step(cast.draft, "files")
    assert cast.draft.summary == TEXT["summary"]
    assert cast.draft.answers["answer"] == TEXT["answer"].replace("\r\n", "\n").strip()


def test_other_answers_that_the_proposal_has_stay(cast: Cast, ivo: Client) -> None:
    Proposal.records.filter(pk=cast.draft.pk).update(answers={"budget": "1000", "answer": ""})
    write(ivo, cast.draft, **TEXT)
    assert cast.draft.answers["budget"] == "1000"


def test_an_empty_step_is_saved_too(cast: Cast, ivo: Client) -> None:
    assert write(ivo, cast.draft, "who", title="", organisation="").status_code == 302


def test_several_texts_that_are_too_long_are_saved_whole_and_the_page_says_by_how_much(cast: Cast, ivo: Client) -> None:
    response = write(ivo, cast.draft, summary="parola " * 122, answer="parola " * 251)
    assert response["Location"] == step(cast.draft)
    page = ivo.get(step(cast.draft)).content.decode()
    assert "2 things to correct" in page
    assert "Remove 2 words." in page
    assert "Remove 1 word." in page
    assert cast.draft.summary.split() == ["parola"] * 122


def test_save_and_leave_leads_to_the_proposal(cast: Cast, ivo: Client) -> None:
    assert write(ivo, cast.draft, leave="1", **TEXT)["Location"] == cast.draft.get_absolute_url()


def test_a_title_that_does_not_fit_is_kept_on_the_page(cast: Cast, ivo: Client) -> None:
    response = write(ivo, cast.draft, "who", title="x" * 301, organisation="Orti")
    assert response.status_code == 422
    assert field(response, "title") == "x" * 301
    assert "Not saved" in response.content.decode()


def test_after_the_bell_what_was_typed_is_shown_whole_and_not_saved(cast: Cast, ivo: Client) -> None:
    version = field(ivo.get(step(cast.draft)), "version")
    close(cast)
    response = ivo.post(step(cast.draft), {"version": version, **TEXT})
    page = response.content.decode()
    assert response.status_code == 409
    assert "The call closed" in page
    assert "Orti in comune, &lt;b&gt;forti&lt;/b&gt;." in page
    assert page.count("Seconda parola.") == 40
    assert cast.draft.summary == ""


def test_after_the_bell_a_step_leads_to_the_proposal_read_only(cast: Cast, ivo: Client) -> None:
    close(cast)
    for name in ("who", "text", "files", "check"):
        assert ivo.get(step(cast.draft, name)).url == cast.draft.get_absolute_url()  # type: ignore[attr-defined] # a redirect
    page = ivo.get(cast.draft.get_absolute_url()).content.decode()
    assert "this draft had not been sent" in page
    assert "<textarea" not in page
    assert "Save" not in page.partition("<main")[2]


def test_the_instant_of_arrival_decides_and_not_the_end_of_the_work(
    cast: Cast, ivo: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request arrived a moment before the bell; by the time it is worked on, the bell has rung."""
    bell = clock.now() + timedelta(hours=1)
    Call.objects.filter(pk=cast.call.pk).update(closes_at=bell)
    version = field(ivo.get(step(cast.draft)), "version")
    monkeypatch.setattr("common.middleware.clock.now", lambda: bell - timedelta(microseconds=1))
    assert ivo.post(step(cast.draft), {"version": version, **TEXT}).status_code == 302
    monkeypatch.setattr("common.middleware.clock.now", lambda: bell)
    assert ivo.post(step(cast.draft), {"version": version, **TEXT, "summary": "Tardi."}).status_code == 409
    assert cast.draft.summary == TEXT["summary"]


def test_signed_out_meanwhile_the_text_waits_and_comes_back_after_signing_in(cast: Cast, ivo: Client) -> None:
    version = field(ivo.get(step(cast.draft)), "version")
    session = ivo.session
    session.flush()
    ivo.cookies.pop("session")
    response = ivo.post(step(cast.draft), {"version": version, "step": "text", **TEXT})
    assert response.url == f"{reverse('sign-in')}?next={step(cast.draft)}"  # type: ignore[attr-defined] # a redirect
    assert "What you sent is kept" in ivo.get(response.url).content.decode()  # type: ignore[attr-defined] # a redirect
    assert cast.draft.summary == ""
    ivo.force_login(person("Ivo"))
    back = ivo.get(step(cast.draft))
    assert "here is what you had typed" in back.content.decode()
    assert typed_into(back, "answer").count("Seconda parola.") == 40
    saved = ivo.post(
        step(cast.draft),
        {"version": field(back, "version"), "summary": TEXT["summary"], "answer": typed_into(back, "answer")},
    )
    assert saved.status_code == 302
    assert cast.draft.summary == TEXT["summary"]
    assert "here is what you had typed" not in ivo.get(step(cast.draft)).content.decode()


def test_what_one_person_had_typed_is_not_shown_to_another_at_the_same_computer(cast: Cast) -> None:
    client = Client()
    client.post(step(cast.draft), TEXT)
    client.force_login(person("Fabio"))
    assert client.get(step(cast.draft)).status_code == 404
    assert TEXT["summary"] not in client.get(step(cast.proposals[0])).content.decode()


def test_a_script_that_is_signed_out_is_told_so(cast: Cast) -> None:
    response = Client().post(
        reverse("proposal-save", args=[cast.draft.pk]), TEXT, headers={"Accept": "application/json"}
    )
    assert response.status_code == 401
    assert response.json()["text"]


def test_a_form_that_has_grown_old_is_offered_again_with_all_that_was_typed(cast: Cast) -> None:
    """Signing in elsewhere changes the token of every form: the text must not pay for it."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("Ivo"))
    token = field(client.get(step(cast.draft)), "csrfmiddlewaretoken")
    stale = client.post(
        step(cast.draft),
        {**TEXT, "version": "1-x", "csrfmiddlewaretoken": token[:-1] + ("a" if token[-1] != "a" else "b")},
    )
    assert stale.status_code == 403
    page = stale.content.decode()
    assert page.count("Seconda parola.") == 40
    assert f'action="{step(cast.draft)}"' in page
    fresh = field(stale, "csrfmiddlewaretoken")
    assert client.post(step(cast.draft), {**TEXT, "version": "1-x", "csrfmiddlewaretoken": fresh}).status_code == 302
    assert cast.draft.summary == TEXT["summary"]


def test_a_form_from_elsewhere_is_not_offered_again(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("Ivo"))
    client.get(step(cast.draft))
    response = client.post(step(cast.draft), TEXT, headers={"Origin": "https://evil.example"})
    assert response.status_code == 403
    assert "Orti in comune" not in response.content.decode()


def test_an_older_version_shows_both_texts_and_the_next_press_decides(cast: Cast, ivo: Client) -> None:
    old = field(ivo.get(step(cast.draft)), "version")
    write(ivo, cast.draft, summary="Quella di prima.", answer="Uguale.")
    response = ivo.post(step(cast.draft), {"version": old, "summary": "La mia.", "answer": "Uguale."})
    assert response.status_code == 409
    page = response.content.decode()
    assert "Another version was saved meanwhile" in page
    assert "Quella di prima." in page
    assert typed_into(response, "summary").strip() == "La mia."
    assert page.count("Uguale.") == 1, "what is the same on both sides is not shown twice"
    assert cast.draft.summary == "Quella di prima."
    ivo.post(step(cast.draft), {"version": field(response, "version"), "summary": "La mia.", "answer": "Uguale."})
    assert cast.draft.summary == "La mia."


def test_two_windows_on_different_steps_are_no_conflict(cast: Cast, ivo: Client) -> None:
    old = field(ivo.get(step(cast.draft, "who")), "version")
    write(ivo, cast.draft, **TEXT)
    response = ivo.post(step(cast.draft, "who"), {"version": old, "title": "Orti", "organisation": "Orti Prova"})
    assert response.status_code == 302
    assert cast.draft.title == "Orti"
    assert cast.draft.summary == TEXT["summary"]


def test_a_double_press_of_save_is_no_conflict(cast: Cast, ivo: Client) -> None:
    old = field(ivo.get(step(cast.draft)), "version")
    for _ in range(2):
        assert ivo.post(step(cast.draft), {"version": old, **TEXT}).status_code == 302


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999", "1", "1-000000000000", "²-x"])
def test_a_version_that_nobody_gave_saves_nothing_and_breaks_nothing(cast: Cast, ivo: Client, version: str) -> None:
    write(ivo, cast.draft, **TEXT)
    response = ivo.post(step(cast.draft), {"version": version, "summary": "Altro.", "answer": ""})
    assert response.status_code == 409
    assert cast.draft.summary == TEXT["summary"]


def test_a_character_that_no_database_keeps_is_refused_with_the_text_on_the_page(cast: Cast, ivo: Client) -> None:
    response = write(ivo, cast.draft, summary="Orti\x00", answer="Sì.")
    assert response.status_code == 422
    assert "Sì." in response.content.decode()


def test_a_proposal_that_was_sent_is_changed_only_whole_and_by_a_press(cast: Cast) -> None:
    fabio, first = Client(), cast.proposals[0]
    fabio.force_login(person("Fabio"))
    fabio.cookies["django_language"] = "en"
    page = fabio.get(step(first))
    assert "data-autosave" not in page.content.decode()
    response = write(fabio, first, summary="", answer="Mezza fra")
    assert response.status_code == 422
    assert typed_into(response, "answer").strip() == "Mezza fra"
    assert "must stay complete" in response.content.decode()
    assert write(fabio, first, summary="Nuova.", answer="Tutta.")["Location"] == first.get_absolute_url()
    assert "What counts is now this text" in fabio.get(first.get_absolute_url()).content.decode()
    assert Proposal.records.get(pk=first.pk).state == ProposalState.SUBMITTED


class TestAutosave:
    """The endpoint behind static/js/autosave.js."""

    def save(self, client: Client, proposal: Proposal, **fields: str) -> HttpResponse:
        address = reverse("proposal-save", args=[proposal.pk])
        return client.post(address, {"step": "text", **fields}, headers={"Accept": "application/json"})  # type: ignore[return-value] # the test client's own

    def test_it_answers_with_the_next_version_and_the_time(self, cast: Cast, ivo: Client) -> None:
        version = field(ivo.get(step(cast.draft)), "version")
        for n in range(3):
            response = self.save(ivo, cast.draft, version=version, summary=f"Versione {n}", answer="")
            said = response.json()  # type: ignore[attr-defined] # the test client's own
            assert response.status_code == 200
            assert re.fullmatch(r"Saved at \d\d:\d\d", said["text"])
            version = said["version"]
        assert cast.draft.summary == "Versione 2"
        assert field(ivo.get(step(cast.draft)), "version") == version

    def test_another_version_gives_theirs_and_loses_nothing(self, cast: Cast, ivo: Client) -> None:
        old = field(ivo.get(step(cast.draft)), "version")
        write(ivo, cast.draft, summary="Loro.", answer="")
        response = self.save(ivo, cast.draft, version=old, summary="Mia.", answer="")
        assert response.status_code == 409
        assert response.json()["theirs"] == {"summary": "Loro.", "answer": ""}  # type: ignore[attr-defined] # the test client's own
        assert cast.draft.summary == "Loro."

    def test_after_the_bell_it_says_so(self, cast: Cast, ivo: Client) -> None:
        version = field(ivo.get(step(cast.draft)), "version")
        close(cast)
        response = self.save(ivo, cast.draft, version=version, **TEXT)
        assert response.status_code == 409
        assert "The call closed" in response.json()["text"]  # type: ignore[attr-defined] # the test client's own

    def test_it_never_touches_what_was_sent(self, cast: Cast) -> None:
        fabio, first = Client(), cast.proposals[0]
        fabio.force_login(person("Fabio"))
        version = field(fabio.get(step(first)), "version")
        assert self.save(fabio, first, version=version, summary="Mezza fra", answer="").status_code == 422
        assert Proposal.records.get(pk=first.pk).summary == first.summary

    def test_an_unknown_step_is_refused(self, cast: Cast, ivo: Client) -> None:
        assert self.save(ivo, cast.draft, step="check").status_code == 422

    def test_reading_it_is_not_possible(self, cast: Cast, ivo: Client) -> None:
        assert ivo.get(reverse("proposal-save", args=[cast.draft.pk])).status_code == 405


def test_a_name_given_with_the_proposal_becomes_the_persons(cast: Cast) -> None:
    nameless = type(cast.applicant).objects.create_user("nuova@example.org")
    client = Client()
    client.force_login(nameless)
    client.post(reverse("apply", args=[cast.call.code]), {"category": cast.category.code})
    begun = Proposal.records.get(applicant=nameless)
    write(client, begun, "who", title="Orti", applicant_name="Nina Saggio")
    nameless.refresh_from_db()
    assert nameless.name == "Nina Saggio"
    assert SESSION_KEY in client.session
