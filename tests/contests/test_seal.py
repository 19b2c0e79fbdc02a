"""The seal of the rules: whoever downloads them and hashes the file finds the hash that the page and the API show."""

import hashlib
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common import clock
from contests import services
from contests.lifecycle import Phase
from contests.models import RuleSet
from engine.ledger import canonical
from tests.cast import ROLES, RULES, Cast, raise_cast
from tests.rest import Caller

pytestmark = pytest.mark.django_db
DOCUMENT = "/calls/fare-rete/rules/business-case/jury.json"


def change(cast: Cast, quorum: int) -> RuleSet:
    newest = services.rules_of(cast.round)
    assert newest
    return services.change_rules(
        round_=cast.round, document={**RULES, "quorum": quorum}, seen=newest.hash, reason=f"Quorum {quorum}.",
        actor=cast.organiser, roles=ROLES, now=clock.now(),
    )  # fmt: skip


def page(client: Client, language: str = "en") -> str:
    client.cookies["django_language"] = language
    return client.get("/calls/fare-rete/").content.decode()


def api() -> list[dict[str, Any]]:
    seals: list[dict[str, Any]] = Caller().get("/calls/fare-rete/").json()["categories"][0]["seals"]
    return seals


def test_the_file_that_anyone_downloads_has_the_hash_that_everyone_reads(client: Client) -> None:
    cast = raise_cast(Phase.OPEN)
    rules = RuleSet.objects.get(round=cast.round)
    response = client.get(DOCUMENT)
    assert hashlib.sha256(response.content).hexdigest() == rules.hash == api()[0]["hash"]
    assert rules.hash in page(client)
    assert response.content == canonical(RULES).encode()
    assert response.content[:1] == b"{"
    assert response.content[-1:] == b"}"


@pytest.mark.parametrize("phase", list(Phase)[1:], ids=str)
def test_every_version_is_found_by_page_and_api_in_every_phase_and_has_its_own_hash(
    client: Client, phase: Phase
) -> None:
    cast = raise_cast(phase)
    if phase in {Phase.ANNOUNCED, Phase.OPEN, Phase.SCREENING, Phase.JUDGING}:
        change(cast, 3)
        change(cast, 1)
    versions = list(RuleSet.objects.filter(round=cast.round).order_by("-version"))
    shown, seals = page(client), api()
    assert [seal["version"] for seal in seals] == [rules.version for rules in versions]
    for rules, seal in zip(versions, seals, strict=True):
        path = re.sub(r"^https?://[^/]+", "", seal["url"])
        assert path == f"{DOCUMENT}?version={rules.version}" == rules.get_absolute_url()
        assert hashlib.sha256(client.get(path).content).hexdigest() == rules.hash == seal["hash"]
        assert seal["reason"] == rules.reason
        assert seal["sealed_at"] is not None
        assert rules.reason in shown
        assert (path in shown) == (len(versions) > 1)
    assert hashlib.sha256(client.get(DOCUMENT).content).hexdigest() == versions[0].hash


@pytest.mark.parametrize(("language", "words"), [("en", "Version 2"), ("it", "Versione 2")])
def test_the_page_tells_each_version_in_the_readers_language(client: Client, language: str, words: str) -> None:
    change(raise_cast(Phase.OPEN), 3)
    shown = page(client, language)
    assert words in shown
    assert "Quorum 3." in shown


def test_the_document_is_served_to_be_kept_and_known_again_by_its_hash(client: Client) -> None:
    cast = raise_cast(Phase.OPEN)
    newest = change(cast, 3)
    response = client.get(DOCUMENT)
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == 'attachment; filename="fare-rete-business-case-jury.json"'
    assert response["ETag"] == f'"{newest.hash}"'
    assert client.get(f"{DOCUMENT}?version=1")["Content-Disposition"].endswith('business-case-jury-v1.json"')
    known = client.get(DOCUMENT, headers={"if-none-match": response["ETag"]})
    assert (known.status_code, known.content, known["ETag"]) == (304, b"", response["ETag"])
    assert client.get(f"{DOCUMENT}?version=1", headers={"if-none-match": response["ETag"]}).status_code == 200


@pytest.mark.parametrize("version", ["2", "0", "-1", "one", "1.0", "٣", "99999999999999999999"])
def test_a_version_that_is_not_there_is_not_found(client: Client, version: str) -> None:
    raise_cast(Phase.OPEN)
    assert client.get(DOCUMENT, {"version": version}).status_code == 404


def test_a_draft_is_not_given_out(client: Client) -> None:
    cast = raise_cast(Phase.DRAFT)
    assert client.get(DOCUMENT).status_code == 404
    client.force_login(cast.organiser)
    assert client.get(DOCUMENT).status_code == 404


def test_page_and_api_cost_the_same_whatever_the_number_of_versions(client: Client) -> None:
    cast = raise_cast(Phase.OPEN)

    def cost() -> list[int]:
        found = []
        for address in ("/calls/fare-rete/", "/api/v1/calls/fare-rete/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        return found

    few = cost()
    for quorum in (3, 4, 5, 6):
        change(cast, quorum)
    assert cost() == few
