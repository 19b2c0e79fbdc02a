"""The people and the call that tests speak of, in any phase, brought there by the real services.

Ada organises and Chiara chairs; Bruno, Carla and Dario are jurors; Elena is a juror in conflict with the first
proposal; Fabio and Gaia apply; Sonia is a stranger; Olga organises another call. Dates lie around the real present, so
the phase holds while a test runs.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.models import Organisation, Person
from awards import services as awards
from awards.models import Prize, Publication
from common import clock, outbox
from contests import services as contests
from contests.lifecycle import Phase
from contests.models import Call, Category, Edition, Programme, Proposal, Round
from reviews.models import Assignment, Conflict, Juror
from reviews.services import assignment as assigning
from reviews.services import ballots, judging, jury
from tests.kept import keep

ROLES = frozenset({"organiser", "public"})
DAY = timedelta(days=1)
# Opening, closing and end of judging of a call in each phase, in days from the present.
SCHEDULE: dict[Phase, tuple[int, int, int]] = {
    Phase.DRAFT: (1, 10, 20),
    Phase.ANNOUNCED: (1, 10, 20),
    Phase.OPEN: (-10, 6, 20),
    Phase.SCREENING: (-20, -2, 9),
    Phase.JUDGING: (-20, -6, 4),
    Phase.DELIBERATION: (-20, -6, -1),
    Phase.SEALED: (-20, -6, -1),
    Phase.PUBLISHED: (-20, -6, -1),
    Phase.ARCHIVED: (-20, -6, -1),
}
RULES: dict[str, object] = {
    "entry": "individual",
    "criteria": [
        {
            "code": code,
            "title": {"it": italian, "en": english},
            "kind": "judged",
            "weight": weight,
            "scale": {"min": "0", "max": "10", "step": "0.5"},
        }
        for code, italian, english, weight in (
            ("impact", "Impatto sociale", "Social impact", "50"),
            ("economy", "Sostenibilità economica", "Economic sustainability", "30"),
            ("novelty", "Innovazione", "Innovation", "20"),
        )
    ],
    "combine": {"method": "mean"},
    "points": "coefficient",
    "rounding": [{"at": "combined", "places": 2, "mode": "half_up"}, {"at": "total", "places": 2, "mode": "half_up"}],
    "gates": [{"on": "total", "minimum": "50"}],
    "ties": ["criterion:impact", "earliest"],
    "quorum": 2,
}
# What each juror gives to the first, the second and the third proposal, on the three criteria.
MARKS = {
    "Bruno": (("9", "8", "8.5"), ("7", "7.5", "6"), ("4", "3", "5")),
    "Carla": (("8.5", "9", "8"), ("7.5", "7", "7"), ("3", "4.5", "4")),
    "Dario": (("9.5", "8", "9"), ("6.5", "8", "7"), ("5", "4", "3.5")),
}


def person(name: str, **fields: object) -> Person:
    """Return the person of this name, made on first mention."""
    email = f"{name.lower()}@example.org"
    found = Person.objects.filter(email=email).first()
    return found or Person.objects.create_user(email, name=f"{name} Prova", **fields)


@dataclass
class Cast:
    """Everyone, the call, and its parts."""

    now: datetime
    call: Call
    category: Category
    round: Round
    prize: Prize
    organiser: Person
    chair: Person
    jurors: dict[str, Juror] = field(default_factory=dict)
    conflicted: Juror | None = None
    proposals: list[Proposal] = field(default_factory=list)

    @property
    def applicant(self) -> Person:
        """Fabio, whose proposal is the first."""
        return person("Fabio")

    @property
    def other_applicant(self) -> Person:
        """Gaia, whose proposal is the second."""
        return person("Gaia")

    @property
    def stranger(self) -> Person:
        """Sonia, who has no role anywhere."""
        return person("Sonia")

    @property
    def other_organiser(self) -> Person:
        """Olga, who organises another call."""
        return person("Olga")

    @property
    def draft(self) -> Proposal:
        """Sonia's brother Ivo never submitted his."""
        return Proposal.records.select_related("call", "category").get(call=self.call, applicant=person("Ivo"))

    def assignment(self, juror: str, proposal: int = 0) -> Assignment:
        """Return a juror's assignment on a proposal."""
        rows = Assignment.records.select_related("juror", "proposal__call", "round__category")
        return rows.get(juror=self.jurors[juror], proposal=self.proposals[proposal])

    @property
    def publication(self) -> Publication:
        """The sealed result."""
        return Publication.records.get(call=self.call)


def make_call(code: str, phase: Phase, now: datetime, organiser: Person) -> tuple[Call, Category, Round, Prize]:
    """Return a call with one category, one round and one prize, not yet opened."""
    opens, closes, ends = SCHEDULE[phase]
    body, _ = Organisation.objects.get_or_create(name="Rete Prova")
    programme, _ = Programme.objects.get_or_create(
        code="cantieri", defaults={"title": {"it": "Cantieri", "en": "Building sites"}, "organisation": body}
    )
    edition, _ = Edition.objects.get_or_create(programme=programme, code="2026", defaults={"title": {"it": "2026"}})
    call = Call.objects.create(
        edition=edition,
        code=code,
        initials="FR",
        title={"it": f"Bando {code}", "en": f"Call {code}"},
        summary={"it": "Cerchiamo esperienze.", "en": "We look for experience."},
        opens_at=now + opens * DAY,
        closes_at=now + closes * DAY,
        judging_ends_at=now + ends * DAY,
        draw_seed="14 novembre",
    )
    contests.appoint(call=call, person=organiser, role="organiser", actor=None, now=now)
    category = Category.objects.create(
        call=call,
        code="business-case",
        title={"it": "Casi imprenditoriali", "en": "Business cases"},
        question={"it": "Che cosa è cambiato, e come lo sapete?", "en": "What has changed, and how do you know?"},
        words=250,
    )
    round_ = Round.objects.create(category=category, code="jury", title={"it": "Giuria", "en": "Jury"})
    contests.write_rules(round_=round_, document=RULES, now=now)
    prize = Prize.objects.create(
        category=category, round=round_, code="best", title={"it": "Miglior caso", "en": "Best case"}, places=1
    )
    return call, category, round_, prize


def raise_cast(phase: Phase = Phase.JUDGING, *, code: str = "fare-rete", scored: bool | None = None) -> Cast:
    """Bring everyone on stage with the call in a phase; ballots are cast from deliberation on, or when `scored`."""
    return keep((phase, code, scored), lambda: _play(phase, code, scored=scored))


def _play(phase: Phase, code: str, *, scored: bool | None) -> Cast:
    now = clock.now()
    organiser, chair = person("Ada"), person("Chiara")
    call, category, round_, prize = make_call(code, phase, now, organiser)
    contests.appoint(call=call, person=chair, role="chair", actor=organiser, now=now)
    cast = Cast(now, call, category, round_, prize, organiser, chair)
    if not Call.objects.filter(code="altro").exists():
        make_call("altro", phase, now, cast.other_organiser)
    steps = tuple(Phase)
    if phase != Phase.DRAFT:
        contests.open_call(call=call, actor=organiser, roles=ROLES, now=call.opens_at - DAY)
    if steps.index(phase) >= steps.index(Phase.OPEN):
        _apply(cast)
    if steps.index(phase) >= steps.index(Phase.SCREENING):
        _screen_and_seat(cast)
    if steps.index(phase) >= steps.index(Phase.JUDGING):
        _assign(cast)
        if scored or (scored is None and phase != Phase.JUDGING):
            cast_ballots(cast)
    if steps.index(phase) >= steps.index(Phase.DELIBERATION):
        judging.close_judging(call=call, actor=organiser, roles=ROLES, now=call.judging_ends_at)
        outbox.drain(clock.now)
    if steps.index(phase) >= steps.index(Phase.SEALED):
        _seal(cast, phase)
    cast.call.refresh_from_db()
    return cast


def _apply(cast: Cast) -> None:
    at = cast.call.opens_at + DAY
    for number, name in enumerate(("Fabio", "Gaia", "Livia"), start=1):
        draft = contests.start_proposal(category=cast.category, actor=person(name), now=at)
        saved = contests.save_proposal(
            proposal=draft,
            changes={
                "title": f"Progetto {number}",
                "summary": f"Sintesi del progetto {number}.",
                "answers": {"answer": f"Risposta lunga del progetto {number}."},
                "organisation": f"Cooperativa {name}",
                "region": "Lazio",
            },
            version=draft.version,
            actor=person(name),
            now=at,
        )
        cast.proposals.append(
            contests.submit_proposal(proposal=saved, actor=person(name), now=at + number * timedelta(hours=1))
        )
    contests.start_proposal(category=cast.category, actor=person("Ivo"), now=at)


def _screen_and_seat(cast: Cast) -> None:
    at = cast.call.closes_at + timedelta(hours=1)
    for proposal in cast.proposals:
        contests.move_proposal(proposal=proposal, verb="admit", actor=cast.organiser, roles=ROLES, now=at)
    for name in ("Bruno", "Carla", "Dario", "Elena"):
        juror = jury.seat_juror(call=cast.call, person=person(name), categories=[cast.category], code=name, now=at)
        cast.jurors[name] = juror
    cast.conflicted = cast.jurors["Elena"]
    jury.declare_conflict(
        juror=cast.conflicted, proposal=cast.proposals[0], kind=Conflict.Kind.DECLARED, actor=person("Elena"), now=at
    )


def _assign(cast: Cast) -> None:
    at = cast.call.closes_at + timedelta(hours=2)
    judging.open_judging(call=cast.call, actor=cast.organiser, roles=ROLES, now=at)
    for name in MARKS:
        for proposal in cast.proposals:
            assigning.assign(
                round_=cast.round,
                juror=cast.jurors[name],
                proposal=proposal,
                actor=cast.organiser,
                roles=ROLES,
                now=at,
            )


def cast_ballots(cast: Cast, *jurors: str, drain: bool = True) -> None:
    """Let jurors (all three unless named) score every proposal, and compute the ranking unless a worker is to."""
    at = cast.call.closes_at + timedelta(hours=3)
    for name in jurors or tuple(MARKS):
        for number, marks in enumerate(MARKS[name]):
            ballots.save_ballot(
                assignment=cast.assignment(name, number),
                marks=dict(zip(("impact", "economy", "novelty"), marks, strict=True)),
                version=0,
                actor=person(name),
                now=at,
                complete=True,
            )
    if drain:
        outbox.drain(clock.now)


def _seal(cast: Cast, phase: Phase) -> None:
    at = cast.call.judging_ends_at + timedelta(hours=1)
    released_at = cast.now + 2 * DAY if phase == Phase.SEALED else cast.now - timedelta(hours=2)
    awards.seal_results(call=cast.call, released_at=released_at, actor=cast.organiser, roles=ROLES, now=at)
    if phase == Phase.ARCHIVED:
        Call.objects.filter(pk=cast.call.pk).update(archived_at=cast.now - timedelta(hours=1))
