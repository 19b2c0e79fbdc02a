"""Coming in: by code, password or link, once, in time, not by guessing, and without telling who has an account."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client, RequestFactory
from django.urls import reverse
from time_machine import travel

from accounts import services
from accounts.models import Person, SignInCode
from common import clock
from common.errors import Refused
from common.http import network
from notifications.models import Delivery
from tests.cast import person

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db
EMAIL = "elena@example.org"


def ask(client: Client, email: str = EMAIL, **extra: str) -> "Response":
    return client.post(reverse("sign-in"), {"email": email, **extra})


def mailed() -> str:
    """The six digits of the last mail."""
    found = re.search(r"\b\d{6}\b", Delivery.objects.latest("id").body)
    assert found is not None
    return found.group()


def signed_in(client: Client) -> bool:
    return SESSION_KEY in client.session


def without_tokens(content: bytes) -> bytes:
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", content)


def test_a_code_by_mail_lets_in_and_makes_the_person(client: Client) -> None:
    response = ask(client)
    assert response.url == reverse("sign-in-code")
    response = client.post(response.url, {"code": mailed()})
    assert response.url == reverse(settings.LOGIN_REDIRECT_URL)
    assert Person.objects.get(pk=client.session[SESSION_KEY]).email == EMAIL


def test_a_code_is_pasted_with_spaces_and_the_address_is_written_in_capitals(client: Client) -> None:
    person("Elena")
    ask(client, "ELENA@Example.ORG")
    code = mailed()
    client.post(reverse("sign-in-code"), {"code": f" {code[:3]} {code[3:]} "})
    assert signed_in(client)
    assert Person.objects.count() == 1


def test_a_code_works_once(client: Client) -> None:
    ask(client)
    client.post(reverse("sign-in-code"), {"code": mailed()})
    again = Client()
    session = again.session
    session["signing_in"] = {"email": EMAIL, "network": "127.0.0.1", "next": ""}
    session.save()
    response = again.post(reverse("sign-in-code"), {"code": mailed()})
    assert response.status_code == 422
    assert not signed_in(again)


def test_a_code_expires(client: Client) -> None:
    ask(client)
    with travel(clock.now() + services.CODE_LIFE, tick=False):
        assert client.post(reverse("sign-in-code"), {"code": mailed()}).status_code == 422
    assert not signed_in(client)


def test_five_wrong_guesses_spend_the_code(client: Client) -> None:
    ask(client)
    code = mailed()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(services.GUESSES_A_CODE):
        client.post(reverse("sign-in-code"), {"code": wrong})
    assert client.post(reverse("sign-in-code"), {"code": code}).status_code == 422
    assert not signed_in(client)


def test_codes_are_kept_as_hashes(client: Client) -> None:
    ask(client)
    kept = SignInCode.objects.get()
    assert mailed() not in kept.secret_hash


def test_an_address_gets_six_codes_an_hour(client: Client) -> None:
    for _ in range(services.CODES_AN_HOUR):
        assert ask(client).status_code == 302
    response = ask(client)
    assert response.status_code == 429
    assert Delivery.objects.count() == services.CODES_AN_HOUR
    assert EMAIL in response.content.decode(), "what was typed stays"
    with travel(clock.now() + timedelta(hours=1, seconds=1), tick=False):
        assert ask(client).status_code == 302


def test_strangers_use_up_neither_the_codes_of_an_owner_nor_the_guesses_at_them(client: Client) -> None:
    elsewhere = [Client(REMOTE_ADDR=f"192.0.2.{number}") for number in range(6)]
    for stranger in elsewhere:
        for _ in range(services.CODES_AN_HOUR):
            ask(stranger)
    assert Delivery.objects.count() == services.CODES_AN_HOUR_FOR_STRANGERS, "a mailbox is not flooded"
    assert ask(client).status_code == 429, "from a network where nobody knows the address"

    owner = Client()
    with travel(clock.now() - timedelta(days=100), tick=False):
        person("Elena", password="una frase lunga e mia")
        owner.post(reverse("sign-in-password"), {"email": EMAIL, "password": "una frase lunga e mia"})
        owner.post(reverse("sign-out"))
    for _ in range(services.CODES_AN_HOUR):
        assert ask(owner).status_code == 302
    assert ask(owner).status_code == 429
    code = mailed()
    for _ in range(services.GUESSES_A_CODE):
        elsewhere[0].post(reverse("sign-in-code"), {"code": "000000" if code != "000000" else "111111"})
    owner.post(reverse("sign-in-code"), {"code": code})
    assert signed_in(owner)


def test_a_code_is_good_for_the_network_that_asked_for_it(client: Client) -> None:
    ask(client)
    code, stranger = mailed(), Client(REMOTE_ADDR="192.0.2.1")
    ask(stranger)
    stranger.post(reverse("sign-in-code"), {"code": code})
    assert not signed_in(stranger)
    client.post(reverse("sign-in-code"), {"code": code})
    assert signed_in(client)


@pytest.mark.parametrize(
    ("address", "household"),
    [("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("203.0.113.7", "203.0.113.7"), ("[::1]:80", "[::1]:80")],
)
def test_a_household_is_one_network(address: str, household: str) -> None:
    assert network(RequestFactory(REMOTE_ADDR=address).get("/")) == household


def test_a_network_tries_so_often_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    for _ in range(3):
        services.may_try("code", "203.0.113.7", most=3, now=now)
    with pytest.raises(Refused, match="too_many_attempts"):
        services.may_try("code", "203.0.113.7", most=3, now=now)
    services.may_try("code", "203.0.113.8", most=3, now=now)
    services.may_try("code", "203.0.113.7", most=3, now=now + timedelta(hours=1))


def test_a_password_is_tried_twenty_times_an_hour(client: Client) -> None:
    person("Elena", password="una frase lunga e mia")
    for _ in range(services.PASSWORDS_AN_HOUR):
        assert client.post(reverse("sign-in-password"), {"email": EMAIL, "password": "x"}).status_code == 422
    right = {"email": EMAIL, "password": "una frase lunga e mia"}
    assert client.post(reverse("sign-in-password"), right).status_code == 429
    assert not signed_in(client)


def test_a_password_lets_in(client: Client) -> None:
    person("Elena", password="una frase lunga e mia")
    client.post(reverse("sign-in-password"), {"email": "Elena@example.org", "password": "una frase lunga e mia"})
    assert signed_in(client)


@pytest.mark.parametrize("route", ["sign-in", "sign-in-password"])
def test_known_and_unknown_addresses_get_the_same_bytes(route: str) -> None:
    """Two worlds that differ in whether the address has an account."""

    def answers(*, known: bool) -> list[bytes]:
        Person.objects.all().delete()
        if known:
            person("Elena", password="una frase lunga e mia")
        client = Client()
        first = client.post(reverse(route), {"email": EMAIL, "password": "wrong"})
        then = client.get(reverse("sign-in-code"))
        wrong = client.post(reverse("sign-in-code"), {"code": "not it"})
        return [
            without_tokens(response.content) + str(response.status_code).encode() for response in (first, then, wrong)
        ]

    assert answers(known=True) == answers(known=False)


def test_an_inactive_person_does_not_come_in(client: Client) -> None:
    person("Elena", password="una frase lunga e mia", is_active=False)
    ask(client)
    client.post(reverse("sign-in-code"), {"code": mailed()})
    client.post(reverse("sign-in-password"), {"email": EMAIL, "password": "una frase lunga e mia"})
    assert not signed_in(client)


def test_only_the_press_of_the_button_uses_a_link(client: Client) -> None:
    link = services.sign_in_link(person=person("Elena"), now=clock.now()).removeprefix(settings.SITE_URL.rstrip("/"))
    for method in ("get", "head", "get"):
        response = getattr(client, method)(link)
        assert response.status_code == 200
        assert response["Referrer-Policy"] == "same-origin"
        assert not signed_in(client)
    client.post(link)
    assert signed_in(client)
    assert Client().post(link).status_code == 410


def test_a_link_that_has_expired_is_refused_in_words(client: Client) -> None:
    link = services.sign_in_link(person=person("Elena"), now=clock.now() - services.LINK_LIFE)
    response = client.post(link.removeprefix(settings.SITE_URL.rstrip("/")))
    assert response.status_code == 410
    assert not signed_in(client)


def test_a_link_of_somebody_who_left_is_refused(client: Client) -> None:
    link = services.sign_in_link(person=person("Elena", is_active=False), now=clock.now())
    assert client.post(link.removeprefix(settings.SITE_URL.rstrip("/"))).status_code == 410


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:///evil.example"],
)
@pytest.mark.parametrize("route", ["sign-in", "sign-in-password"])
def test_nobody_is_sent_elsewhere_after_signing_in(client: Client, route: str, elsewhere: str) -> None:
    person("Elena", password="una frase lunga e mia")
    response = client.post(reverse(route), {"email": EMAIL, "password": "una frase lunga e mia", "next": elsewhere})
    if route == "sign-in":
        response = client.post(reverse("sign-in-code"), {"code": mailed()})
    assert response.url == reverse(settings.LOGIN_REDIRECT_URL)


def test_whoever_signs_in_goes_where_they_were_going(client: Client) -> None:
    private = client.get(reverse("my"))
    assert private.url == f"{reverse('sign-in')}?next=/my/"
    assert b'value="/calls/x/apply/"' in client.get(reverse("sign-in"), {"next": "/calls/x/apply/"}).content
    ask(client, next="/calls/x/apply/")
    assert client.post(reverse("sign-in-code"), {"code": mailed()}).url == "/calls/x/apply/"


def test_the_session_gets_a_new_key_and_the_old_one_is_worth_nothing(client: Client) -> None:
    ask(client)
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post(reverse("sign-in-code"), {"code": mailed()})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert thief.get(reverse("my")).status_code == 302


def test_signing_out_takes_a_press_of_a_button(client: Client) -> None:
    client.force_login(person("Elena"))
    assert client.get(reverse("sign-out")).status_code == 405
    client.post(reverse("sign-out"))
    assert not signed_in(client)


def test_the_digits_page_without_an_address_leads_back(client: Client) -> None:
    assert client.get(reverse("sign-in-code")).url == reverse("sign-in")


def test_the_mail_is_in_the_language_of_the_page(client: Client) -> None:
    client.cookies["django_language"] = "en"
    ask(client)
    assert "is your code" in Delivery.objects.latest("id").subject


def test_the_language_of_the_pages_becomes_that_of_the_mails(client: Client) -> None:
    elena = person("Elena")
    client.force_login(elena)
    client.post(reverse("set_language"), {"language": "en", "next": "/my/"})
    elena.refresh_from_db()
    assert elena.language == "en"
    assert client.get("/my/").wsgi_request.LANGUAGE_CODE == "en"  # type: ignore[attr-defined] # set by LocaleMiddleware


def test_a_language_that_is_not_spoken_here_is_not_noted() -> None:
    elena = person("Elena")
    services.speak(person=elena, language="xx")
    elena.refresh_from_db()
    assert elena.language == "it"


def test_a_name_is_noted_once() -> None:
    nameless = Person.objects.create_user(EMAIL)
    services.introduce(person=nameless, name=" Elena Finta ")
    services.introduce(person=nameless, name="Another")
    nameless.refresh_from_db()
    assert nameless.name == "Elena Finta"
    assert nameless.short_name == "Elena F."


def test_whoever_gave_no_name_is_called_by_the_start_of_the_address() -> None:
    assert Person(email="elena.finta@example.org").short_name == "elena.finta"
