"""Work as rows: asked for with the change, claimed by compare-and-set, done at least once.

`ask` writes the row; on commit the bell rings; a worker claims what is due and calls the handler of its kind. Handlers
are idempotent: a lease that ends because a worker died lets another worker do the same work again.
"""

import json
import logging
import queue
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Exists, F, Q, Value, When

from common.models import Outbox

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 8
Work = Callable[[Mapping[str, object], datetime], None]


@dataclass(frozen=True, slots=True)
class Handler:
    """What does the work of one kind, and for how many leases a claim holds before another worker may take over.

    Patient work gives way: it is claimed when nothing else is due, one piece at a time, so that of two workers one is
    always free for what people wait for.
    """

    work: Work
    leases: int
    patient: bool


_HANDLERS: dict[str, Handler] = {}


def handles(kind: str, *, leases: int = 1, patient: bool = False) -> Callable[[Work], Work]:
    """Register the function that does the work of `kind`; `leases` is how many times longer than usual it may take."""

    def register(work: Work) -> Work:
        _HANDLERS[kind] = Handler(work, leases, patient)
        return work

    return register


# One statement, the same on both databases; the ORM cannot name the partial index by which a key pends once.
_ASK = """
    INSERT INTO common_outbox (kind, key, payload, state, bumps, attempts, created_at, due_at, claim, error)
    VALUES (%s, %s, %s, 'pending', 0, 0, %s, %s, '', '')
    ON CONFLICT (kind, key) WHERE state = 'pending' DO UPDATE SET bumps = common_outbox.bumps + 1
"""


def ask(kind: str, key: str, *, now: datetime, payload: Mapping[str, object] | None = None) -> None:
    """Ask for work in the running transaction; asked twice before it starts, it is done once.

    Whoever asks second bumps the row, so that its claim waits for them too.
    """
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [kind, key, json.dumps(dict(payload or {})), moment, moment])
    transaction.on_commit(ring)


def claim(now: datetime, *, patient: bool = True) -> Outbox | None:
    """Take one due row, or None. A row whose lease has ended counts as due; patient work does only if asked for."""
    due = Q(state=Outbox.State.PENDING, due_at__lte=now) | Q(state=Outbox.State.CLAIMED, lease_ends_at__lte=now)
    is_patient = Q(kind__in=[kind for kind, handler in _HANDLERS.items() if handler.patient])
    under_way = Outbox.objects.filter(is_patient, state=Outbox.State.CLAIMED, lease_ends_at__gt=now)
    gives_way = Case(When(is_patient, then=Value(1)), default=Value(0))
    with transaction.atomic():
        waits = is_patient & Q(Exists(under_way)) if patient else is_patient
        rows = Outbox.objects.filter(due, kind__in=_HANDLERS).exclude(waits)
        rows = rows.order_by(gives_way, "due_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        row = rows.first()
        if row is None:
            return None
        token = uuid.uuid4().hex
        taken = Outbox.objects.filter(due, pk=row.pk, claim=row.claim).update(
            state=Outbox.State.CLAIMED,
            claim=token,
            attempts=F("attempts") + 1,
            lease_ends_at=now + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS * _HANDLERS[row.kind].leases),
        )
    if not taken:
        return claim(now, patient=patient)
    row.claim = token
    row.attempts += 1
    return row


def perform(row: Outbox, now: datetime) -> bool:
    """Do the work of a claimed row and note how it ended; True when it was done."""
    try:
        _HANDLERS[row.kind].work(row.payload, now)
    except Exception as error:  # a failing piece of work must not stop the others
        logger.exception("%s failed (attempt %s)", row, row.attempts)
        _put_back(row, now, f"{type(error).__name__}: {error}")
        return False
    Outbox.objects.filter(pk=row.pk, claim=row.claim).update(state=Outbox.State.DONE, ended_at=now, error="")
    return True


def _put_back(row: Outbox, now: datetime, error: str) -> None:
    """Give the row back with a growing delay, or declare it dead; a newer row with its key takes its place."""
    mine = Outbox.objects.filter(pk=row.pk, claim=row.claim)
    if row.attempts >= MAX_ATTEMPTS:
        mine.update(state=Outbox.State.DEAD, ended_at=now, error=error)
        return
    try:
        with transaction.atomic():
            due_at = now + timedelta(seconds=2**row.attempts)
            mine.update(state=Outbox.State.PENDING, due_at=due_at, lease_ends_at=None, error=error)
    except IntegrityError:
        mine.update(state=Outbox.State.DONE, ended_at=now, error=error)


def drain(clock: Callable[[], datetime], *, limit: int = 1000, patient: bool = True) -> int:
    """Claim and do what is due, row by row, and return how many were done; patient work is left if not asked for."""
    done = 0
    for _ in range(limit):
        row = claim(clock(), patient=patient)
        if row is None:
            break
        done += perform(row, clock())
    return done


_bell: queue.SimpleQueue[None] = queue.SimpleQueue()
_ringer: threading.Thread | None = None
_ringer_lock = threading.Lock()


def ring() -> None:
    """Tell the workers that there is work. Never waits and never fails: the sweeper finds what a lost bell leaves."""
    global _ringer  # noqa: PLW0603 - one thread a process, made on first use, after the server has forked
    if not settings.REDIS_URL:
        return
    with _ringer_lock:
        if _ringer is None or not _ringer.is_alive():
            _ringer = threading.Thread(target=_ring_for_ever, name="bell", daemon=True)
            _ringer.start()
    if _bell.empty():
        _bell.put(None)


def _ring_for_ever() -> None:
    while True:
        _bell.get()
        try:
            current_app.send_task("common.tasks.sweep", expires=60)
        except Exception as error:  # noqa: BLE001 - whatever the broker's trouble, the row is safe in the database
            logger.warning("The bell did not ring: %s", error)
