"""Reading calls and proposals, each query named for the page that it serves."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.models import Person
from common.visibility import APPLICANT, OWN, PUBLIC, SENT, View, relations, view, visible_fields
from contests.lifecycle import STANDING, Phase, ProposalState, phase_of
from contests.models import Attachment, Call, CallRole, Category, Proposal, Round, RuleSet

Actor = Person | AnonymousUser
SMALL_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


def roles_of(actor: Actor, call: Call) -> frozenset[str]:
    """Return a person's roles in a call by appointment; applicant and juror are relations to an object."""
    given = CallRole.objects.filter(call=call, person_id=actor.pk).values_list("role", flat=True) if actor.pk else ()
    return frozenset(given) | {PUBLIC}


def phase(call: Call, now: datetime) -> Phase:
    """Return the phase of a call."""
    return phase_of(call.schedule, call.acts, now)


def calls_run_by(actor: Actor) -> list[Call]:
    """Return the calls in which a person has an appointed role, the next to close first."""
    if not actor.pk:
        return []
    runs = Call.objects.filter(roles__person_id=actor.pk or 0).select_related("edition__programme").distinct()
    return list(runs.order_by("-closes_at", "code"))


def visible_calls(actor: Actor, now: datetime) -> list[Call]:
    """Return the calls that a person may see: all that are public, and those they run."""
    mine = set(CallRole.objects.filter(person_id=actor.pk).values_list("call_id", flat=True)) if actor.pk else set()
    calls = Call.objects.select_related("edition__programme__organisation").order_by("closes_at", "code")
    return [call for call in calls if call.pk in mine or phase(call, now) != Phase.DRAFT]


def find_call(actor: Actor, code: str, now: datetime) -> Call | None:
    """Return a call that the person may see, None when there is none."""
    call = Call.objects.select_related("edition__programme__organisation").filter(code=code).first()
    if call is None or (phase(call, now) == Phase.DRAFT and roles_of(actor, call) == {PUBLIC}):
        return None
    return call


def call_view(call: Call, roles: frozenset[str], now: datetime, *, without: str = "") -> View:
    """Return what someone with these roles sees of a call, `without` the fields that a page has no use for."""
    present = phase(call, now)
    fields = visible_fields(roles, "call", present, ()) - set(without.split())
    counts = counts_of([call.pk]).get(call.pk, {}) if fields & {"counts", "sent"} else {}
    return _call_view(call, fields, present, counts)


def call_cards(now: datetime) -> list[View]:
    """Return what everybody sees of every public call, categories apart, the next to close first; two statements."""
    calls = visible_calls(AnonymousUser(), now)
    counts = counts_of([call.pk for call in calls])
    cards = []
    for call in calls:
        present = phase(call, now)
        fields = visible_fields({PUBLIC}, "call", present, ()) - {"categories"}
        cards.append(_call_view(call, fields, present, counts.get(call.pk, {})))
    return cards


def _call_view(call: Call, fields: frozenset[str], present: Phase, counts: Mapping[str, int]) -> View:
    return view(
        "call",
        call,
        fields,
        {
            "phase": lambda _call: present,
            "programme": lambda call: call.edition.programme.title,
            "categories": categories_of,
            "counts": lambda _call: counts,
            "sent": lambda _call: sum(count for state, count in counts.items() if state in STANDING),
        },
    )


def categories_of(call: Call) -> list[Category]:
    """Return a call's categories with their rounds, each round with its current rules, in three statements."""
    current = Prefetch("rule_sets", RuleSet.objects.order_by("-version"), to_attr="newest_first")
    rounds = Prefetch("rounds", Round.objects.prefetch_related(current))
    return list(call.categories.prefetch_related(rounds))


def versions_of(round_: Round) -> list[RuleSet]:
    """Return every version of the rules of a round that `categories_of` read, the newest first."""
    found: list[RuleSet] = round_.newest_first  # type: ignore[attr-defined] # the prefetch of categories_of
    return found


def rules_of(round_: Round) -> RuleSet | None:
    """Return the newest rules of a round."""
    return round_.rule_sets.order_by("-version").first()


def counts_of(call_ids: Iterable[int]) -> Mapping[int, Mapping[str, int]]:
    """Return {call id: {state: how many proposals}} in one statement."""
    found: dict[int, dict[str, int]] = {}
    rows = Proposal.records.filter(call_id__in=list(call_ids)).values_list("call_id", "state")
    for call_id, state, count in rows.annotate(count=Count("pk")):
        found.setdefault(call_id, {})[state] = count
    return found


def visible_proposals(actor: Actor, now: datetime, call: Call | None = None) -> QuerySet[Proposal]:
    """Return the proposals of which a person sees anything as applicant, organiser or chair; jurors have a query apart.

    The WHERE is made of the visibility table's relations, so the list and the single answer cannot differ.
    """
    seen = Q(pk__in=())
    if actor.pk:
        seen |= Q(applicant_id=actor.pk)
        appointed: dict[Call, set[str]] = {}
        of_person = CallRole.objects.filter(person_id=actor.pk).select_related("call")
        for role in of_person if call is None else of_person.filter(call=call):
            appointed.setdefault(role.call, set()).add(role.role)
        through = [
            each.pk for each, roles in appointed.items() if SENT in relations(roles, "proposal", phase(each, now))
        ]
        seen |= Q(call_id__in=through) & ~Q(state=ProposalState.DRAFT)
    rows = Proposal.records.filter(seen).select_related("call", "category", "organisation")
    return rows if call is None else rows.filter(call=call)


def held_relations(actor: Actor, proposal: Proposal) -> frozenset[str]:
    """Return the relations in which a person stands to a proposal, the juror's apart."""
    own = {OWN} if actor.pk and proposal.applicant_id == actor.pk else set()
    sent = {SENT} if proposal.state != ProposalState.DRAFT else set()
    return frozenset(own | sent)


def proposal_view(actor: Actor, proposal: Proposal, roles: frozenset[str], now: datetime) -> View:
    """Return what a person with these roles in its call sees of a proposal."""
    held = held_relations(actor, proposal)
    roles = roles | {APPLICANT} if OWN in held else roles
    return make_proposal_view(proposal, visible_fields(roles, "proposal", phase(proposal.call, now), held))


def make_proposal_view(proposal: Proposal, fields: frozenset[str]) -> View:
    """Return the proposal with these fields only."""
    return view("proposal", proposal, fields, {"attachments": attachments_of})


def attachments_of(proposal: Proposal) -> list[Attachment]:
    """Return a proposal's files, newest first."""
    return list(Attachment.records.filter(proposal=proposal).order_by("-uploaded_at"))


def proposals_of(actor: Actor, now: datetime) -> list[View]:
    """Return all but the files of the person's own proposals, for "my proposals", the last saved first."""
    own = Proposal.records.filter(applicant_id=actor.pk).select_related("call", "category", "organisation")
    cards = []
    for proposal in own.order_by("-saved_at"):
        fields = visible_fields({APPLICANT}, "proposal", phase(proposal.call, now), held_relations(actor, proposal))
        cards.append(make_proposal_view(proposal, fields - {"attachments"}))
    return cards


def find_own_proposal(actor: Actor, pk: UUID) -> Proposal | None:
    """Return the person's own proposal, None when there is no such, or it is somebody else's."""
    if not actor.pk:
        return None
    own = Proposal.records.filter(pk=pk, applicant_id=actor.pk)
    return own.select_related("call__edition__programme", "category", "organisation").first()


def own_proposals_in(actor: Actor, call: Call) -> dict[int, Proposal]:
    """Return {category id: the person's proposal in it, unless withdrawn}."""
    own = Proposal.records.filter(call=call, applicant_id=actor.pk) if actor.pk else Proposal.records.none()
    return {proposal.category_id: proposal for proposal in own.exclude(state=ProposalState.WITHDRAWN)}


def find_category(call: Call, code: str) -> Category | None:
    """Return a category of a call by its code."""
    return Category.objects.select_related("call").filter(call=call, code=code).first()


def find_rules(call: Call, category: str, round_: str, version: str = "") -> RuleSet | None:
    """Return the sealed rules of a round by the codes of category and round: a version, or else the newest."""
    rules = RuleSet.objects.filter(round__category__call=call, round__category__code=category, round__code=round_)
    if version:
        rules = rules.filter(version=int(version)) if SMALL_NUMBER.fullmatch(version) else rules.none()
    return rules.filter(sealed_at__isnull=False).order_by("-version").first()


def find_round(call: Call, category: str, round_: str) -> Round | None:
    """Return a round of a call by the codes of category and round."""
    rounds = Round.objects.filter(category__call=call, category__code=category, code=round_)
    return rounds.select_related("category__call").first()


def find_attachment(actor: Actor, pk: UUID, now: datetime) -> Attachment | None:
    """Return a file of a proposal whose files the person may see, None otherwise."""
    file = (
        Attachment.records.filter(pk=pk, proposal__in=visible_proposals(actor, now))
        .select_related("proposal__call")
        .first()
    )
    if file is None:
        return None
    shown = proposal_view(actor, file.proposal, roles_of(actor, file.proposal.call), now)
    return file if hasattr(shown, "attachments") else None


def proposal_cards(actor: Actor, proposals: Iterable[Proposal], now: datetime) -> list[View]:
    """Return what a person sees of each proposal but its attachments, for lists: one statement for all."""
    roles: dict[int, frozenset[str]] = {}
    for call_id, role in CallRole.objects.filter(person_id=actor.pk).values_list("call_id", "role") if actor.pk else ():
        roles[call_id] = roles.get(call_id, frozenset({PUBLIC})) | {role}
    cards = []
    for proposal in proposals:
        held = held_relations(actor, proposal)
        given = roles.get(proposal.call_id, frozenset({PUBLIC})) | ({APPLICANT} if OWN in held else set())
        fields = visible_fields(given, "proposal", phase(proposal.call, now), held) - {"attachments"}
        cards.append(make_proposal_view(proposal, fields))
    return cards
