"""What an applicant sees, by the rules of axe: light and dark, on a phone and on a desk."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page

from contests.forms import STEPS
from contests.lifecycle import Phase
from tests.cast import Cast, person, raise_cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def addresses(cast: Cast) -> Iterator[str]:
    """Every page of an applicant whose proposal is a draft."""
    yield from ("/", cast.call.get_absolute_url(), reverse("my"), reverse("apply", args=[cast.call.code]))
    yield cast.draft.get_absolute_url()
    for step in STEPS:
        yield reverse("proposal-step", args=[cast.draft.pk, step])


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_applicant_s_pages_keep_the_rules_of_axe(browse: Callable[..., Page], scheme: str, width: int) -> None:
    cast = raise_cast(Phase.OPEN)
    page = browse(person("Ivo"), scheme=scheme, width=width)
    found = []
    for address in addresses(cast):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        violations = Axe().run(page).response["violations"]
        found += [(address, each["id"], [node["html"][:120] for node in each["nodes"]]) for each in violations]
    assert found == []
