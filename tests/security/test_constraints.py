"""Each invariant is a wall of the database: somebody with SQL in hand tries to break each one and is refused.

An attempt is either an UPDATE (`set`) or a copy of a row with some columns changed (`copy`). The last test misses an
attempt for every constraint and trigger that the models declare.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from accounts.models import Organisation, SignInCode
from awards.models import Decision
from awards.services import seal_results
from common import clock, outbox, triggers
from common.models import IdempotencyKey, Outbox, Run
from contests.lifecycle import Phase
from contests.models import Attachment, Edition
from notifications.models import Delivery
from reviews.models import Ballot, Comparison, Evidence, Ruling
from reviews.services.jury import declare_conflict
from tests.cast import ROLES, Cast, cast_ballots, person, raise_cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
OURS = {"common", "accounts", "notifications", "contests", "reviews", "awards"}


@dataclass(frozen=True)
class Attempt:
    """One try at a table: change rows to `set` where `where`, or copy one with the columns of `copy` changed."""

    table: str
    set: str = ""
    where: str = "1 = 1"
    copy: dict[str, str] | None = None


def change(table: str, columns: str, where: str = "1 = 1") -> Attempt:
    return Attempt(table, set=columns, where=where)


def again(table: str, where: str = "1 = 1", **columns: str) -> Attempt:
    return Attempt(table, where=where, copy=columns)


CALL = "code = 'fare-rete'"
LOCKED = (
    "assignment_id IN (SELECT a.id FROM reviews_assignment a JOIN contests_proposal p ON p.id = a.proposal_id"
    " JOIN contests_call c ON c.id = p.call_id WHERE c.judging_closed_at IS NOT NULL AND a.state = 'assigned')"
)
FABIO = "title = 'Progetto 1'"
ATTEMPTS: dict[str, Attempt] = {
    "outbox_key_pends_once": again("common_outbox", "state = 'pending'"),
    "outbox_state_is_known": change("common_outbox", "state = 'lost'"),
    "outbox_claim_has_a_lease": change("common_outbox", "state = 'claimed', lease_ends_at = NULL"),
    "run_ends_after_it_starts": change("common_run", "ended_at = '2000-01-01'"),
    "idempotency_key_is_used_once_by_a_person": again("common_idempotencykey"),
    "person_email_is_unique_in_any_case": change(
        "accounts_person", "email = 'GAIA@example.org'", "email LIKE 'fabio%'"
    ),
    "person_has_an_email": change("accounts_person", "email = ''", "email LIKE 'fabio%'"),
    "organisation_fiscal_code_is_unique": again("accounts_organisation", "fiscal_code <> ''", name="'Altra'"),
    "organisation_has_a_name": change("accounts_organisation", "name = ''"),
    "organisation_is_not_its_own_parent": change("accounts_organisation", "parent_id = id"),
    "sign_in_code_expires_after_it_is_sent": change("accounts_signincode", "expires_at = sent_at"),
    "delivery_state_is_known": change("notifications_delivery", "state = 'lost'"),
    "delivery_that_is_sent_has_a_time": change("notifications_delivery", "state = 'sent', sent_at = NULL"),
    "edition_code_is_unique": again("contests_edition", "code = '2026'"),
    "call_opens_before_it_closes": change("contests_call", "opens_at = closes_at", CALL),
    "call_closes_before_judging_ends": change("contests_call", "judging_ends_at = opens_at", CALL),
    "call_opens_before_judging_opens": change("contests_call", "opened_at = NULL", CALL),
    "call_judging_opens_before_it_closes": change(
        "contests_call", "judging_opened_at = NULL, judging_closed_at = closes_at", CALL
    ),
    "call_judging_closes_before_release": change(
        "contests_call", "judging_closed_at = NULL, released_at = closes_at", CALL
    ),
    "call_colour_is_one_of_six": change("contests_call", "colour = 'rosso'", CALL),
    "call_outcome_is_known": change("contests_call", "outcome = 'lottery'", CALL),
    "call_role_is_given_once": again("contests_callrole", "role = 'chair'"),
    "call_role_is_known": change("contests_callrole", "role = 'king'"),
    "category_code_is_unique_in_its_call": again("contests_category"),
    "round_code_is_unique_in_its_category": again("contests_round"),
    "rule_set_version_is_unique_in_its_round": again("contests_ruleset"),
    "rule_set_after_the_first_has_a_reason": again("contests_ruleset", version="2"),
    "rule_set_versions_start_at_one": again("contests_ruleset", version="0", reason="'so'"),
    "proposal_code_is_unique_in_its_call": again("contests_proposal", FABIO, applicant_id="NULL"),
    "applicant_has_one_proposal_in_a_category": again("contests_proposal", FABIO, code="'other'"),
    "proposal_state_is_known": change("contests_proposal", "state = 'famous'", FABIO),
    "proposal_that_is_submitted_has_a_title": change("contests_proposal", "title = ''", FABIO),
    "proposal_that_is_excluded_has_a_reason": change(
        "contests_proposal", "state = 'excluded', state_reason = ''", FABIO
    ),
    "attachment_is_not_empty": change("contests_attachment", "size = 0"),
    "juror_code_is_unique_in_its_call": again("reviews_juror", "code = 'Bruno'", person_id="NULL"),
    "person_is_a_juror_once_in_a_call": again("reviews_juror", "code = 'Bruno'", code="'Bis'"),
    "conflict_is_kept_once": again("reviews_conflict"),
    "juror_is_assigned_a_proposal_once_in_a_round": again("reviews_assignment"),
    "assignment_state_is_known": change("reviews_assignment", "state = 'hidden'"),
    "ballot_state_is_known": change("reviews_ballot", "state = 'lost'"),
    "ballot_that_is_complete_has_a_time": change("reviews_ballot", "completed_at = NULL", "state = 'complete'"),
    "ballot_that_abstains_has_a_reason": change("reviews_ballot", "state = 'abstained', reason = ''"),
    "ballot_versions_start_at_one": change("reviews_ballot", "version = 0"),
    "tally_is_kept_once_a_round": again("reviews_tally"),
    "tally_with_a_place_has_a_score": change("reviews_tally", "score = ''", "place = 1"),
    "tally_interval_runs_from_low_to_high": change("reviews_tally", "low = 2, high = 1", "place = 1"),
    "call_has_one_current_chain_of_a_kind": again("reviews_chain"),
    "chain_kind_is_known": change("reviews_chain", "kind = 'secret'"),
    "ledger_sequence_is_unique_in_its_chain": again("reviews_ledgerentry", "sequence = 1", hash="'other'"),
    "ledger_hash_is_unique_in_its_chain": again("reviews_ledgerentry", "sequence = 1", sequence="99999"),
    "ledger_sequences_start_at_one": again("reviews_ledgerentry", "sequence = 1", sequence="0", hash="'other'"),
    "ruling_is_made_once": again("reviews_ruling"),
    "ruling_kind_is_known": change("reviews_ruling", "kind = 'whim'"),
    "fact_is_given_once": again("reviews_evidence", "criterion <> ''"),
    "votes_are_counted_once": again("reviews_evidence", "criterion = ''"),
    "comparison_is_made_once": again("reviews_comparison"),
    "comparison_degree_is_one_to_six": change("reviews_comparison", "degree = 7"),
    "comparison_is_between_two": change("reviews_comparison", "other_id = preferred_id"),
    "ranking_is_kept_once_for_its_inputs": again("reviews_ranking", version="99", current="FALSE"),
    "ranking_version_is_unique_in_its_round": again("reviews_ranking", fingerprint="'other'", current="FALSE"),
    "ranking_has_no_statistics_of_a_later_one": change("reviews_ranking", "measured = version + 1"),
    "round_has_one_current_ranking": again("reviews_ranking", fingerprint="'other'", version="99"),
    "prize_code_is_unique_in_its_category": again("awards_prize"),
    "prize_has_a_place_or_no_limit": change("awards_prize", "places = 0"),
    "decision_kind_is_known": change("awards_decision", "kind = 'whim'"),
    "decision_names_a_proposal_unless_the_prize_is_not_conferred": change(
        "awards_decision", "proposal_id = NULL", "kind = 'confer'"
    ),
    "decision_names_a_prize_unless_a_mention": change("awards_decision", "prize_id = NULL", "kind = 'confer'"),
    "prize_not_conferred_has_a_reason": change(
        "awards_decision", "kind = 'not_conferred', proposal_id = NULL, reason = ''"
    ),
    "decision_that_departs_has_a_reason_and_a_second_person": change("awards_decision", "departs = TRUE, second = ''"),
    "second_person_is_another_person": change("awards_decision", "second_person_id = by_person_id"),
    "decision_is_made_once": again("awards_decision", "kind = 'confer'"),
    "mention_without_a_prize_is_made_once": again("awards_decision", "kind = 'mention'"),
    "prize_is_left_unconferred_once": again("awards_decision", "kind = 'not_conferred'"),
    "publication_is_sealed_before_it_is_told": change("awards_publication", "released_at = '2000-01-01'"),
    "a_sealed_rule_set_is_never_updated": change("contests_ruleset", "reason = 'x'", "sealed_at IS NOT NULL"),
    "reviews_ledgerentry_is_never_updated": change("reviews_ledgerentry", "kind = 'other'"),
    "a_juror_in_conflict_changes_no_ballot": change(
        "reviews_ballot",
        "state = 'complete'",
        "assignment_id IN (SELECT a.id FROM reviews_assignment a JOIN reviews_conflict c"
        " ON c.juror_id = a.juror_id AND c.proposal_id = a.proposal_id)",
    ),
    "a_ballot_is_cast_on_an_assignment_that_holds": again("reviews_ballot", LOCKED),
    "a_ballot_is_changed_before_the_lock": change("reviews_ballot", "marks = '{}'", LOCKED),
    "a_juror_in_conflict_is_not_assigned_again": change(
        "reviews_assignment", "state = 'assigned'", "state = 'recused'"
    ),
    "a_closed_chain_takes_no_entry": change("reviews_chain", "sequence = sequence + 1", "closed_at IS NOT NULL"),
}


@pytest.fixture
def world(db: None) -> Cast:
    """A sealed call with at least one row in every table of ours."""
    cast = raise_cast(Phase.JUDGING)
    cast_ballots(cast)
    now = clock.now()
    first, second = cast.proposals[:2]
    Outbox.objects.create(kind="note", key="k", created_at=now, due_at=now + timedelta(days=9))
    Run.objects.create(kind="note", scope="s", started_at=now)
    IdempotencyKey.objects.create(actor_id=1, key="k", fingerprint="f", created_at=now)
    Organisation.objects.create(name="Prova", fiscal_code="00000019992")
    SignInCode.objects.create(email="a@example.org", secret_hash="h", sent_at=now, expires_at=now + timedelta(hours=1))
    Delivery.objects.create(key="k", type="t", to="a@example.org", language="it", subject="s", created_at=now)
    Edition.objects.get(code="2026")
    Attachment.records.create(proposal=first, file="f", name="f", content_type="c", size=1, sha256="s", uploaded_at=now)
    Ruling.records.create(round=cast.round, proposal=first, kind="tie", place=1, at=now)
    Evidence.records.create(proposal=first, criterion="turnover", value="10")
    Evidence.records.create(round=cast.round, proposal=first, value="100")
    Comparison.records.create(
        round=cast.round, juror=cast.jurors["Bruno"], criterion="impact", preferred=first, other=second, degree=2
    )
    Decision.records.create(
        round=cast.round, kind="confer", prize=cast.prize, proposal=first, by_person=cast.organiser, at=now
    )
    Decision.records.create(round=cast.round, kind="mention", proposal=second, by_person=cast.organiser, at=now)
    Decision.records.create(
        round=cast.round, kind="not_conferred", prize=cast.prize, reason="None", by_person=cast.organiser, at=now
    )
    _sealed_elsewhere()
    return cast


def _sealed_elsewhere() -> None:
    """A second call, sealed, in which a juror who had scored then declared a conflict."""
    other = raise_cast(Phase.JUDGING, code="sigillato", scored=True)
    declare_conflict(
        juror=other.jurors["Dario"],
        proposal=other.proposals[1],
        kind="declared",
        actor=person("Dario"),
        now=clock.now(),
    )
    outbox.drain(clock.now)
    now = clock.now()
    seal_results(call=other.call, released_at=now, actor=other.organiser, roles=ROLES, now=now)


def run(statement: str) -> str:
    """Run a statement that must be refused, and return what the database says."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return str(refused.value)


def statement_of(attempt: Attempt) -> str:
    """Write an attempt as SQL."""
    if attempt.copy is None:
        return f"UPDATE {attempt.table} SET {attempt.set} WHERE {attempt.where}"
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, attempt.table)
        columns = [column.name for column in described]
        cursor.execute(f"SELECT MAX(id) FROM {attempt.table}" if "uuid" not in _id_type(attempt.table) else "SELECT 0")
        (last,) = cursor.fetchone()
    fresh = f"'{_fresh_uuid()}'" if _id_type(attempt.table) == "uuid" else str((last or 0) + 1)
    values = [fresh if name == "id" else attempt.copy.get(name, f'"{name}"') for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    source = f"SELECT {', '.join(values)} FROM {attempt.table} WHERE {attempt.where} LIMIT 1"
    return f"INSERT INTO {attempt.table} ({names}) {source}"


def _id_type(table: str) -> str:
    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    return "uuid" if model._meta.pk.get_internal_type() == "UUIDField" else "integer"


def _fresh_uuid() -> str:
    fresh = uuid.uuid4()
    return str(fresh) if connection.features.has_native_uuid_field else fresh.hex


def test_the_database_refuses_what_would_break_each_constraint(world: Cast) -> None:
    said = {name: run(statement_of(attempt)) for name, attempt in ATTEMPTS.items()}

    if connection.vendor == "postgresql":  # SQLite names columns where PostgreSQL names the constraint
        wrong = {name: text for name, text in said.items() if name not in text and name.replace("_", " ") not in text}
        assert wrong == {}


def test_a_sealed_rule_set_is_never_deleted(world: Cast) -> None:
    assert "never deleted" in run("DELETE FROM contests_ruleset WHERE sealed_at IS NOT NULL")


def test_ledger_entries_are_never_deleted(world: Cast) -> None:
    assert "never deleted" in run("DELETE FROM reviews_ledgerentry")


def test_the_ledger_is_never_truncated(world: Cast) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL knows TRUNCATE")

    assert "never truncated" in run("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE reviews_ledgerentry")


def test_a_juror_in_conflict_is_never_assigned_nor_casts_a_ballot(world: Cast) -> None:
    elena, first = world.jurors["Elena"], world.proposals[0]
    key = str if connection.features.has_native_uuid_field else (lambda value: value.hex)
    assigning = again(
        "reviews_assignment", f"proposal_id = '{key(first.pk)}' AND state = 'assigned'", juror_id=str(elena.pk)
    )
    recused = again("reviews_assignment", assigning.where, juror_id=str(elena.pk), state="'recused'")
    assert "in conflict" in run(statement_of(assigning))
    with connection.cursor() as cursor:
        cursor.execute(statement_of(recused))
        cursor.execute(f"SELECT id FROM reviews_assignment WHERE juror_id = {elena.pk}")
        (assignment,) = cursor.fetchone()

    said = run(statement_of(again("reviews_ballot", "state = 'complete'", assignment_id=f"'{assignment}'")))

    assert "in conflict" in said


def test_erasing_a_person_from_the_ledger_is_allowed_and_leaves_the_commitment(world: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reviews_ledgerentry SET nonce = '', document = '' WHERE kind = 'ballot'")

    assert Ballot.records.exists()


def test_every_constraint_and_every_wall_is_tried() -> None:
    constraints = {
        constraint.name
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for constraint in model._meta.constraints
    }
    walls = {wall.name for wall in triggers._WALLS}
    tried_by_hand = {
        "a_sealed_rule_set_is_never_deleted",
        "reviews_ledgerentry_is_never_deleted",
        "reviews_ledgerentry_is_never_truncated",
        "a_juror_in_conflict_casts_no_ballot",
        "a_juror_in_conflict_is_not_assigned",
    }

    assert constraints | walls == ATTEMPTS.keys() | tried_by_hand
