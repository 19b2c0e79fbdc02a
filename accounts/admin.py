"""The administration: people and organisations, to be read. Nothing writes past the services."""

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Organisation, Person


def _never(self: object, request: HttpRequest, obj: object = None) -> bool:
    """Nobody may."""
    return False


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg] # one base for several models
    """A model that is shown and never changed here."""

    has_add_permission = has_change_permission = has_delete_permission = _never


@admin.register(Person)
class PersonAdmin(ReadOnly):
    """People."""

    list_display = ("email", "name", "joined_at", "is_active")
    search_fields = ("email", "name")
    exclude = ("password",)


@admin.register(Organisation)
class OrganisationAdmin(ReadOnly):
    """Organisations."""

    list_display = ("name", "region", "parent")
    search_fields = ("name", "fiscal_code")
