"""What organisers type."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contests.models import Category


def reason_field(**options: Any) -> forms.CharField:  # noqa: ANN401 - the field's own options
    """Return a field that asks why; its help says who reads it."""
    missing = {"required": _("Write the reason.")}
    return forms.CharField(label=_("Reason"), error_messages=missing, widget=forms.Textarea({"rows": 3}), **options)


def offer(field: forms.Field, choices: Iterable[tuple[str, str | Promise]]) -> None:
    """Let a field choose from what is known only when it is shown."""
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - forms know their fields
    field.choices = list(choices)


class DeadlineForm(forms.Form):
    """A later deadline, in the call's own zone, and why."""

    closes_at = forms.DateTimeField(
        label=_("New deadline"),
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages=dict.fromkeys(("required", "invalid"), _("Write the day and the time.")),
    )
    reason = reason_field(
        help_text=_("Everyone who has a proposal reads it, in the message that tells the new deadline."),
        max_length=1000,
    )


class ReasonForm(forms.Form):
    """Why a proposal is excluded."""

    reason = reason_field(help_text=_("The applicant reads it. Name the rule and what is missing."), max_length=2000)


class JurorForm(forms.Form):
    """Whom to invite to the jury, and for which categories."""

    name = forms.CharField(label=_("Name"), max_length=200, error_messages={"required": _("Write the name.")})
    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("The invitation goes there, and the codes to sign in."),
        error_messages=dict.fromkeys(("required", "invalid"), _("Write an address such as name@example.org.")),
    )
    organisation = forms.CharField(
        label=_("Organisation"),
        help_text=_("Who comes from the same organisation as an applicant never reads that proposal."),
        max_length=300,
        required=False,
    )
    region = forms.CharField(
        label=_("Region"),
        help_text=_("Written as applicants write it. It only shows the chair whether jurors favour their own."),
        max_length=100,
        required=False,
    )
    categories = forms.MultipleChoiceField(
        label=_("Reads"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one category.")},
    )

    def __init__(self, *args: object, categories: list[Category], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # passed through unchanged
        offer(self.fields["categories"], [(category.code, str(category)) for category in categories])
        self.fields["categories"].initial = [category.code for category in categories] if len(categories) == 1 else []


class ConflictForm(forms.Form):
    """Which juror must not read which proposal."""

    juror = forms.ChoiceField(label=_("Juror"), error_messages={"required": _("Choose a juror.")})
    proposal = forms.CharField(
        label=_("Code of the proposal"), max_length=100, error_messages={"required": _("Write the code.")}
    )

    def __init__(self, *args: object, jurors: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # passed through unchanged
        offer(self.fields["juror"], [("", _("Choose")), *jurors])


class PlanForm(forms.Form):
    """How many readers each proposal should have; the seed makes the same plan again."""

    per_proposal = forms.IntegerField(
        label=_("Readers for each proposal"),
        min_value=1,
        max_value=20,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("Write a whole number from 1 to 20.")
        ),
    )
    seed = forms.CharField(
        label=_("Seed of the draw"),
        help_text=_("The same seed gives the same plan: anyone can draw it again."),
        max_length=100,
        required=False,
    )
