"""What every command of this app asks first; each answer is one clear line."""

from django.core.management import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from contests.models import Call


def database_ready() -> None:
    """Raise CommandError if the database cannot be reached, or lacks a migration."""
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        raise CommandError(f"The database cannot be read ({reason}).") from None
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is not migrated: run manage.py migrate.")


def find_call(code: str) -> Call:
    """Return a call by its code, or raise CommandError."""
    call = Call.objects.select_related("edition__programme__organisation").filter(code=code).first()
    if call is None:
        raise CommandError(f'There is no call "{code}".')
    return call
