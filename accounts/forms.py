"""What people write to sign in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """The six digits, with or without spaces."""

    use_required_attribute = False
    code = forms.CharField(
        label=_("The six digits"),
        max_length=20,
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "class": "digits", "size": 7}
        ),
        error_messages={"required": _("Write the six digits that we sent you.")},
    )

    def clean_code(self) -> str:
        """Return the digits alone: a code is often pasted with spaces."""
        return "".join(self.cleaned_data["code"].split())


class PasswordForm(forms.Form):
    """Address and password."""

    use_required_attribute = False
    email = forms.EmailField(
        label=_("Your e-mail address"),
        widget=forms.EmailInput({"autocomplete": "username", "autofocus": True}),
        error_messages={
            "required": _("Write your e-mail address."),
            "invalid": _("Write a whole address, such as name@example.org."),
        },
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": _("Write your password.")},
    )
