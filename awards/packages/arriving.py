"""From a contest package to the database: all of it in one transaction, or nothing.

Importing over a call (`replace`) meets what is there by its codes: people keep their accounts, applicants their
attachments, jurors their comments; the ledger begins a new chain and keeps the old one.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils.text import slugify

from accounts.models import Organisation
from awards.models import Decision, Prize, Publication
from awards.packages.fitting import Misfit, misfits, package_faults
from awards.packages.given import Earlier, Given
from awards.packages.leaving import counts_of
from awards.queries.books import open_books
from common import audit
from common.fields import localised
from contests.lifecycle import ProposalState
from contests.models import Call, Category, Edition, Programme, Proposal, Round, RuleSet
from engine import contest as plain
from engine.package.compute import differences
from engine.package.faults import CONTEST, PROPOSALS
from engine.rules import seal
from reviews.models import Assignment, Ballot, Chain, Comparison, Conflict, Evidence, Ranking, Ruling, Tally
from reviews.services import ledger
from reviews.services.aggregation import recompute_round, tally_round
from reviews.services.judging import enter_rules

JUDGING_DAYS = timedelta(days=30)
DAY = timedelta(days=1)
UNNAMED = "Imported"
AGAIN = "Imported again."


@dataclass(frozen=True, slots=True)
class Arrived:
    """What an import made: how many of what, how each round came out, and where results.csv says otherwise."""

    code: str
    counts: Mapping[str, int]
    rounds: Mapping[tuple[str, str], Mapping[str, int]]  # (category, round) to {status: how many proposals}
    compared: bool
    differences: tuple[str, ...]


def import_contest(
    contest: plain.Contest, *, now: datetime, replace: bool = False, dry_run: bool = False, path: Path | None = None
) -> Arrived:
    """Import a contest and compute its rankings; the call is then in judging. A dry run does all of it and undoes it.

    Raises PackageFaults for what the database cannot hold or must keep; `path` is where their rows are looked up.
    """
    with transaction.atomic():
        call = Call.objects.filter(code=contest.code).first()
        if found := [*misfits(contest), *_in_the_way(contest, call, replace=replace)]:
            raise package_faults(found, path)
        arrived = _arrive(contest, call, now)
        transaction.set_rollback(dry_run)
    return arrived


def _in_the_way(contest: plain.Contest, call: Call | None, *, replace: bool) -> list[Misfit]:
    """Return why a call that exists cannot be imported over."""
    if call is None:
        return []
    here = (CONTEST, "contest.code", "contest.code")
    if not replace:
        return [(*here, f'there is a call "{call.code}"', "give another code, or import with --replace")]
    if Publication.records.filter(call=call).exists():
        return [(*here, f'the results of "{call.code}" are sealed or published', "give another code")]
    coming = {row.proposal for row in contest.proposals}
    staying = {category.code for category in contest.categories}
    own = Proposal.records.filter(call=call, applicant__isnull=False).select_related("category").order_by("code")
    return [
        (PROPOSALS, "", "proposal", f'"{row.code}" belongs to an applicant and is not here', "add its row")
        for row in own
        if row.code not in coming and (row.state != ProposalState.DRAFT or row.category.code not in staying)
    ]


def _arrive(contest: plain.Contest, call: Call | None, now: datetime) -> Arrived:
    """Write everything, in the order in which one thing needs the other."""
    earlier = _make_room(call, now) if call else {}
    call = _call(contest, call, now)
    rounds = _plan(contest, call, now)
    given = Given(contest, call, rounds, now)
    given.bring_people()
    call.categories.exclude(code__in=[category.code for category in contest.categories]).delete()
    call.opened_at, call.judging_opened_at = call.opens_at, now
    call.save()
    given.bring_judging(earlier)
    _enter_ledger(call, given, now)
    for round_ in rounds.values():
        tally_round(round_)
        recompute_round(round_, now=now)
    counts = dict(counts_of(contest))
    audit.record("import", call, actor=None, now=now, **counts)
    books = open_books(call)
    return Arrived(
        code=call.code,
        counts=counts,
        rounds={key: Counter(row.status for row in books.standings[key].rows) for key in rounds},
        compared=bool(contest.results),
        differences=tuple(differences(contest.results, books.rows)),
    )


def _make_room(call: Call, now: datetime) -> Earlier:
    """End the ledger's chain and take away what was judged; return what jurors keep of it."""
    current = Chain.objects.filter(call=call, kind=Chain.Kind.OFFICIAL, current=True)
    if current.filter(closed_at=None).exists():
        ledger.close(call, now=now)
    current.update(current=False)
    ballots = Ballot.records.filter(assignment__juror__call=call).select_related(
        "assignment__round__category", "assignment__juror", "assignment__proposal"
    )
    earlier = {
        (
            ballot.assignment.round.category.code,
            ballot.assignment.round.code,
            ballot.assignment.juror.code,
            ballot.assignment.proposal.code,
        ): ballot
        for ballot in ballots
    }
    ballots.select_related(None).delete()
    for model, of_call in (
        (Decision, "round__category__call"),
        (Ruling, "round__category__call"),
        (Comparison, "round__category__call"),
        (Evidence, "proposal__call"),
        (Tally, "round__category__call"),
        (Ranking, "round__category__call"),
        (Assignment, "juror__call"),
        (Conflict, "juror__call"),
    ):
        model.records.filter(**{of_call: call}).delete()
    return earlier


def _call(contest: plain.Contest, call: Call | None, now: datetime) -> Call:
    """Write the call itself: closed by now, with a month for judging; not open yet, so that sealed rules may go."""
    call = call or Call(
        code=contest.code,
        initials=_initials(localised(dict(contest.title))),
        opens_at=now,
        closes_at=now,
        judging_ends_at=now,
    )
    instants = [datetime.fromisoformat(row.submitted_at) for row in contest.proposals if row.submitted_at]
    call.edition = _edition(contest)
    call.title = dict(contest.title)
    call.timezone = contest.timezone or "Europe/Rome"
    call.outcome = contest.outcome or Call.Outcome.AWARDS
    call.draw_seed = contest.draw_seed or ""
    call.closes_at = min(call.closes_at, now)
    call.opens_at = min([call.opens_at, call.closes_at - DAY, *instants])
    call.judging_ends_at = max(call.judging_ends_at, now + JUDGING_DAYS)
    call.opened_at = call.judging_opened_at = call.judging_closed_at = call.archived_at = None
    call.save()
    return call


def _initials(title: str) -> str:
    """Return two letters for the square of a call."""
    words = re.findall(r"[^\W\d_]+", title)
    letters = "".join(word[0] for word in words[:2]) if len(words) > 1 else "".join(words)[:2]
    return letters.upper()[:3] or "–"


def _edition(contest: plain.Contest) -> Edition:
    """Return the edition under which a call stands, with its programme and organisation."""
    title = dict(contest.programme or {"en": UNNAMED})
    name = contest.organisation or UNNAMED
    body = Organisation.objects.filter(name=name).order_by("pk").first() or Organisation.objects.create(name=name)
    programmes = Programme.objects.filter(organisation=body).order_by("pk")
    programme = next((each for each in programmes if each.title == title), None)
    if programme is None:
        code = slugify(localised(title))[:80] or "programme"
        taken = Programme.objects.filter(code__startswith=code).count()
        programme = Programme.objects.create(code=f"{code}-{taken}" if taken else code, title=title, organisation=body)
    edition, _made = Edition.objects.get_or_create(programme=programme, code="imported", defaults={"title": title})
    return edition


def _plan(contest: plain.Contest, call: Call, now: datetime) -> dict[tuple[str, str], Round]:
    """Write categories, rounds, sealed rules and prizes; return the rounds in order, by (category, round)."""
    rounds = {}
    for position, category in enumerate(contest.categories):
        kept, _made = Category.objects.update_or_create(
            call=call, code=category.code, defaults={"title": dict(category.title), "position": position}
        )
        kept.call = call
        for turn, each in enumerate(category.rounds):
            round_, _made = Round.objects.update_or_create(
                category=kept, code=each.code, defaults={"title": dict(each.title), "position": turn}
            )
            round_.category = kept
            rounds[category.code, each.code] = round_
            _seal_rules(round_, dict(each.rules.document), now)
        for place, prize in enumerate(category.prizes):
            _write_prize(kept, rounds[category.code, prize.round], prize, place)
        kept.prizes.exclude(code__in=[prize.code for prize in category.prizes]).delete()
        kept.rounds.exclude(code__in=[each.code for each in category.rounds]).delete()
    return rounds


def _seal_rules(round_: Round, document: dict[str, object], now: datetime) -> None:
    """Seal the rules of a round; those that were sealed before stay, and others become a next version."""
    hash_ = seal(document)
    newest = round_.rule_sets.order_by("-version").first()
    if newest is None:
        RuleSet.objects.create(round=round_, document=document, hash=hash_, sealed_at=now)
    elif newest.sealed_at is None:
        newest.document, newest.hash, newest.sealed_at = document, hash_, now
        newest.save()
    elif newest.hash != hash_:
        version = newest.version + 1
        RuleSet.objects.create(
            round=round_, version=version, document=document, hash=hash_, sealed_at=now, reason=AGAIN
        )


def _write_prize(category: Category, round_: Round, prize: plain.Prize, position: int) -> None:
    conditions = {
        "minimum": prize.minimum,
        "eligible": dict(prize.eligible),
        "one_per": list(prize.one_per),
        "ex_aequo": prize.ex_aequo,
        "with_others": prize.with_others,
    }
    Prize.objects.update_or_create(
        category=category,
        code=prize.code,
        defaults={
            "round": round_,
            "title": dict(prize.title),
            "places": prize.places,
            "conditions": {name: value for name, value in conditions.items() if value not in (None, {}, [])},
            "position": position,
        },
    )


def _enter_ledger(call: Call, given: Given, now: datetime) -> None:
    """Begin the chain with the sealed rules; then who is judged, by whom, and every ballot in order."""
    enter_rules(call, now=now)
    ledger.append_many(ledger.official_chain(call), list(given.entries()), now=now)
