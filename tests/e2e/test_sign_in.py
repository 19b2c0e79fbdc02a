"""Signing in, in a browser: what a test client cannot see are the headers that a browser adds."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from accounts.services import sign_in_link
from common import clock
from tests.cast import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_link_that_make_run_prints_signs_in(browse: Callable[..., Page]) -> None:
    link = urlsplit(sign_in_link(person=person("Bruno"), now=clock.now())).path
    page = browse()

    page.goto(link)
    page.get_by_role("button", name="Come in").click()

    expect(page.get_by_text("Bruno P.").first).to_be_visible()
