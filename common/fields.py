"""Model fields that both databases share."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def localised(text: dict[str, str] | None, language: str | None = None) -> str:
    """Return the text in the asked language, else in the first one it has, else empty."""
    if not text:
        return ""
    asked = (language or get_language() or "it").split("-")[0]
    return text.get(asked) or next((words for words in text.values() if words), "")


def _check_languages(value: object) -> None:
    if not isinstance(value, dict) or not all(isinstance(k, str) and isinstance(v, str) for k, v in value.items()):
        raise ValidationError(_("Give a text for each language."))


class LocalisedField(models.JSONField):
    """An organiser's text in several languages: {"it": …, "en": …}."""

    default_validators = [_check_languages]  # noqa: RUF012 - as Django's own fields have it

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # passed through unchanged
