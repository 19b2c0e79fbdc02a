import io
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from django.core.management import call_command
from django.db.models import F
from django.test import TestCase

from accounts.models import Person
from awards.demo.people import demo_people
from awards.models import Decision
from awards.packages.arriving import import_contest
from awards.packages.leaving import contest_of
from awards.queries.books import open_books
from common import clock, outbox
from common.invariants import breaches
from common.models import AuditEntry, Outbox
from contests.lifecycle import Phase
from contests.models import Call, Proposal
from contests.queries import phase
from engine.package import compute, package_files, read_contest
from engine.types import BELOW_GATE
from notifications.models import Delivery
from reviews.models import Assignment, Ballot, Ranking, Tally


class TestDemo(TestCase):
    """The demo, seeded once for all: it is the same every time, and the tests only read it."""

    now: datetime

    @classmethod
    def setUpTestData(cls) -> None:
        cls.now, said = clock.now(), io.StringIO()
        call_command("seed_demo", stdout=said)
        assert said.getvalue() == "13 calls made.\n"

    def test_there_is_a_call_in_every_phase_and_no_invariant_is_breached(self) -> None:
        assert {phase(call, self.now) for call in Call.objects.all()} == set(Phase)
        assert breaches() == []

    def test_the_first_to_close_is_fare_rete_within_the_seventh_day_at_six_in_the_evening_of_rome(self) -> None:
        call = Call.objects.get(code="fare-rete-2013")
        there = call.closes_at.astimezone(call.zone)
        assert timedelta(days=6) <= call.closes_at - self.now < timedelta(days=7)
        assert (there.hour, there.minute) == (18, 0)
        others = [each.closes_at for each in Call.objects.all() if phase(each, self.now) == Phase.OPEN]
        assert min(others) == call.closes_at

    def test_the_map_has_135_projects_of_104_cooperatives(self) -> None:
        rows = Proposal.records.filter(call__code="futuro-coop", state="admitted").select_related("organisation")
        projects = Counter(row.organisation.name for row in rows if row.organisation)
        assert (sum(projects.values()), len(projects)) == (135, 104)
        assert Counter(projects.values()) == {1: 80, 2: 18, 3: 5, 4: 1}
        assert Counter(row.region for row in rows)["Emilia-Romagna"] == 24
        assert len({row.title for row in rows}) == 135

    def test_judging_stands_half_way_with_one_juror_idle_and_two_proposals_short_of_a_reader(self) -> None:
        assignments = Assignment.records.filter(round__category__call__code="custodi-di-quartiere")
        assert Counter(assignments.values_list("state", flat=True)) == {"assigned": 142, "recused": 2}
        ballots = Ballot.records.filter(assignment__in=assignments)
        assert ballots.count() == 71
        last = max(ballots.filter(assignment__juror__name="Dario Modello").values_list("saved_at", flat=True))
        assert timedelta(days=6) <= self.now - last < timedelta(days=7)
        readers = Counter(assignments.filter(state="assigned").values_list("proposal", flat=True))
        assert sorted(readers.values())[:3] == [2, 2, 3]

    def test_the_deliberation_has_48_ranked_with_a_tie_at_the_cut_and_a_prize_nobody_qualifies_for(self) -> None:
        call = Call.objects.get(code="cantieri-di-comunita")
        tallies = Tally.records.filter(round__category__call=call, round__category__code="business-case")
        third = tallies.filter(place=3)
        assert third.count() == 2
        assert not tallies.filter(place=4).exists()
        assert tallies.filter(status=BELOW_GATE).count() >= 6
        ranked = tallies.exclude(status__in=["excluded", "withdrawn"]).count()
        assert (ranked, tallies.filter(status="withdrawn").count()) == (48, 1)
        won = open_books(call).winners
        assert len(won["business-case", "best-case"]) == 2
        assert ("business-case", "health") not in won

    def test_published_results_have_winners_a_mention_and_prizes_not_conferred(self) -> None:
        decisions = Decision.records.filter(round__category__call__code="scuole-aperte-d-estate")
        assert Counter(decisions.values_list("kind", flat=True)) == {"confer": 1, "not_conferred": 2, "mention": 1}
        outcomes = Counter(row.outcome for row in open_books(Call.objects.get(code="scuole-aperte-d-estate")).rows)
        assert (outcomes["winner:best-case"], outcomes["winner:best-idea"], outcomes["mention:"]) == (3, 1, 1)

    def test_history_lies_in_the_past_and_no_message_waits_to_be_sent(self) -> None:
        assert not AuditEntry.objects.filter(at__gt=clock.now()).exists()
        assert not Delivery.objects.exclude(state=Delivery.State.SENT).exists()
        waiting = Outbox.objects.exclude(state=Outbox.State.DONE).exclude(kind="measure round")
        assert [(row.kind, row.due_at > self.now) for row in waiting] == [("announce results", True)]

    def test_how_sure_places_are_is_left_to_the_worker_which_finds_a_tie_zone(self) -> None:
        rankings = Ranking.records.filter(current=True)
        left = Outbox.objects.filter(kind="measure round")
        assert {row.state for row in left} == {Outbox.State.PENDING}
        assert left.count() == rankings.count() > 0

        outbox.drain(clock.now)

        assert not rankings.exclude(measured=F("version")).exists()
        kept = rankings.get(round__category__call__code="cantieri-di-comunita", round__category__code="business-case")
        assert kept.statistics is not None
        assert (kept.statistics["top"], kept.statistics["left"]) == (3, 3)
        assert len(kept.statistics["zone"]) > 3
        assert breaches() == []

    def test_every_person_of_the_demo_is_invented(self) -> None:
        surnames = {"Prova", "Esempio", "Campione", "Modello", "Finta", "Saggio"}
        for person in Person.objects.all():
            assert person.name.split()[-1] in surnames
            assert person.email.endswith("@example.org")

    def test_a_visitor_may_be_organiser_juror_or_applicant(self) -> None:
        assert Counter(role for role, _person in demo_people()) == {
            "organiser": 1,
            "chair": 1,
            "juror": 3,
            "applicant": 1,
        }
        giulia = next(person for role, person in demo_people() if role == "applicant")
        states = Proposal.records.filter(applicant=giulia, call__code="fare-rete-2013").values_list("state", flat=True)
        assert sorted(states) == ["draft", "submitted"]

    def test_every_call_comes_back_from_its_package_as_it_went(self) -> None:
        for call in Call.objects.select_related("edition__programme__organisation"):
            contest = replace(contest_of(call), code=f"{call.code}-again")
            gone = package_files(contest)
            arrived = import_contest(read_contest(gone), now=self.now)
            assert arrived.differences == ()
            assert package_files(contest_of(Call.objects.get(code=arrived.code))) == gone

    def test_the_engine_gives_the_results_that_the_pages_show(self) -> None:
        for call in Call.objects.filter(judging_opened_at__isnull=False):
            assert compute(contest_of(call)).results == tuple(open_books(call).rows)

    def test_seeding_again_changes_nothing(self) -> None:
        before, said = Proposal.records.count(), io.StringIO()
        call_command("seed_demo", stdout=said)
        assert said.getvalue() == "There are calls already: nothing was changed.\n"
        assert Proposal.records.count() == before
