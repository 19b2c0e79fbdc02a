"""What must be true before the server starts."""

from collections.abc import Iterator, Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from common import triggers, visibility

# Django's own admin checks its own permissions; it is staff-only and read-only (see docs/architecture.md).
_OUTSIDE = ("admin",)


def routes(patterns: Sequence[URLPattern | URLResolver] | None = None, inside: str = "") -> Iterator[tuple[str, str]]:
    """Yield (name, path) of every route, the name with its namespace."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = inside + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if pattern.namespace not in _OUTSIDE:
                yield from routes(pattern.url_patterns, path)
        else:
            yield pattern.name or "", path


def every_route_has_a_door(app_configs: Sequence[AppConfig] | None, **_: object) -> Sequence[CheckMessage]:
    """Refuse to start while a route is not in the visibility table, or the table names one that is not there."""
    named = dict(routes())
    doors = visibility.doors()
    without = [f"{name or '(unnamed)'} at /{path}" for name, path in routes() if name not in doors]
    stale = [name for name in doors if name not in named]
    return [
        Error(f"The route {route} has no door.", hint="Name it in its app's visibility.py.", id="giuria.E001")
        for route in without
    ] + [
        Error(f"The door {route} leads nowhere.", hint="Remove it from visibility.py.", id="giuria.E002")
        for route in stale
    ]


def every_wall_stands(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **_: object
) -> list[CheckMessage]:
    """Miss the triggers that keep append-only tables so, once the database has been migrated."""
    if not databases or "django_migrations" not in connection.introspection.table_names():
        return []
    return [
        Error(f"The database lacks the trigger {name}.", hint="Run manage.py migrate.", id="giuria.E003")
        for name in triggers.missing()
    ]


def connect() -> None:
    """Register the checks."""
    register(every_route_has_a_door, Tags.urls)
    register(every_wall_stands, Tags.database)
