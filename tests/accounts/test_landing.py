"""Whoever signs in lands where they belong."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("name", "route"), [("Bruno", "jury"), ("Ada", "organise"), ("Fabio", "my"), ("Sonia", "my")])
def test_jurors_organisers_and_applicants_each_come_to_their_own(cast: Cast, name: str, route: str) -> None:
    client = Client()
    client.force_login(person(name))
    assert client.get(reverse("me"))["Location"] == reverse(route)
