"""Texts and instants in the reader's language."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format

from common.fields import localised

register = template.Library()
register.filter("localised", localised)


@register.filter
def day(moment: datetime | None, zone: str = "Europe/Rome") -> str:
    """Write the day of an instant in a zone: "30 September 2013"."""
    return date_format(moment.astimezone(ZoneInfo(zone)), "DATE_FORMAT") if moment else ""


@register.filter
def clock(moment: datetime | None, zone: str = "Europe/Rome") -> str:
    """Write the time of day of an instant in a zone: "18:00"."""
    return date_format(moment.astimezone(ZoneInfo(zone)), "H:i") if moment else ""
