"""Walls in the database for what no constraint can say: rows that never change, and rules across tables.

Each wall is one condition in SQL that PostgreSQL and SQLite share. They are made again after every migration, because
SQLite drops the triggers of a table that it rebuilds; a system check and an invariant miss them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.apps import AppConfig
from django.db import connection, transaction
from django.db.models.signals import post_migrate

TRUNCATE = "TRUNCATE"  # an event that only PostgreSQL has


@dataclass(frozen=True, slots=True)
class Wall:
    """Refuse `event` (INSERT, UPDATE, DELETE) on a row of `table` where `condition` over OLD and NEW holds."""

    name: str
    table: str
    event: str
    condition: str = "TRUE"

    @property
    def sentence(self) -> str:
        """What the database answers."""
        return self.name.replace("_", " ")


_WALLS: list[Wall] = []


def build(*walls: Wall) -> None:
    """Declare an app's walls; called from its `AppConfig.ready`."""
    _WALLS.extend(walls)


def never_changes(table: str, *, unless_update: str = "", unless_delete: str = "", truncates: bool = False) -> None:
    """Declare that rows of a table are neither changed nor deleted, unless the given conditions hold."""

    def but(condition: str) -> str:
        return f"NOT ({condition})" if condition else "TRUE"

    walls = [
        Wall(f"{table}_is_never_updated", table, "UPDATE", but(unless_update)),
        Wall(f"{table}_is_never_deleted", table, "DELETE", but(unless_delete)),
    ]
    if not truncates:
        walls.append(Wall(f"{table}_is_never_truncated", table, TRUNCATE))
    build(*walls)


def _postgresql(wall: Wall) -> str:
    rows, returned = ("STATEMENT", "NULL") if wall.event == TRUNCATE else ("ROW", "COALESCE(NEW, OLD)")
    return f"""
        CREATE OR REPLACE FUNCTION "{wall.name}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF {wall.condition} THEN
                RAISE EXCEPTION '{wall.sentence}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN {returned};
        END $$;
        DROP TRIGGER IF EXISTS "{wall.name}" ON "{wall.table}";
        CREATE TRIGGER "{wall.name}" BEFORE {wall.event} ON "{wall.table}"
            FOR EACH {rows} EXECUTE FUNCTION "{wall.name}"();
    """


def _sqlite(wall: Wall) -> str:
    return f"""
        CREATE TRIGGER IF NOT EXISTS "{wall.name}" BEFORE {wall.event} ON "{wall.table}" FOR EACH ROW
        WHEN {wall.condition} BEGIN SELECT RAISE(ABORT, '{wall.sentence}'); END
    """


def _walls() -> list[Wall]:
    """Return the walls that this database can have and whose tables exist."""
    tables = set(connection.introspection.table_names())
    postgresql = connection.vendor == "postgresql"
    return [wall for wall in _WALLS if wall.table in tables and (postgresql or wall.event != TRUNCATE)]


def raise_walls() -> None:
    """Make every wall; making one that stands is harmless."""
    statement = _postgresql if connection.vendor == "postgresql" else _sqlite
    with transaction.atomic(), connection.cursor() as cursor:
        for wall in _walls():
            cursor.execute(statement(wall))


@contextmanager
def walls_down() -> Iterator[None]:
    """Take the walls down for a while: for the flush between tests, and for nothing else."""
    with connection.cursor() as cursor:
        for wall in _walls():
            on = f' ON "{wall.table}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER IF EXISTS "{wall.name}"{on}')
    try:
        yield
    finally:
        raise_walls()


def missing() -> list[str]:
    """Return the names of the walls that should stand and do not."""
    source = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(source)
        standing = {name for (name,) in cursor.fetchall()}
    return sorted(wall.name for wall in _walls() if wall.name not in standing)


def connect() -> None:
    """Make the walls after every migration."""
    post_migrate.connect(_after_migration, dispatch_uid="common.triggers")


def _after_migration(sender: AppConfig, **_: object) -> None:
    if sender.name == "common":
        return  # the first app to migrate: the others' tables are not there yet when all is new
    raise_walls()
