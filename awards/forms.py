"""What organisers type when they decide and publish."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from awards.models import Decision
from reviews.forms.rooms import offer, reason_field


class DecisionForm(forms.Form):
    """One decision about a prize, or a mention."""

    kind = forms.ChoiceField(label=_("What is decided"), choices=Decision.Kind.choices, widget=forms.RadioSelect)
    proposal = forms.CharField(label=_("Code of the proposal"), max_length=100, required=False)
    reason = reason_field(
        help_text=_("Needed when you depart from the ranking. Why a prize is not conferred, everyone reads."),
        max_length=2000,
        required=False,
    )
    second = forms.ChoiceField(
        label=_("Second person"), help_text=_("Needed when you depart from the ranking."), required=False
    )

    def __init__(self, *args: object, kinds: Iterable[str], seconds: Iterable[Person], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # passed through unchanged
        offered = set(kinds)
        kinds_shown = [(value, capfirst(str(label))) for value, label in Decision.Kind.choices if value in offered]
        offer(self.fields["kind"], kinds_shown)
        offer(self.fields["second"], [("", _("Nobody")), *((str(person.pk), str(person)) for person in seconds)])


class TieForm(forms.Form):
    """The order inside a tie: one place for each proposal, and why."""

    reason = reason_field(max_length=2000)

    def __init__(self, *args: object, members: Iterable[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # passed through unchanged
        self.codes = dict(members)
        for number, (code, title) in enumerate(self.codes.items(), start=1):
            self.fields[f"place-{code}"] = forms.IntegerField(
                label=f"{title} ({code})", min_value=1, max_value=len(self.codes), initial=number
            )
        self.order_fields([*(f"place-{code}" for code in self.codes), "reason"])

    def clean(self) -> None:
        """Refuse two proposals on one place."""
        super().clean()
        places = [self.cleaned_data.get(f"place-{code}") for code in self.codes]
        if None not in places and len(set(places)) < len(places):
            raise forms.ValidationError(_("Give each proposal a place of its own."))

    @property
    def places(self) -> list[forms.BoundField]:
        """The fields in which places are typed."""
        return [self[f"place-{code}"] for code in self.codes]

    @property
    def order(self) -> list[str]:
        """The codes, the best first."""
        return sorted(self.codes, key=lambda code: self.cleaned_data[f"place-{code}"])


class EmbargoForm(forms.Form):
    """The minute from which the results are public, in the call's own zone."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))

    def __init__(self, *args: object, zone: ZoneInfo, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # passed through unchanged
        self.zone = zone

    def clean(self) -> None:
        """Refuse a time that the clocks skip or show twice."""
        super().clean()
        day, at = self.cleaned_data.get("day"), self.cleaned_data.get("time")
        if day is not None and at is not None:
            self.cleaned_data["moment"] = one_instant(day, at, self.zone)

    @property
    def moment(self) -> datetime:
        """The instant, in UTC."""
        found: datetime = self.cleaned_data["moment"]
        return found


def one_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant that a zone's clocks call so, in UTC; `ValidationError` when they skip it or show it twice."""
    local = datetime.combine(day, at)
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if first.astimezone(zone).replace(tzinfo=None) != local:
        raise forms.ValidationError(_("The clocks go forward that night and skip this time. Choose another."))
    raise forms.ValidationError(_("The clocks go back that night and show this time twice. Choose another."))
