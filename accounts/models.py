"""People, organisations, and the codes people sign in with."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class PersonManager(BaseUserManager["Person"]):
    """People, found by their address in any case."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        """Return the person with this e-mail address."""
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "Person":
        """Create a person; without a password they sign in by code."""
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save()
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "Person":
        """Create an administrator of the platform."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Person(AbstractBaseUser, PermissionsMixin):
    """Whoever signs in: applicant, juror, organiser. What they may do depends on their role in each call."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(max_length=8, default="it")
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PersonManager] = PersonManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.UniqueConstraint(Lower("email"), name="person_email_is_unique_in_any_case"),
            models.CheckConstraint(condition=~Q(email=""), name="person_has_an_email"),
        )

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def short_name(self) -> str:
        """First name and initial, for the page head; the start of the address of who gave no name."""
        if not self.name:
            return self.email.partition("@")[0][:20]
        first, _, last = self.name.partition(" ")
        return f"{first} {last[0]}." if last else first


class Organisation(models.Model):
    """A body that applies, organises or sends jurors; a consortium is the parent of its members."""

    name = models.CharField(_("name"), max_length=300)
    fiscal_code = models.CharField(_("fiscal code"), max_length=16, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=16, blank=True)
    region = models.CharField(_("region"), max_length=60, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="members")

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = (
            models.UniqueConstraint(
                fields=["fiscal_code"], condition=~Q(fiscal_code=""), name="organisation_fiscal_code_is_unique"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="organisation_has_a_name"),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="organisation_is_not_its_own_parent"),
        )
        indexes = (models.Index(fields=["name"], name="organisation_by_name"),)

    def __str__(self) -> str:
        return self.name


class SignInCode(models.Model):
    """A code sent to an address, or a link: kept as a hash, short-lived, used once.

    `network` is a hash of whence it was asked for, `known` whether by a browser that had come in by the address before.
    """

    email = models.EmailField()
    network = models.CharField(max_length=64, blank=True)
    known = models.BooleanField(default=False)
    secret_hash = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("sent_at")), name="sign_in_code_expires_after_it_is_sent"
            ),
        )
        indexes = (models.Index(fields=["email", "sent_at"], name="sign_in_code_by_email"),)

    def __str__(self) -> str:
        return self.email


class Attempt(models.Model):
    """Something that may be tried only so often, such as guessing a password; whose it was is kept as a hash."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["key", "at"], name="attempt_by_key"),
            models.Index(fields=["at"], name="attempt_by_time"),
        )

    def __str__(self) -> str:
        return self.key[:12]
