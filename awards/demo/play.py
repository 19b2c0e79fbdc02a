"""The life of each call of the demo, played through the real services at past instants."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from accounts.models import Organisation, Person
from awards import services as awards
from awards.demo import calls, texts
from awards.demo.calls import SAID, CallPlan, CategoryPlan
from awards.demo.marks import Sheet, marks_for
from awards.demo.people import APPLICANT, CHAIR, JURORS, ORGANISER
from awards.demo.texts import Entry, chance
from awards.demo.when import ROME
from awards.models import Prize
from common import outbox
from common.models import Outbox
from contests import services as contests
from contests.lifecycle import Phase
from contests.models import Call, Category, Edition, Programme, Proposal, Round
from engine.words import words_in
from notifications.models import Delivery
from reviews.models import Assignment, Conflict, Juror, Tally
from reviews.services import assignment as assigning
from reviews.services import ballots, judging, jury

ROLES = frozenset({"organiser", "public"})
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SCREENING_DAYS = 15
BODIES = (
    ("Fondazione Saggio", "Lombardia"),
    ("Università Prova", "Piemonte"),
    ("Banca Modello", "Lazio"),
    ("Redazione Finta", "Emilia-Romagna"),
    ("Consorzio Prova", "Toscana"),
)
REASONS = (
    "La proposta è arrivata senza il bilancio dell’ultimo anno, chiesto dal bando.",
    "L’attività non è ancora cominciata: può entrare nella categoria delle idee.",
    "Sede e attività sono fuori dall’Italia.",
)


@dataclass
class Play:
    """One call on its way to its phase."""

    plan: CallPlan
    now: datetime
    people: dict[str, Person]
    crowd: Iterable[Person]
    call: Call = field(init=False)
    categories: list[Category] = field(init=False)

    @property
    def organiser(self) -> Person:
        """Ada, who runs every call."""
        return self.people[ORGANISER]

    @property
    def judging_opens(self) -> datetime:
        """The morning on which jurors begin."""
        return (self.call.closes_at + SCREENING_DAYS * DAY).astimezone(self.call.zone).replace(hour=9, minute=0)

    def reaches(self, phase: Phase) -> bool:
        """Whether the call has come that far."""
        order = list(Phase)
        return order.index(self.plan.phase) >= order.index(phase)

    def perform(self) -> None:
        """Play the call's life as far as its phase."""
        self.announce()
        if self.reaches(Phase.ANNOUNCED):
            self.open()
        if self.reaches(Phase.OPEN):
            self.receive()
        if self.reaches(Phase.SCREENING):
            self.screen()
        if self.reaches(Phase.JUDGING):
            self.judge()
        if self.reaches(Phase.DELIBERATION):
            self.close()
        if self.reaches(Phase.SEALED):
            self.seal()
        if self.reaches(Phase.ARCHIVED):
            Call.objects.filter(pk=self.call.pk).update(archived_at=self.now - 30 * DAY)
        settle(self.now)

    def announce(self) -> None:
        """Write the call, its categories, rules and prizes."""
        plan = self.plan
        instant = {name: getattr(plan, name).instant(self.now) for name in ("opens", "closes", "judging_ends")}
        self.call = Call.objects.create(
            edition=edition_of(plan),
            code=plan.code,
            initials=plan.initials,
            colour=plan.colour,
            title=plan.title,
            summary=plan.summary,
            who_may_apply=plan.who,
            what_is_given=plan.given,
            place=plan.place,
            contact_email=f"{plan.code}@example.org",
            outcome=plan.outcome,
            draw_seed="14 novembre",
            opens_at=instant["opens"],
            closes_at=instant["closes"],
            judging_ends_at=instant["judging_ends"],
            ceremony_at=plan.ceremony.instant(self.now) if plan.ceremony else None,
        )
        announced = min(instant["opens"] - 7 * DAY, self.now - 3 * DAY)
        for name, role in ((ORGANISER, "organiser"), (CHAIR, "chair")):
            contests.appoint(call=self.call, person=self.people[name], role=role, actor=self.organiser, now=announced)
        self.categories = [self.make_category(number, each, announced) for number, each in enumerate(plan.categories)]

    def make_category(self, position: int, plan: CategoryPlan, now: datetime) -> Category:
        """Write a category with its round, rules and prizes."""
        category = Category.objects.create(
            call=self.call, code=plan.code, title=plan.title, summary=plan.summary, question=plan.question,
            help=plan.help, words=plan.words, position=position,
        )  # fmt: skip
        round_ = Round.objects.create(category=category, code="jury", title={"it": "Giuria", "en": "Jury"})
        contests.write_rules(round_=round_, document=plan.rules, now=now)
        for place, prize in enumerate(plan.prizes):
            Prize.objects.create(
                category=category, round=round_, code=prize.code, title=prize.title, summary=prize.summary,
                places=prize.places, conditions=dict(prize.conditions), position=place,
            )  # fmt: skip
        return category

    def open(self) -> None:
        """Seal the rules, a week before the call opens."""
        at = min(self.call.opens_at - 7 * DAY, self.now - 2 * DAY)
        contests.open_call(call=self.call, actor=self.organiser, roles=ROLES, now=at)

    def receive(self) -> None:
        """Let applicants write, and most of them submit."""
        for category, plan in zip(self.categories, self.plan.categories, strict=True):
            found = self.entries_for(category, plan)
            own = self.applicant_place(category)
            for number, (entry, instant) in enumerate(zip(found, self.instants(len(found), category), strict=True)):
                person = self.people[APPLICANT] if number == own else next(iter(self.crowd))
                self.write(category, entry, person, instant, number, submit=number < len(found) - plan.counts.drafts)

    def entries_for(self, category: Category, plan: CategoryPlan) -> Sequence[Entry]:
        """Return what arrives in a category, in the order of arrival; what will be excluded comes last."""
        if self.plan.code == calls.MAP:
            return [entry for entry in texts.map_entries(self.plan.code) if texts.area_of(entry) == category.code]
        how_many = plan.counts.submitted + plan.counts.drafts
        if self.plan.english:
            return texts.city_entries(self.plan.code, how_many)
        known = len(texts.shelf(plan.shelf))
        start = 0 if how_many > known else chance("start", self.plan.code, category.code).randrange(known)
        found = list(texts.entries(self.plan.code, plan.shelf, how_many, start=start))
        staying = found[: how_many - plan.counts.drafts - plan.counts.excluded - plan.counts.withdrawn]
        chance("order", self.plan.code, category.code).shuffle(staying)
        return [*staying, *found[len(staying) :]]

    def applicant_place(self, category: Category) -> int | None:
        """Return which entry of a category is Giulia's: one submitted, one draft, one that was judged."""
        places = {("fare-rete-2013", "business-case"): 0, ("fare-rete-2013", "business-idea"): -1}
        places |= {("scuole-aperte-d-estate", "business-case"): 2, ("cantieri-di-comunita", "business-case"): 5}
        place = places.get((self.plan.code, category.code))
        return plan_of(self.plan, category).counts.submitted if place == -1 else place

    def instants(self, how_many: int, category: Category) -> list[datetime]:
        """Return when applicants submitted: few at first, most in the last days."""
        begin, end = self.call.opens_at, min(self.call.closes_at - 4 * MINUTE, self.now - 2 * HOUR)
        die = chance("instants", self.plan.code, category.code)
        return sorted(begin + (end - begin) * (1 - die.random() ** 2.2 * 0.98) for _ in range(how_many))

    def write(
        self, category: Category, entry: Entry, person: Person, at: datetime, number: int, *, submit: bool
    ) -> None:
        """Write one proposal, and submit it."""
        begun = max(self.call.opens_at, at - chance(entry.title, at.date()).randrange(1, 9) * DAY)
        draft = contests.start_proposal(category=category, actor=person, now=begun)
        # The service draws a code at random; the demo is the same every time.
        kept = {"code": code_of(self.call, category, number), "themes": entry.theme}
        if plan_of(self.plan, category).shelf == "micro":
            kept["ask"] = str(chance(entry.title).randrange(8, 31) * 100)
        Proposal.records.filter(pk=draft.pk).update(**kept)
        saved = contests.save_proposal(
            proposal=draft,
            changes={
                "title": entry.title,
                "summary": entry.summary,
                "answers": {"answer": fitting(entry.answer, category.words if submit else category.words // 3)},
                "organisation": entry.organisation,
                "region": entry.region,
            },
            version=draft.version,
            actor=person,
            now=at - 7 * MINUTE,
        )
        if submit:
            contests.submit_proposal(proposal=saved, actor=person, now=at)

    def screen(self) -> None:
        """Admit, exclude with a reason; in the call that is being screened, only the first have been looked at."""
        for category, plan in zip(self.categories, self.plan.categories, strict=True):
            rows = list(Proposal.records.filter(category=category, state="submitted").order_by("submitted_at", "code"))
            half = self.plan.phase == Phase.SCREENING
            count = len(rows)
            excluded = set(
                range(3, 3 + 4 * plan.counts.excluded, 4) if half else range(count - plan.counts.excluded, count)
            )
            for number, proposal in enumerate(rows[: count * 2 // 3] if half else rows):
                at = self.call.closes_at + 14 * HOUR + number * 9 * MINUTE
                verb = "exclude" if number in excluded else "admit"
                contests.move_proposal(
                    proposal=proposal, verb=verb, actor=self.organiser, roles=ROLES, now=at,
                    reason=REASONS[number % len(REASONS)] if verb == "exclude" else "",
                )  # fmt: skip

    def judge(self) -> None:
        """Seat the jury, open judging, hand out what to read, and let jurors score."""
        at = self.judging_opens
        names = JURORS if self.plan.per_proposal > 2 else JURORS[:4]  # noqa: PLR2004 - pairs of readers need fewer
        seats = [
            jury.seat_juror(
                call=self.call,
                person=self.people[name],
                categories=self.categories,
                organisation=body,
                region=region,
                now=at - DAY,
            )
            for name, (body, region) in zip(names, BODIES, strict=False)
        ]
        judging.open_judging(call=self.call, actor=self.organiser, roles=ROLES, now=at)
        for category in self.categories:
            round_ = category.rounds.get()
            seed = f"{self.call.code} {category.code}"
            plan = assigning.preview_random(round_=round_, per_proposal=self.plan.per_proposal, seed=seed)
            assigning.apply_random(
                round_=round_, per_proposal=self.plan.per_proposal, seed=seed, mark=plan.mark,
                actor=self.organiser, roles=ROLES, now=at + HOUR,
            )  # fmt: skip
        if self.plan.code == calls.CUSTODIANS:
            self.recuse(seats)
        if self.plan.outcome != Call.Outcome.MAPPING:
            for category in self.categories:
                self.score(category)
        if self.plan.code == calls.COMMUNITY:
            self.withdraw()
        settle(min(self.call.judging_ends_at, self.now))

    def recuse(self, seats: Sequence[Juror]) -> None:
        """Two conflicts that came to light while reading: each leaves a proposal without its third reader."""
        for seat, kind, days in ((seats[3], Conflict.Kind.DECLARED, 2), (seats[1], Conflict.Kind.ORGANISER, 4)):
            read = Assignment.records.filter(juror=seat).select_related("proposal").order_by("position")
            last = read.last()
            if last is not None:
                actor = seat.person if kind == Conflict.Kind.DECLARED else self.organiser
                jury.declare_conflict(
                    juror=seat, proposal=last.proposal, kind=kind, actor=actor, now=self.judging_opens + days * DAY
                )

    def score(self, category: Category) -> None:
        """Let each juror score what they have come to; all of it once judging has ended."""
        round_ = category.rounds.get()
        half = self.plan.phase == Phase.JUDGING
        quota = {"Fabio Saggio": 22, "Bruno Esempio": 18, "Carla Campione": 17, "Dario Modello": 4, "Elena Finta": 10}
        sheets = marks_for(self.plan, round_)
        for name in JURORS:
            read = Assignment.records.filter(round=round_, juror__person=self.people[name], state="assigned")
            rows = list(read.select_related("juror", "proposal__call", "round__category").order_by("position"))
            done = rows[: quota[name]] if half else rows
            begin = self.judging_opens + 3 * HOUR
            end = min(self.call.judging_ends_at - 3 * HOUR, self.now - 2 * HOUR)
            if half and name == "Dario Modello":
                end = self.now - 6 * DAY - HOUR
            for number, assignment in enumerate(done, start=1):
                self.cast_one(assignment, sheets, waking(begin + (end - begin) * number / len(done)))

    def cast_one(self, assignment: Assignment, sheets: dict[tuple[str, str], Sheet], at: datetime) -> None:
        """Save one ballot, complete, or an abstention."""
        actor = assignment.juror.person
        sheet = sheets[assignment.juror.code, assignment.proposal.code]
        assert actor is not None  # noqa: S101 - jurors of the demo are people
        if sheet is None:
            reason = "Ho lavorato con questo gruppo tre anni fa: preferisco non dare voti."
            ballots.abstain(assignment=assignment, reason=reason, version=0, actor=actor, now=at)
            return
        comment = texts.comment(self.plan.code, assignment.juror.code, assignment.proposal.code)
        ballots.save_ballot(
            assignment=assignment, marks=sheet, version=0, actor=actor, now=at, comment=comment, complete=True
        )

    def withdraw(self) -> None:
        """One applicant takes their proposal back while jurors read."""
        admitted = Proposal.records.filter(category=self.categories[0], state="admitted")
        proposal = admitted.order_by("submitted_at").last()
        if proposal is not None and proposal.applicant is not None:
            contests.move_proposal(
                proposal=proposal, verb="withdraw", actor=proposal.applicant, roles=frozenset({"public"}),
                now=self.call.judging_ends_at - 5 * DAY,
            )  # fmt: skip

    def close(self) -> None:
        """Close judging and compute the last ranking."""
        judging.close_judging(call=self.call, actor=self.organiser, roles=ROLES, now=self.call.judging_ends_at)
        settle(self.call.judging_ends_at + 2 * MINUTE)

    def seal(self) -> None:
        """Decide, seal, and set the end of the embargo at the ceremony."""
        released_at = self.call.ceremony_at
        assert released_at is not None  # noqa: S101 - a call that is sealed has its ceremony
        at = min(released_at, self.now) - DAY
        if self.plan.code == calls.SUMMER:
            self.decide(at - HOUR)
        awards.seal_results(call=self.call, released_at=released_at, actor=self.organiser, roles=ROLES, now=at)
        if released_at <= self.now:
            settle(released_at)

    def decide(self, at: datetime) -> None:
        """Confer the idea that passes the minimum, leave the other places empty, mention one case."""
        case, idea = self.categories
        best_idea, health = idea.prizes.get(code="best-idea"), idea.prizes.get(code="health")
        chair = self.people[CHAIR]
        (winner,) = awards.winners_of(self.call)[best_idea.pk]
        mentioned = Tally.records.get(round__category=case, place=5).proposal
        steps: tuple[tuple[str, Category, Prize | None, Proposal | None, str], ...] = (
            ("confer", idea, best_idea, Proposal.records.get(call=self.call, code=winner), ""),
            ("not_conferred", idea, best_idea, None, "Una sola idea supera 75 su 100."),
            ("not_conferred", idea, health, None, "Nessuna idea sulla salute supera 90 su 100."),
            ("mention", case, None, mentioned, "Per come gli abitanti decidono insieme ai lavoratori."),
        )
        for kind, category, prize, proposal, reason in steps:
            awards.decide(
                kind=kind, round_=category.rounds.get(), prize=prize, proposal=proposal, actor=self.organiser,
                roles=ROLES, now=at, reason=reason, second=chair,
            )  # fmt: skip


def fitting(answer: str, words: int) -> str:
    """Return as many paragraphs of an answer as its limit takes, one at least."""
    first, *rest = answer.split("\n\n")
    for paragraph in rest:
        if words_in(f"{first} {paragraph}") <= words:
            first = f"{first}\n\n{paragraph}"
    return first


def plan_of(plan: CallPlan, category: Category) -> CategoryPlan:
    """Return the plan of a category."""
    return plan.categories[category.position]


def edition_of(plan: CallPlan) -> Edition:
    """Return the edition of a call, made with its programme and organisation on first use."""
    said = SAID["programmes"][plan.programme]
    body, _ = Organisation.objects.get_or_create(name=said["organisation"])
    defaults = {"title": said["title"], "organisation": body}
    programme, _ = Programme.objects.get_or_create(code=plan.programme, defaults=defaults)
    edition, _ = Edition.objects.get_or_create(
        programme=programme, code=plan.edition, defaults={"title": SAID["editions"][plan.edition]}
    )
    return edition


def code_of(call: Call, category: Category, number: int) -> str:
    """Return a code that tells nothing, the same every time."""
    digest = int(sha256(f"{call.code}/{category.code}/{number}".encode()).hexdigest(), 16)
    letters = []
    for _ in range(6):
        digest, letter = divmod(digest, len(contests.ALPHABET))
        letters.append(contests.ALPHABET[letter])
    return f"{call.initials}-{''.join(letters)}"


def waking(at: datetime) -> datetime:
    """Return an instant at which people are awake: this one, or that of the evening or afternoon before a night."""
    local = at.astimezone(ROME)
    return local if 7 <= local.hour < 23 else local - 8 * HOUR  # noqa: PLR2004 - hours of the day


def settle(now: datetime) -> None:
    """Do the work that was due: messages count as sent, since nobody of the demo has a letter box.

    Patient work, the statistics, is left to the worker: whoever starts the demo should not wait for it.
    """
    Outbox.objects.filter(kind="deliver", state=Outbox.State.PENDING, due_at__lte=now).update(
        state=Outbox.State.DONE, ended_at=now
    )
    Delivery.objects.filter(state=Delivery.State.QUEUED, created_at__lte=now).update(
        state=Delivery.State.SENT, sent_at=now
    )
    outbox.drain(lambda: now, patient=False)
