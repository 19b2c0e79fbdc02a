"""A scene is played once by the real services; later tests of the process get its rows back in one statement a table.

Only where the database holds nothing else, inside a transaction that is rolled back: a test that commits plays it anew.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeVar

from django.apps import apps
from django.db import connection

from accounts.models import Person
from common import clock, triggers

Scene = TypeVar("Scene")
Rows = dict[str, list[tuple[object, ...]]]
FRESH = timedelta(minutes=10)  # a scene has dates around the present
_kept: dict[object, "_Kept"] = {}


@dataclass(frozen=True, slots=True)
class _Kept:
    at: datetime
    scene: object
    rows: Rows


def keep(key: object, play: Callable[[], Scene]) -> Scene:
    """Return the scene, from its rows if it was played a short while ago; a scene is a copy, to change at will."""
    if not connection.in_atomic_block or Person.objects.exists():
        return play()
    kept = _kept.get(key)
    if kept is not None and timedelta(0) <= clock.now() - kept.at < FRESH:
        _put(kept.rows)
    else:
        at, scene = clock.now(), play()
        kept = _kept[key] = _Kept(at, deepcopy(scene), rows_of_all_tables())
    return deepcopy(kept.scene)  # type: ignore[return-value] # it was kept under this key


def forget() -> None:
    """Play every scene anew from now on."""
    _kept.clear()


def rows_of_all_tables() -> Rows:
    """Return {table: its rows} of the whole database."""
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    rows: Rows = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows[table] = cursor.fetchall()
    return rows


def _put(rows: Rows) -> None:
    with _unwatched(), connection.cursor() as cursor:
        for table, those in rows.items():
            if those and table not in STANDING:
                row = f"({', '.join(['%s'] * len(those[0]))})"
                cursor.execute(f'INSERT INTO "{table}" VALUES {", ".join([row] * len(those))}', [*chain(*those)])


STANDING = {"django_content_type", "auth_permission"}  # the migrations wrote them


@contextmanager
def _unwatched() -> Iterator[None]:
    """Let no trigger look at rows that it has let pass before."""
    if connection.vendor != "postgresql":
        with triggers.walls_down():
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
