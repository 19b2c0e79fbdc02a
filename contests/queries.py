"""Reading calls and proposals, each query named for the page that it serves."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.models import Person
from common.visibility import APPLICANT, OWN, PUBLIC, SENT, View, relations, view, visible_fields
from contests.lifecycle import Phase, ProposalState, phase_of
from contests.models import Attachment, Call, CallRole, Category, Proposal, Round, RuleSet

Actor = Person | AnonymousUser


def roles_of(actor: Actor, call: Call) -> frozenset[str]:
    """Return a person's roles in a call by appointment; applicant and juror are relations to an object."""
    given = CallRole.objects.filter(call=call, person_id=actor.pk).values_list("role", flat=True) if actor.pk else ()
    return frozenset(given) | {PUBLIC}


def phase(call: Call, now: datetime) -> Phase:
    """Return the phase of a call."""
    return phase_of(call.schedule, call.acts, now)


def calls_run_by(actor: Actor) -> list[Call]:
    """Return the calls in which a person has an appointed role, the next to close first."""
    runs = Call.objects.filter(roles__person_id=actor.pk).select_related("edition__programme").distinct()
    return list(runs.order_by("-closes_at", "code"))


def visible_calls(actor: Actor, now: datetime) -> list[Call]:
    """Return the calls that a person may see: all that are public, and those they run."""
    mine = set(CallRole.objects.filter(person_id=actor.pk).values_list("call_id", flat=True)) if actor.pk else set()
    calls = Call.objects.select_related("edition__programme__organisation").order_by("closes_at", "code")
    return [call for call in calls if call.pk in mine or phase(call, now) != Phase.DRAFT]


def public_calls(now: datetime) -> list[Call]:
    """Return the calls that everybody may see, the next to close first."""
    return visible_calls(AnonymousUser(), now)


def find_call(actor: Actor, code: str, now: datetime) -> Call | None:
    """Return a call that the person may see, None when there is none."""
    call = Call.objects.select_related("edition__programme__organisation").filter(code=code).first()
    if call is None or (phase(call, now) == Phase.DRAFT and roles_of(actor, call) == {PUBLIC}):
        return None
    return call


def call_view(call: Call, roles: frozenset[str], now: datetime) -> View:
    """Return what someone with these roles sees of a call."""
    present = phase(call, now)
    fields = visible_fields(roles, "call", present, ())
    return view(
        "call",
        call,
        fields,
        {
            "phase": lambda _call: present,
            "programme": lambda call: call.edition.programme.title,
            "categories": categories_of,
            "counts": lambda call: counts_of([call.pk]).get(call.pk, {}),
        },
    )


def categories_of(call: Call) -> list[Category]:
    """Return a call's categories with their rounds, each round with its current rules, in three statements."""
    current = Prefetch("rule_sets", RuleSet.objects.order_by("-version"), to_attr="newest_first")
    rounds = Prefetch("rounds", Round.objects.prefetch_related(current))
    return list(call.categories.prefetch_related(rounds))


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
    """Return the proposals of which a person sees anything as applicant, organiser or chair; jurors have their own query.

    The WHERE is made of the visibility table's relations, so the list and the single answer cannot differ.
    """
    seen = Q(pk__in=())
    if actor.pk:
        seen |= Q(applicant_id=actor.pk)
        appointed: dict[Call, set[str]] = {}
        of_person = CallRole.objects.filter(person_id=actor.pk).select_related("call")
        for role in of_person if call is None else of_person.filter(call=call):
            appointed.setdefault(role.call, set()).add(role.role)
        through = [each.pk for each, roles in appointed.items() if SENT in relations(roles, "proposal", phase(each, now))]
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


def proposals_of(actor: Person) -> list[Proposal]:
    """Return the person's own proposals for "my proposals", the last saved first."""
    own = Proposal.records.filter(applicant=actor).select_related("call", "category", "organisation")
    return list(own.order_by("-saved_at"))
