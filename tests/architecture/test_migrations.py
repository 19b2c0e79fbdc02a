"""Migrations of an app are one line: no branches, no merges, no gaps."""

import re
from itertools import pairwise

import pytest
from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

OURS = [app.label for app in apps.get_app_configs() if app.path.startswith(str(settings.BASE_DIR / app.label))]


@pytest.mark.parametrize("label", OURS)
def test_migrations_are_linear(label: str) -> None:
    migrations = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == label)
    numbers = [int(re.match(r"\d{4}", name)[0]) for name in migrations]  # type: ignore[index] # no match is a failure
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("label", OURS)
def test_each_migration_follows_the_one_before(label: str) -> None:
    loaded = MigrationLoader(None).disk_migrations
    line = sorted((key for key in loaded if key[0] == label), key=lambda key: key[1])
    for before, after in pairwise(line):
        assert [key for key in loaded[after].dependencies if key[0] == label] == [before]
