"""Signing in: by a code sent to the address, by password, or by a link printed on the organiser's own screen.

Whoever asks for a code gets one, known or not, so the answer never tells who has an account; the person is made when
the code is right.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from accounts.models import Attempt, Person, SignInCode
from common.errors import Refused

CODE_LIFE = timedelta(minutes=15)
LINK_LIFE = timedelta(hours=24)
CODES_AN_HOUR = 6
CODES_AN_HOUR_FOR_STRANGERS = 30  # from all networks together: each gives five guesses among a million
GUESSES_A_CODE = 5
PASSWORDS_AN_HOUR = 20
TRIES_AN_HOUR_FROM_A_NETWORK = 300  # a whole jury, or a school, may sit behind one address


def _hash(email: str, secret: str) -> str:
    """Hash with the site's key: a stolen table does not give six digits away."""
    return hashlib.blake2b(
        f"{email}\n{secret}".encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=32
    ).hexdigest()


def may_try(what: str, who: str, *, now: datetime, most: int = TRIES_AN_HOUR_FROM_A_NETWORK) -> None:
    """Count one try of `what` by `who` (an address, a network); refuse it beyond `most` in an hour."""
    key = _hash(what, who)
    Attempt.objects.filter(at__lte=now - timedelta(hours=1)).delete()
    if Attempt.objects.filter(key=key).count() >= most:
        raise Refused("too_many_attempts", minutes=60)
    Attempt.objects.create(key=key, at=now)


def browser_mark(email: str) -> str:
    """Return what a browser keeps once its owner has come in by this address."""
    return _hash("browser", email.strip().lower())


def issue_code(*, email: str, network: str, now: datetime, known: bool = False) -> str:
    """Make a code of six digits for the address and return it to whoever sends it; at most six an hour.

    Each network has six of its own, and so has a `known` browser, one that has come in by this address before: whoever
    only knows an address uses up neither the codes of its owner nor the guesses at them.
    """
    email, network = email.strip().lower(), _hash("network", network)
    recent = SignInCode.objects.filter(email=email, known=known, sent_at__gt=now - timedelta(hours=1))
    mine = recent if known else recent.filter(network=network)
    if mine.count() >= CODES_AN_HOUR or recent.count() >= CODES_AN_HOUR_FOR_STRANGERS:
        raise Refused("too_many_codes", minutes=60)
    code = f"{secrets.randbelow(10**6):06}"
    _keep(email, code, now, CODE_LIFE, network=network, known=known)
    return code


def _keep(email: str, secret: str, now: datetime, life: timedelta, **asker: object) -> None:
    secret_hash = _hash(email, secret)
    SignInCode.objects.filter(secret_hash=secret_hash).delete()
    SignInCode.objects.create(email=email, secret_hash=secret_hash, sent_at=now, expires_at=now + life, **asker)


def person_by_code(*, email: str, code: str, network: str, language: str, now: datetime) -> Person:
    """Return the person whose code this is, making them on their first visit.

    A code works once, for the network that asked for it.
    """
    email = email.strip().lower()
    asked = SignInCode.objects.filter(email=email, network=_hash("network", network), used_at=None, expires_at__gt=now)
    live = asked.filter(attempts__lt=GUESSES_A_CODE)
    if not live.update(attempts=F("attempts") + 1):
        raise Refused("wrong_code")
    with transaction.atomic():
        right = asked.filter(secret_hash=_hash(email, code.strip()), attempts__lte=GUESSES_A_CODE)
        if not right.update(used_at=now):
            raise Refused("wrong_code")
        person, _ = Person.objects.get_or_create(
            email=email, defaults={"language": language, "password": make_password(None)}
        )
    if not person.is_active:
        raise Refused("wrong_code")
    return person


def person_by_password(*, email: str, password: str, now: datetime) -> Person:
    """Return the person with this address and password; known or not, an address is tried twenty times an hour."""
    email = email.strip().lower()
    may_try("password", email, most=PASSWORDS_AN_HOUR, now=now)
    person = authenticate(username=email, password=password)
    if not isinstance(person, Person):
        raise Refused("wrong_password")
    return person


def sign_in_link(*, person: Person, now: datetime) -> str:
    """Return an address that signs the person in once, within a day; for the screen of who runs the server."""
    token = secrets.token_urlsafe(24)
    _keep("", token, now, LINK_LIFE)
    SignInCode.objects.filter(secret_hash=_hash("", token)).update(email=person.email)
    return str(settings.SITE_URL).rstrip("/") + reverse("sign-in-link", args=[token])


def person_by_link(*, token: str, now: datetime) -> Person:
    """Return the person whose link this is; it works once."""
    link = SignInCode.objects.filter(secret_hash=_hash("", token), used_at=None, expires_at__gt=now)
    email = link.values_list("email", flat=True).first()
    person = Person.objects.filter(email=email, is_active=True).first()
    if person is None or not link.update(used_at=now):
        raise Refused("used_link")
    return person


def speak(*, person: Person, language: str) -> None:
    """Note the language in which the person reads pages and mails."""
    if language in dict(settings.LANGUAGES) and person.language != language:
        Person.objects.filter(pk=person.pk).update(language=language)


def introduce(*, person: Person, name: str) -> None:
    """Note the name of someone who had not given one yet."""
    Person.objects.filter(pk=person.pk, name="").update(name=name.strip()[:200])


def person_at(*, email: str, name: str) -> Person:
    """Return who has this address, making them if they have never been here; a name is noted only if there is none."""
    person, _ = Person.objects.get_or_create(email=email.strip().lower(), defaults={"password": make_password(None)})
    introduce(person=person, name=name)
    person.refresh_from_db(fields=["name"])
    return person
