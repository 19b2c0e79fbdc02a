"""What every address of the API keeps to: tokens, keys, errors, pages, limits."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from knox.models import AuthToken
from time_machine import travel

from accounts import services as accounts
from awards.models import Decision
from common import clock
from common.checks import routes
from common.errors import declared
from common.models import IdempotencyKey
from contests.lifecycle import Phase
from contests.models import Proposal
from tests.cast import Cast, person, raise_cast
from tests.rest import Answer, Caller, Size, Stage
from tools import refusals

pytestmark = pytest.mark.django_db


def refusal(response: Answer) -> str:
    """The code of an error, whose body has the shape that is promised."""
    body = response.json()
    assert {"code", "detail", "facts"} <= body.keys() <= {"code", "detail", "facts", "fields"}
    assert declared()[body["code"]].status == response.status_code
    assert body["detail"]
    return str(body["code"])


# Tokens.


def token_by(**secret: str) -> Answer:
    return Caller().post("/tokens/", {"email": "fabio@example.org", **secret})


@pytest.fixture
def fabio() -> str:
    """The password of Fabio."""
    found = person("Fabio")
    found.set_password("una frase molto lunga")
    found.save()
    return "una frase molto lunga"


def test_a_password_gives_a_token_and_the_token_opens(fabio: str) -> None:
    made = token_by(password=fabio)
    assert made.status_code == 201
    assert Caller().get("/proposals/").status_code == 401
    assert Caller(token=made.json()["token"]).get("/proposals/").status_code == 200


def test_a_code_gives_a_token_to_who_has_no_password() -> None:
    code = accounts.issue_code(email="fabio@example.org", network="127.0.0.1", now=clock.now())
    assert token_by(code="000000" if code != "000000" else "111111").status_code == 422
    assert Caller(token=token_by(code=code).json()["token"]).get("/proposals/").status_code == 200
    assert refusal(token_by(code=code)) == "wrong_code"


def test_a_wrong_secret_gives_none_and_is_tried_only_so_often(fabio: str) -> None:
    assert refusal(token_by(password="un'altra frase")) == "wrong_password"
    assert refusal(token_by()) == refusal(token_by(password=fabio, code="123456")) == "invalid"
    for _try in range(accounts.PASSWORDS_AN_HOUR):
        last = token_by(password="ancora un'altra")
    assert refusal(last) == "too_many_attempts"
    assert not AuthToken.objects.exists()


def test_a_token_is_kept_as_a_hash(fabio: str) -> None:
    text = token_by(password=fabio).json()["token"]
    kept = AuthToken.objects.get()
    assert text not in (kept.digest, kept.pk)
    assert not kept.digest.startswith(kept.token_key)


def test_a_token_expires(fabio: str) -> None:
    made = token_by(password=fabio).json()
    with travel(clock.now() + timedelta(days=29)):
        assert Caller(token=made["token"]).get("/proposals/").status_code == 200
    with travel(clock.now() + timedelta(days=31)):
        assert refusal(Caller(token=made["token"]).get("/proposals/")) == "not_signed_in"


def test_a_token_that_was_given_back_opens_nothing(fabio: str) -> None:
    caller = Caller(token=token_by(password=fabio).json()["token"])
    other = Caller(token=token_by(password=fabio).json()["token"])
    assert caller.delete("/tokens/current/").status_code == 204
    assert refusal(caller.get("/proposals/")) == "not_signed_in"
    assert other.get("/proposals/").status_code == 200


def test_the_token_of_who_was_shut_out_opens_nothing() -> None:
    caller = Caller("Fabio")
    person("Fabio").__class__.objects.filter(email="fabio@example.org").update(is_active=False)
    assert refusal(caller.get("/proposals/")) == "not_signed_in"


@pytest.mark.parametrize("token", ["x", "\xff" * 64, "a\0b", "0" * 10_000, "'; --"])
def test_what_is_no_token_is_no_failure(token: str) -> None:
    assert refusal(Caller(token=token).get("/proposals/")) == "not_signed_in"


# Keys.


MENTION = {"kind": "mention", "category": "business-case", "reason": "Per l’ascolto."}


def mention(caller: Caller, cast: Cast, key: str, number: int = 0) -> Answer:
    body = {**MENTION, "proposal": cast.proposals[number].code}
    return caller.post("/calls/fare-rete/decisions/", body, headers={"Idempotency-Key": key})


def test_the_same_key_gets_the_same_answer_and_is_done_once(cast: Cast) -> None:
    caller = Caller("Ada")
    first, again = mention(caller, cast, "k"), mention(caller, cast, "k")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert [response.get("Idempotency-Replayed") for response in (first, again)] == [None, "true"]
    assert Decision.records.count() == 1
    assert refusal(mention(caller, cast, "another")) == "decided_already"


def test_the_same_key_with_another_request_is_refused(cast: Cast) -> None:
    caller = Caller("Ada")
    mention(caller, cast, "k")
    assert refusal(mention(caller, cast, "k", number=1)) == "key_reused"
    elsewhere = caller.post("/calls/fare-rete/close-judging/", headers={"Idempotency-Key": "k"})
    assert refusal(elsewhere) == "key_reused"
    assert Decision.records.count() == 1


def test_a_refusal_is_an_answer_too(stage: Stage) -> None:
    cast, caller = stage(Phase.DELIBERATION), Caller("Chiara")
    assert refusal(mention(caller, cast, "k")) == "not_allowed"
    cast.call.roles.create(person=person("Chiara"), role="organiser")
    assert refusal(mention(caller, cast, "k")) == "not_allowed"
    assert mention(caller, cast, "another").status_code == 201


def test_a_key_belongs_to_a_person(cast: Cast) -> None:
    cast.call.roles.create(person=person("Chiara"), role="organiser")
    assert mention(Caller("Ada"), cast, "k").status_code == 201
    assert mention(Caller("Chiara"), cast, "k", number=1).status_code == 201


def test_a_failure_of_ours_leaves_neither_key_nor_effect(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = Caller("Ada")
    with monkeypatch.context() as broken:
        broken.setattr("awards.api.DecisionSerializer.to_representation", lambda *_: 1 // 0)
        assert mention(caller, cast, "k").status_code == 500
    assert not Decision.records.exists()
    assert not IdempotencyKey.objects.exists()
    assert mention(caller, cast, "k").status_code == 201


def test_keys_live_for_a_week(cast: Cast) -> None:
    caller = Caller("Ada")
    mention(caller, cast, "k")
    IdempotencyKey.objects.update(created_at=clock.now() - timedelta(days=8))
    mention(caller, cast, "other", number=1)
    assert IdempotencyKey.objects.count() == 1


def test_a_key_counts_for_a_file_by_its_content(stage: Stage) -> None:
    cast = stage(Phase.OPEN)
    caller = Caller("Ivo")

    def upload(name: str, content: bytes) -> Answer:
        return caller.post(
            f"/proposals/{cast.draft.pk}/attachments/",
            {"file": SimpleUploadedFile(name, content)},
            format="multipart",
            headers={"Idempotency-Key": "k"},
        )

    first = upload("a.pdf", b"%PDF-1.7 uno")
    assert first.status_code == 201, first.content
    assert upload("a.pdf", b"%PDF-1.7 uno").json() == first.json()
    assert refusal(upload("a.pdf", b"%PDF-1.7 due")) == "key_reused"
    assert len(caller.get(f"/proposals/{cast.draft.pk}/attachments/").json()) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite
def test_two_at_once_with_one_key_have_one_effect(size: Size) -> None:
    cast = raise_cast(Phase.JUDGING)
    callers = [Caller("Ada") for _ in range(2)]

    def send(job: tuple[Caller, str]) -> Answer:
        try:
            return mention(job[0], cast, job[1])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for number in range(size(5, 200)):
            one, other = pool.map(send, [(caller, f"k{number}") for caller in callers])
            assert one.status_code == other.status_code == 201
            assert one.json() == other.json()
            Decision.records.get().delete()


# Errors.


def test_errors_have_one_shape(cast: Cast) -> None:
    ada = Caller("Ada")
    address = "/calls/fare-rete/decisions/"
    assert refusal(Caller().get(address)) == "not_signed_in"
    assert refusal(Caller("Sonia").get(address)) == "not_found"
    assert refusal(ada.get("/nowhere/")) == "not_found"
    assert refusal(ada.get("/proposals/no-uuid/")) == "not_found"
    assert refusal(ada.put(address, {})) == "wrong_method"
    assert refusal(ada.post(address, {})) == "invalid"
    assert refusal(ada.post(address, b"{", content_type="application/json")) == "malformed"
    assert refusal(ada.post(address, b"a=1", content_type="text/plain")) == "wrong_type"
    assert refusal(ada.get(address, headers={"Accept": "text/html"})) == "wrong_answer_type"
    large = json.dumps({"reason": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE})
    assert refusal(ada.post(address, large, content_type="application/json")) == "too_large"


def test_an_error_says_which_fields_are_wrong_and_in_which_language(cast: Cast) -> None:
    response = Caller("Ada").post("/calls/fare-rete/deadline/", {"reason": "x"}, headers={"Accept-Language": "it"})
    assert response.json()["fields"].keys() == {"closes_at"}
    assert response.json()["detail"] == "Alcuni campi non vanno bene."


def test_a_session_of_a_browser_needs_its_csrf_token(cast: Cast) -> None:
    browser = Caller()
    browser.handler.enforce_csrf_checks = True
    browser.force_login(person("Ada"))
    assert browser.get("/proposals/").status_code == 200
    assert refusal(browser.post("/calls/fare-rete/close-judging/")) == "permission_denied"


@pytest.mark.parametrize(
    "local", ["2027-03-28T02:30:00", "2026-10-25T02:30:00", "2026-11-14 12:30", "2026-11-14", "", "ieri", None, 12]
)
def test_an_instant_without_its_offset_is_refused(stage: Stage, local: object) -> None:
    stage(Phase.OPEN)
    response = Caller("Ada").post("/calls/fare-rete/deadline/", {"closes_at": local, "reason": "Per tutti."})
    assert refusal(response) == "invalid"
    assert "closes_at" in response.json()["fields"]


def test_an_instant_is_the_same_with_any_offset_and_is_written_in_utc(stage: Stage) -> None:
    cast = stage(Phase.OPEN)
    later = (cast.call.closes_at + timedelta(days=2)).replace(microsecond=0)
    for zone in (timedelta(hours=2), timedelta(hours=-5)):
        text = (later + zone).strftime("%Y-%m-%dT%H:%M:%S") + ("+02:00" if zone > timedelta() else "-05:00")
        body = {"closes_at": text, "reason": "Per tutti."}
        Caller("Ada").post("/calls/fare-rete/deadline/", body)
        assert Caller().get("/calls/fare-rete/").json()["closes_at"] == later.strftime("%Y-%m-%dT%H:%M:%SZ")
        later += timedelta(days=1)


# Pages and limits.


@pytest.mark.parametrize(
    "query", ["limit=99999999999999999999", "offset=99999999999999999999", "limit=-1", "limit=x&offset=0"]
)
def test_a_page_is_never_too_large(cast: Cast, query: str) -> None:
    for address in ("/proposals/", "/calls/", "/calls/fare-rete/assignments/", "/calls/fare-rete/jury/"):
        response = Caller("Ada").get(f"{address}?{query}")
        assert response.status_code == 200
        assert response.json()["count"] > 0


def test_pages_follow_one_another(cast: Cast) -> None:
    ada = Caller("Ada")
    first = ada.get("/proposals/?limit=2").json()
    second = ada.get(first["next"].partition("/api/v1")[2]).json()
    codes = [proposal["code"] for page in (first, second) for proposal in page["results"]]
    assert codes == sorted(proposal.code for proposal in cast.proposals)
    assert second["next"] is None


NASTY: tuple[object, ...] = (
    None, "", "\0", "\ud800", "a\x00b", "x" * 100_000, 10**20, -1, 1.5, True, [], [[]], {}, {"a": {"b": 1}}, {"\0": 8},
    "2026-10-25T02:30:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "' OR 1=1", "٣", "1e400", "NaN",
)  # fmt: skip
NASTY_BODIES = (
    b"",
    b"{",
    b"[]",
    b'"x"',
    b"1",
    b"null",
    b"[" * 100_000,
    b"\xff\xfe",
    b'{"a": NaN}',
    b'{"a": 1' + b"0" * 5_000 + b"}",
)
NAMES = ("limit", "offset", "call", "category", "per_proposal", "at", "format")
NASTY_VALUES = ("%00", "%ED%A0%80", "9" * 25, "-1", "")
PLAUSIBLE = {
    "string": "business-case",
    "integer": 1,
    "boolean": False,
    "array": ["business-case"],
    "object": {"impact": "8"},
}
SCOPES = {
    "assignments": "Bruno",
    "proposals": "Fabio",
    "attachments": "Fabio",
    "calls": "Ada",
    "results": "Ada",
    "tokens": "Ada",
}


def described() -> dict[str, Any]:
    """The schema, as it is served."""
    found: dict[str, Any] = Caller().get("/schema/?format=json").json()
    return found


def operations(cast: Cast) -> Iterator[tuple[str, str, str, dict[str, object]]]:
    """Yield (who, method, address, {field: something of its type}) of everything that the schema describes."""
    schema = described()
    for path, methods in schema["paths"].items():
        scope = path.split("/")[3]
        pk = cast.assignment("Bruno").pk if "assignment" in path else cast.proposals[0].pk
        address = path.format(
            code="fare-rete", category="business-case", round="jury", id=1 if "decisions" in path else pk, number=1,
            verb="close-judging" if scope == "calls" else "submit",
        )  # fmt: skip
        for method, operation in methods.items():
            body = next(iter(operation.get("requestBody", {"content": {"": {"schema": {}}}})["content"].values()))[
                "schema"
            ]
            component = schema["components"]["schemas"].get(body.get("$ref", "").rpartition("/")[2], {})
            fields = {name: _plausible(field) for name, field in component.get("properties", {}).items()}
            yield SCOPES.get(scope, "Ada"), method, address, fields


def _plausible(field: dict[str, Any]) -> object:
    kinds = field.get("type", "object")
    return PLAUSIBLE[kinds if isinstance(kinds, str) else kinds[0]]


def test_nothing_that_is_sent_makes_it_fail(cast: Cast, size: Size) -> None:
    callers = {who: Caller(who) for who in set(SCOPES.values())}
    trials: list[tuple[str, str, str, object]] = []
    for who, method, address, fields in operations(cast):
        trials += [(who, method, address, body) for body in NASTY_BODIES]
        trials += [(who, method, address, {**fields, name: value}) for name, value in product(fields, NASTY)]
        trials += [(who, method, f"{address}?{name}={value}", b"") for name, value in product(NAMES, NASTY_VALUES)]
    assert len(trials) > 2_000
    failed = []
    for who, method, address, body in Random(0).sample(trials, min(len(trials), size(500, 100_000))):
        with transaction.atomic():
            raw = body if isinstance(body, bytes) else json.dumps(body)
            response = callers[who].generic(method.upper(), address, raw, content_type="application/json")
            transaction.set_rollback(True)
        if response.status_code >= 500:
            failed.append((who, method, address, str(body)[:80]))
        elif response.status_code >= 400:
            refusal(response)
    assert failed == []


@pytest.mark.parametrize("address", ["/calls/%00/", "/calls/a%00b/decisions/", "/proposals/?call=%00", "/results/%00/"])
def test_nobody_types_a_nul(cast: Cast, address: str) -> None:
    assert refusal(Caller("Ada").get(address)) == "not_found"


# What is written about it.


def test_the_page_for_programmers_names_every_refusal() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text(encoding="utf-8")
    assert refusals.written(page) == page
    assert all(f"`{code}`" in page for code in declared())


def test_every_address_of_the_api_is_described() -> None:
    schema = described()
    assert schema["openapi"] == "3.1.0"
    assert len(schema["paths"]) == sum(name.startswith("api-") for name, _path in routes()) - 1  # not the schema


def test_a_stranger_to_all_learns_nothing_from_a_list(cast: Cast) -> None:
    assert Proposal.records.count() > 0
    for address in ("/proposals/", "/assignments/"):
        assert Caller("Sonia").get(address).json()["count"] == 0
