"""Texts and instants in the reader's language."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format, get_format
from django.utils.translation import pgettext

from common.fields import localised

register = template.Library()
register.filter("localised", localised)


@register.filter
def day(moment: datetime | None, zone: str = "Europe/Rome") -> str:
    """Write the day of an instant in a zone: "30 September 2013"."""
    return date_format(moment.astimezone(ZoneInfo(zone)), "DATE_FORMAT") if moment else ""


@register.filter
def minute(moment: datetime | None, zone: str = "Europe/Rome") -> str:
    """Write an instant in a zone as narrow tables have room for: "30 Sep, 18:00"."""
    return date_format(moment.astimezone(ZoneInfo(zone)), pgettext("date format", "j M, H:i")) if moment else ""


@register.filter
def clock(moment: datetime | None, zone: str = "Europe/Rome") -> str:
    """Write the time of day of an instant in a zone: "18:00"."""
    return date_format(moment.astimezone(ZoneInfo(zone)), "H:i") if moment else ""


@register.filter
def decimal(text: str, places: int = 0) -> str:
    """Write decimal text in the reader's language, with at least `places` decimals: "83.5" is "83,50" in Italian."""
    whole, _, part = text.partition(".")
    part = part.ljust(places, "0") if whole else ""
    return f"{whole}{get_format('DECIMAL_SEPARATOR')}{part}" if part else whole


@register.filter
def fingerprint(hash_: str) -> str:
    """Write the beginning of a hash so that two people can compare it aloud: "9f2c 41d8 a07e 5b36"."""
    return " ".join(hash_[at : at + 4] for at in range(0, 16, 4))
