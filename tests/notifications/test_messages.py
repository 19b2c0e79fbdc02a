"""Every message in every language; the outbox page; what a subject cannot carry."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from common import clock, outbox
from notifications.models import Delivery
from notifications.services import message_types, notify, send_sign_in_code

pytestmark = pytest.mark.django_db
PLACEHOLDER = re.compile(r"\{\w*\}")


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("name", sorted(message_types()))
def test_every_message_can_be_written_in_every_language(name: str, language: str) -> None:
    type_ = message_types()[name]
    facts = {placeholder: f"<{placeholder}>\nBcc: x@example.org" for placeholder in type_.placeholders}
    notify(type_, to="x@example.org", language=language, key="1", facts=facts, now=clock.now())
    delivery = Delivery.objects.get()
    assert not PLACEHOLDER.search(delivery.subject + delivery.body)
    assert "\n" not in delivery.subject
    assert 0 < len(delivery.subject) <= 300
    assert delivery.body.endswith("\n")


@pytest.mark.parametrize("name", sorted(message_types()))
def test_italian_and_english_are_two_texts(name: str) -> None:
    type_ = message_types()[name]
    texts = []
    for language in ("it", "en"):
        with translation.override(language):
            texts.append((str(type_.subject), str(type_.body)))
    assert texts[0][0] != texts[1][0]
    assert texts[0][1] != texts[1][1]


def test_the_same_key_is_written_once() -> None:
    type_ = message_types()["sign_in_code"]
    for _ in range(2):
        notify(type_, to="x@example.org", language="it", key="1", facts={"code": "1", "minutes": 1}, now=clock.now())
    assert Delivery.objects.count() == 1


def test_the_digits_reach_the_mailbox() -> None:
    send_sign_in_code(email="nina@example.org", network="192.0.2.1", known=False, language="it", now=clock.now())
    outbox.drain(clock.now)
    (sent,) = mail.outbox
    assert sent.to == ["nina@example.org"]
    assert re.search(r"\d{6}", sent.body)
    assert Delivery.objects.get().state == Delivery.State.SENT


def test_the_outbox_page_shows_the_last_mails_on_the_embedded_machine_only(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_sign_in_code(email="nina@example.org", network="192.0.2.1", known=False, language="en", now=clock.now())
    monkeypatch.setattr(settings, "EMBEDDED", True)
    assert Delivery.objects.get().subject in client.get(reverse("outbox")).content.decode()
    monkeypatch.setattr(settings, "EMBEDDED", False)
    assert client.get(reverse("outbox")).status_code == 404


def test_what_a_mail_says_is_text_on_the_outbox_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "EMBEDDED", True)
    type_ = message_types()["sign_in_code"]
    facts = {"code": "<script>x</script> https://example.org/<b>", "minutes": 1}
    notify(type_, to="x@example.org", language="en", key="1", facts=facts, now=clock.now())
    page = client.get(reverse("outbox")).content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page
