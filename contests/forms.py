"""What an applicant writes, one form a step. A draft may be empty or too long: it is saved all the same."""

from collections.abc import Mapping
from hashlib import sha256
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from common.fields import localised
from contests.models import Proposal
from contests.services import SUMMARY_WORDS
from engine.words import too_long, words_in

CHECK, FILES = "check", "files"


class Answer(forms.CharField):
    """A text that must be there to send the proposal, but not to save it."""

    def validate(self, value: str) -> None:
        """Take any text."""

    def to_python(self, value: str | None) -> str:
        """Return the text with the line ends that are stored."""
        return (super().to_python(value) or "").replace("\r\n", "\n")


class StepForm(forms.Form):
    """One step: its fields, how to read them from a proposal and how to write them back."""

    use_required_attribute = False
    step: ClassVar[str]

    def __init__(self, proposal: Proposal, data: Mapping[str, str] | None = None) -> None:
        self.proposal = proposal
        super().__init__(self.saved() if data is None else data)

    def saved(self) -> dict[str, str]:
        """Return what is saved of this step."""
        raise NotImplementedError

    def changes(self) -> dict[str, object]:
        """Return what is written, as `save_proposal` takes it."""
        return dict(self.cleaned_data)

    def limits(self) -> dict[str, int]:
        """Return {field: how many words it may have}."""
        return {}

    @property
    def needed(self) -> frozenset[str]:
        """The fields without which the proposal cannot be sent."""
        return frozenset(name for name, field in self.fields.items() if isinstance(field, Answer))

    @property
    def token(self) -> str:
        """The version that this form was filled from, and a fingerprint of what this step held in it."""
        return f"{self.proposal.version}-{fingerprint(self.saved())}"

    def explain(self, *, also_missing: bool) -> None:
        """Say at each field what keeps the proposal from being sent."""
        self.full_clean()
        for name in self.needed & self.cleaned_data.keys():
            text = self.cleaned_data[name]
            over = too_long(text, self.limits().get(name, words_in(text)))
            if over:
                words = ngettext(
                    "Remove {n} word. You can send only then.", "Remove {n} words. You can send only then.", over
                )
                self.add_error(name, words.format(n=over))
            elif not text and also_missing:
                self.add_error(name, _("Write this: the proposal cannot be sent without it."))


def fingerprint(values: Mapping[str, str]) -> str:
    """Return a short hash of texts by name."""
    return sha256("\0".join(f"{name}\0{text}" for name, text in sorted(values.items())).encode()).hexdigest()[:12]


class WhoForm(StepForm):
    """Who proposes, and under which title."""

    step = "who"
    title = Answer(label=_("Title of the proposal"), max_length=300)
    organisation = Answer(
        label=_("Your organisation"),
        help_text=_("Its name in full. For an informal group, the name you go by."),
        max_length=300,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    region = forms.CharField(label=_("Region"), max_length=60, required=False)
    applicant_name = forms.CharField(
        label=_("Your name"),
        help_text=_("Who we write to. The jury does not see it."),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "name"}),
    )

    def saved(self) -> dict[str, str]:
        """Return what is saved of this step."""
        proposal = self.proposal
        return {
            "title": proposal.title,
            "organisation": proposal.organisation.name if proposal.organisation else "",
            "region": proposal.region,
            "applicant_name": proposal.applicant_name,
        }


class TextForm(StepForm):
    """The summary, and the category's longer question."""

    step = "text"
    summary = Answer(
        label=_("Summary"),
        help_text=_("What you do, for whom, and what came of it. The jury reads this first."),
        widget=forms.Textarea({"rows": 4}),
    )
    answer = Answer(widget=forms.Textarea({"rows": 10}))

    def __init__(self, proposal: Proposal, data: Mapping[str, str] | None = None) -> None:
        super().__init__(proposal, data)
        self.fields["answer"].label = localised(proposal.category.question) or _("Your proposal, in full")
        self.fields["answer"].help_text = localised(proposal.category.help)

    def saved(self) -> dict[str, str]:
        """Return what is saved of this step."""
        return {"summary": self.proposal.summary, "answer": self.proposal.answers.get("answer", "")}

    def changes(self) -> dict[str, object]:
        """Return the summary, and the answer among the other answers that the proposal may have."""
        answers = {**self.proposal.answers, "answer": self.cleaned_data["answer"]}
        return {"summary": self.cleaned_data["summary"], "answers": answers}

    def limits(self) -> dict[str, int]:
        """Return the limits of both texts."""
        return {"summary": SUMMARY_WORDS, "answer": self.proposal.category.words}


FORMS: dict[str, type[StepForm]] = {form.step: form for form in (WhoForm, TextForm)}
STEPS = (*FORMS, FILES, CHECK)


class FileForm(forms.Form):
    """One file; a new one takes the place of the old."""

    file = forms.FileField(
        label=_("Your file"),
        help_text=_("One PDF, JPEG or PNG, up to 20 MB. The jury sees it: leave names out if you can."),
        required=False,
        widget=forms.FileInput({"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"empty": _("The file is empty. Choose it again."), "invalid": _("Choose the file again.")},
    )
