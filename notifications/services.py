"""Say once what happened; it is delivered later, at least once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import make_msgid

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.services import CODE_LIFE, issue_code
from common import outbox
from notifications.models import Delivery


@dataclass(frozen=True, slots=True)
class MessageType:
    """A kind of message: subject and body with `{placeholders}`, and which placeholders they may use."""

    name: str
    subject: Promise
    body: Promise
    placeholders: tuple[str, ...]


_TYPES: dict[str, MessageType] = {}


def message_type(name: str, *, subject: Promise, body: Promise, placeholders: str) -> MessageType:
    """Declare a message type; `placeholders` are parted by spaces."""
    _TYPES[name] = MessageType(name, subject, body, tuple(placeholders.split()))
    return _TYPES[name]


def message_types() -> dict[str, MessageType]:
    """Return every message type, for the test that renders each in each language."""
    return dict(_TYPES)


def notify(type_: MessageType, *, to: str, language: str, key: str, facts: Mapping[str, object], now: datetime) -> None:
    """Queue a message in the running transaction, in the reader's language; the same key is queued once."""
    with translation.override(language):
        values = {name: _one_line(facts[name]) for name in type_.placeholders}
        subject = str(type_.subject).format_map(values)
        body = str(type_.body).format_map({name: facts[name] for name in type_.placeholders})
    Delivery.objects.bulk_create(
        [
            Delivery(
                key=f"{type_.name}:{key}",
                type=type_.name,
                to=to,
                language=language,
                subject=subject[:300],
                body=body,
                message_id=make_msgid(domain="giuria.local"),
                created_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    outbox.ask("deliver", f"{type_.name}:{key}"[:200], now=now, payload={"key": f"{type_.name}:{key}"})


def _one_line(value: object) -> str:
    """A value in a subject never breaks the header."""
    return " ".join(str(value).split())


@outbox.handles("deliver", leases=3)
def deliver(payload: Mapping[str, object], now: datetime) -> None:
    """Send a queued message, marking it before and after, so that a killed worker leaves it visibly uncertain."""
    waiting = Delivery.objects.filter(key=payload["key"], state__in=[Delivery.State.QUEUED, Delivery.State.SENDING])
    delivery = waiting.first()
    if delivery is None:
        return
    waiting.update(state=Delivery.State.SENDING)
    EmailMessage(delivery.subject, delivery.body, to=[delivery.to], headers={"Message-ID": delivery.message_id}).send()
    waiting.update(state=Delivery.State.SENT, sent_at=now)


SIGN_IN_CODE = message_type(
    "sign_in_code",
    subject=_("{code} is your code"),
    body=_(
        "{code}\n\n"
        "Write these six digits on the page where you asked for them. They work once, for {minutes} minutes.\n\n"
        "If you did not ask for them, do nothing: without the code nobody comes in.\n"
    ),
    placeholders="code minutes",
)


def send_sign_in_code(*, email: str, network: str, known: bool, language: str, now: datetime) -> None:
    """Send a code to the address, whether it is known or not: who asks learns nothing about who has an account."""
    with transaction.atomic():
        code = issue_code(email=email, network=network, known=known, now=now)
        facts = {"code": code, "minutes": CODE_LIFE // timedelta(minutes=1)}
        notify(SIGN_IN_CODE, to=email, language=language, key=f"{email[:100]}:{now.isoformat()}", facts=facts, now=now)
