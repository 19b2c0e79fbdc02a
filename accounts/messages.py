"""What accounts may refuse, in words."""

from django.utils.translation import gettext_lazy as _

from common.errors import declare

declare(
    {
        "wrong_code": (422, _("This code is not right, or it has expired. Ask for a new one.")),
        "too_many_codes": (429, _("You asked for many codes. Wait {minutes} minutes, or sign in by password.")),
        "too_many_attempts": (429, _("Too many tries from here. Wait {minutes} minutes, then try again.")),
        "wrong_password": (422, _("The address or the password is not right.")),
        "used_link": (410, _("This link has been used or has expired. Ask for a code with your e-mail address.")),
    }
)
