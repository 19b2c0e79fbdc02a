"""Changes to calls and proposals, one function a verb: atomic, audited, and either done or refused."""

import hashlib
import secrets
from collections.abc import Mapping
from copy import copy
from datetime import datetime
from pathlib import Path
from typing import Any

import filetype
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.urls import reverse

from accounts.models import Organisation, Person
from accounts.services import introduce
from common import audit, outbox
from common.errors import Refused
from common.fields import localised
from common.metadata import Unreadable, without_metadata
from common.visibility import PUBLIC
from contests import messages, permissions
from contests.lifecycle import EDITABLE, TRANSITIONS, Phase, ProposalState
from contests.models import Attachment, Call, CallRole, Category, Proposal, Round, RuleSet
from contests.queries import rules_of
from engine.rules import InvalidRules, parse_rules, seal
from engine.words import too_long, words_in
from notifications.services import MessageType, notify

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no letter or digit that can be taken for another
FILE_TYPES = {"application/pdf", "image/jpeg", "image/png"}
WRITABLE = frozenset({"title", "summary", "answers", "region", "organisation", "applicant_name"})
SUMMARY_WORDS = 120


def open_call(*, call: Call, actor: Person, roles: frozenset[str], now: datetime) -> None:
    """Open a call: seal the rules of every round, so that nobody can bend them later."""
    permissions.may_organise(roles).demand()
    with transaction.atomic():
        if not Call.objects.filter(pk=call.pk, opened_at=None).update(opened_at=now):
            raise Refused("wrong_phase")
        for round_ in Round.objects.filter(category__call=call).select_related("category"):
            seal_rules(rules_of(round_), round_, now=now)
        audit.record("open", call, actor=actor, now=now)
    call.opened_at = now


def change_rules(
    *,
    round_: Round,
    document: dict[str, object],
    seen: str,
    reason: str,
    actor: Person,
    roles: frozenset[str],
    now: datetime,
) -> RuleSet:
    """Change a round's rules: freely until the call opens, then by a next version with its reason until judging closes.

    `seen` is the hash of the rules that the organiser changed, empty where there were none. Once sealed, criteria and
    scales stay: marks may have been given on them.
    """
    with transaction.atomic():
        call = Call.objects.select_for_update().get(pk=round_.category.call_id)  # it neither opens nor closes meanwhile
        permissions.may_change_rules(call, roles, now).demand()
        newest = rules_of(round_)
        if seen != (newest.hash if newest else ""):
            raise Refused("rules_changed")
        if newest is not None and newest.sealed_at is not None:
            if _marked_on(newest.document) != _marked_on(document):
                raise Refused("rules_fixed")
            if newest.hash == seal(document):
                raise Refused("rules_same")
        written = write_rules(round_=round_, document=document, now=now, reason=reason.strip())
        facts = {"category": round_.category.title, "version": written.version, "hash": written.hash, "reason": reason}
        audit.record("change rules", call, actor=actor, now=now, **facts)
        outbox.ask("rules changed", str(round_.pk), now=now, payload={"round": round_.pk})
    return written


def _marked_on(document: Mapping[str, Any]) -> tuple[object, ...]:
    """What marks depend on: how they are entered, and the criteria with their scales."""
    criteria = document.get("criteria", ())
    return document.get("entry"), *((each.get("code"), each.get("kind"), each.get("scale")) for each in criteria)


def write_rules(*, round_: Round, document: dict[str, object], now: datetime, reason: str = "") -> RuleSet:
    """Give a round its rules: the open draft changes, sealed rules get a next version, which needs a reason."""
    try:
        parse_rules(document)
    except InvalidRules as invalid:
        raise Refused("rules_invalid", faults=str(invalid)) from None
    newest = rules_of(round_)
    if newest is not None and newest.sealed_at is None:
        newest.document, newest.hash = document, seal(document)
        newest.save(update_fields=["document", "hash"])
        return newest
    if newest is not None and not reason:
        raise Refused("reason_needed")
    version = newest.version + 1 if newest else 1
    sealed_at = now if newest else None
    return RuleSet.objects.create(
        round=round_, version=version, document=document, hash=seal(document), sealed_at=sealed_at, reason=reason
    )


def seal_rules(rules: RuleSet | None, round_: Round, *, now: datetime) -> None:
    """Seal a round's rules; sealing twice changes nothing."""
    if rules is None:
        raise Refused("rules_missing", category=localised(round_.category.title))
    try:
        parse_rules(rules.document)
    except InvalidRules as invalid:
        raise Refused("rules_invalid", faults=str(invalid)) from None
    RuleSet.objects.filter(pk=rules.pk, sealed_at=None).update(sealed_at=now, hash=seal(rules.document))


def extend_deadline(
    *, call: Call, closes_at: datetime, reason: str, actor: Person, roles: frozenset[str], now: datetime
) -> None:
    """Move the deadline of an open call later, and write to everyone who has a proposal in it."""
    permissions.may_organise(roles).demand()
    permissions.may_write(call, now).demand()
    if not reason.strip():
        raise Refused("reason_needed")
    if closes_at <= call.closes_at:
        raise Refused("dates_wrong")
    with transaction.atomic():
        before = call.closes_at
        judging_ends_at = max(call.judging_ends_at, closes_at)
        open_now = _open_calls(now).filter(pk=call.pk, closes_at__lt=closes_at)
        if not open_now.update(closes_at=closes_at, judging_ends_at=judging_ends_at):
            permissions.may_write(Call.objects.get(pk=call.pk), now).demand()
            raise Refused("dates_wrong")
        call.closes_at, call.judging_ends_at = closes_at, judging_ends_at
        audit.record(
            "extend", call, actor=actor, now=now, before=before.isoformat(), after=closes_at.isoformat(), reason=reason
        )
        own = Proposal.records.filter(call=call, applicant__isnull=False).select_related("applicant")
        for proposal in own.exclude(state=ProposalState.WITHDRAWN):
            _tell(messages.EXTENSION, proposal, now, key=f"{proposal.pk}:{closes_at.isoformat()}", reason=reason)


def start_proposal(*, category: Category, actor: Person, now: datetime) -> Proposal:
    """Begin a draft in a category; one person has one proposal in it."""
    permissions.may_write(category.call, now).demand()
    try:
        with transaction.atomic():
            proposal = Proposal.records.create(
                call=category.call,
                category=category,
                code=_new_code(category.call),
                applicant=actor,
                applicant_name=actor.name,
                contact_email=actor.email,
                created_at=now,
                saved_at=now,
            )
            _hold(proposal, actor, now)
            audit.record("start", proposal, actor=actor, now=now)
    except IntegrityError:
        raise Refused("one_a_category") from None
    return proposal


def _new_code(call: Call) -> str:
    """A code that tells nothing: neither order nor number."""
    return f"{call.initials}-{''.join(secrets.choice(ALPHABET) for _ in range(6))}"


def save_proposal(
    *, proposal: Proposal, changes: Mapping[str, object], version: int, actor: Person, now: datetime
) -> Proposal:
    """Save what the applicant wrote, complete or not, if nobody saved another version and the call is still open.

    `changes` holds fields of WRITABLE; `organisation` is a name. Deadline, state and version are compared in the
    statement that writes. What was submitted counts as it stands, so a change to it must be complete, is written down,
    and has a receipt of its own.
    """
    permissions.may_edit(proposal, actor, now).demand()
    values = {name: value for name, value in changes.items() if name in WRITABLE}
    with transaction.atomic():
        if "organisation" in values:
            values["organisation"] = _organisation(str(values["organisation"]))
        if proposal.state == ProposalState.SUBMITTED:
            _demand_complete(_changed(proposal, values))
        saved = _writable_now(proposal, now).filter(version=version, state=proposal.state)
        if not saved.update(**values, version=F("version") + 1, saved_at=now):
            _explain_unsaved(proposal, actor, now)
        if "applicant_name" in values:
            introduce(person=actor, name=str(values["applicant_name"]))
        fresh = Proposal.records.select_related("call", "category", "organisation", "applicant").get(pk=proposal.pk)
        if fresh.state == ProposalState.SUBMITTED:
            audit.record("change", fresh, actor=actor, now=now, hash=text_hash(fresh))
            _tell(messages.RECEIPT, fresh, now, key=f"{fresh.pk}:{fresh.version}")
    return fresh


def _changed(proposal: Proposal, values: Mapping[str, object]) -> Proposal:
    """The proposal as it would be with these values."""
    other = copy(proposal)
    for name, value in values.items():
        setattr(other, name, value)
    return other


def _demand_complete(proposal: Proposal) -> None:
    if problems := missing(proposal):
        raise Refused("incomplete", fields=", ".join(sorted(problems)))


def _open_calls(now: datetime) -> QuerySet[Call]:
    """The calls in which applicants may write at this very instant."""
    return Call.objects.filter(opened_at__isnull=False, opens_at__lte=now, closes_at__gt=now, judging_opened_at=None)


def _writable_now(proposal: Proposal, now: datetime) -> QuerySet[Proposal]:
    """The row, if this very instant still allows to write it."""
    # A subquery and not a join: Django would move a joined filter, version and all, into the subquery, and PostgreSQL
    # does not look into it again when another save held the row meanwhile; both saves would win.
    return Proposal.records.filter(pk=proposal.pk, state__in=EDITABLE, call__in=_open_calls(now))


def _hold(proposal: Proposal, actor: Person, now: datetime) -> None:
    """Hold the row until the transaction ends, for a change beside it; refuse if nothing may be written now."""
    if not _writable_now(proposal, now).update(saved_at=now):
        _explain_unsaved(proposal, actor, now)


def _explain_unsaved(proposal: Proposal, actor: Person, now: datetime) -> None:
    """Say why a compare-and-set found no row."""
    fresh = Proposal.records.select_related("call").get(pk=proposal.pk)
    permissions.may_edit(fresh, actor, now).demand()
    raise Refused("stale", version=fresh.version)


def _organisation(name: str) -> Organisation | None:
    name = name.strip()
    if not name:
        return None
    return Organisation.objects.filter(name=name).order_by("pk").first() or Organisation.objects.create(name=name)


def missing(proposal: Proposal) -> dict[str, str]:
    """Return {field: "missing" or "too_long"} for what keeps a proposal from being submitted."""
    category = proposal.category
    texts = {"title": proposal.title, "summary": proposal.summary, "answer": proposal.answers.get("answer", "")}
    problems = {name: "missing" for name, text in texts.items() if not words_in(text)}
    if proposal.organisation_id is None:
        problems["organisation"] = "missing"
    limits = {"summary": SUMMARY_WORDS, "answer": category.words}
    problems.update({name: "too_long" for name, limit in limits.items() if too_long(texts[name], limit)})
    return problems


def submit_proposal(*, proposal: Proposal, actor: Person, now: datetime) -> Proposal:
    """Submit a complete draft before the bell, and send the receipt."""
    permissions.may_move(proposal, "submit", actor, frozenset({PUBLIC}), now).demand()
    _demand_complete(proposal)
    with transaction.atomic():
        _move(_writable_now(proposal, now).filter(version=proposal.version), proposal, "submit", now, submitted_at=now)
        proposal.submitted_at = now
        audit.record("submit", proposal, actor=actor, now=now, hash=text_hash(proposal))
        _tell(messages.RECEIPT, proposal, now, key=f"{proposal.pk}:{proposal.version}")
    return proposal


def text_hash(proposal: Proposal) -> str:
    """Return the fingerprint of what was submitted: hex SHA-256 over its texts, each on its own line."""
    parts = (proposal.title, proposal.summary, *(f"{key}={text}" for key, text in sorted(proposal.answers.items())))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _move(rows: QuerySet[Proposal], proposal: Proposal, verb: str, now: datetime, **also: object) -> None:
    """Move the state by compare-and-set; nobody else may have moved it meanwhile."""
    transition = TRANSITIONS[verb]
    if not rows.filter(pk=proposal.pk, state__in=transition.sources).update(state=transition.target, **also):
        fresh = Proposal.records.select_related("call").get(pk=proposal.pk)
        if fresh.state not in transition.sources:
            raise Refused("wrong_state", state=fresh.state)
        permissions.may_write(fresh.call, now).demand()
        raise Refused("stale", version=fresh.version)
    proposal.state = transition.target


def move_proposal(
    *, proposal: Proposal, verb: str, actor: Person, roles: frozenset[str], now: datetime, reason: str = ""
) -> Proposal:
    """Withdraw, revive, admit or exclude. An exclusion tells its reason."""
    permissions.may_move(proposal, verb, actor, roles, now).demand()
    if verb == "exclude" and not reason.strip():
        raise Refused("reason_needed")
    with transaction.atomic():
        try:
            with transaction.atomic():
                rows = Proposal.records.all()
                if TRANSITIONS[verb].phases == {Phase.OPEN}:
                    rows = rows.filter(call__in=_open_calls(now))
                _move(rows, proposal, verb, now, state_reason=reason)
        except IntegrityError:  # revived while another proposal of theirs stands in the category
            raise Refused("one_a_category") from None
        audit.record(verb, proposal, actor=actor, now=now, reason=reason)
        outbox.ask("proposals moved", str(proposal.category_id), now=now, payload={"category": proposal.category_id})
    proposal.state_reason = reason
    return proposal


def attach_file(*, proposal: Proposal, upload: "UploadedFile[bytes]", actor: Person, now: datetime) -> Attachment:
    """Keep a file with a proposal: PDF, JPEG or PNG by its content, not by its name."""
    permissions.may_edit(proposal, actor, now).demand()
    size, limit = upload.size or 0, settings.ATTACHMENT_MAX_BYTES
    if not size:
        raise Refused("file_empty")
    if size > limit:
        raise Refused("file_too_large", size=size // 1024**2, limit=limit // 1024**2)
    head = upload.read(8192)
    kind = filetype.guess_mime(head)
    if kind not in FILE_TYPES:
        raise Refused("file_type")
    digest = hashlib.sha256(head)
    for chunk in iter(lambda: upload.read(65536), b""):
        digest.update(chunk)
    upload.seek(0)
    name = (upload.name or "")[-200:]
    upload.name = f"{secrets.token_hex(16)}.{kind.rpartition('/')[2]}"
    with transaction.atomic():
        _hold(proposal, actor, now)
        attachment = Attachment.records.create(
            proposal=proposal,
            file=upload,
            name=name,
            content_type=kind,
            size=size,
            sha256=digest.hexdigest(),
            uploaded_at=now,
        )
        audit.record("attach", proposal, actor=actor, now=now, size=size)
        outbox.ask("strip metadata", str(attachment.pk), now=now, payload={"attachment": str(attachment.pk)})
    return attachment


@outbox.handles("strip metadata", leases=6)
def strip_metadata(payload: Mapping[str, object], now: datetime) -> None:
    """Make the copy that jurors read; where it cannot be made, note it, and the organisers see that."""
    waiting = Attachment.records.filter(pk=str(payload["attachment"]), stripped=None)
    attachment = waiting.first()
    if attachment is None:
        return
    try:
        with attachment.file.open("rb") as original:
            content = without_metadata(original.read(), attachment.content_type)
    except (Unreadable, FileNotFoundError):
        waiting.update(stripped=False)
        return
    attachment.copy.save(
        f"{secrets.token_hex(16)}{Path(str(attachment.file.name)).suffix}", ContentFile(content), save=False
    )
    if not waiting.update(stripped=True, copy=attachment.copy.name):
        attachment.copy.delete(save=False)  # the file was taken away meanwhile


def remove_file(*, attachment: Attachment, actor: Person, now: datetime) -> None:
    """Take a file away; the stored bytes go when the change is committed."""
    proposal = attachment.proposal
    permissions.may_edit(proposal, actor, now).demand()
    with transaction.atomic():
        _hold(proposal, actor, now)
        audit.record("detach", proposal, actor=actor, now=now)
        attachment.delete()
        transaction.on_commit(lambda: _remove_bytes(attachment))


def _remove_bytes(attachment: Attachment) -> None:
    for stored in (attachment.file, attachment.copy):
        if stored:
            stored.delete(save=False)


def appoint(*, call: Call, person: Person, role: str, actor: Person | None, now: datetime) -> None:
    """Give a person a role in a call; giving it twice changes nothing."""
    with transaction.atomic():
        _role, made = CallRole.objects.get_or_create(call=call, person=person, role=role)
        if made:
            audit.record("appoint", call, actor=actor, now=now, person=person.pk, role=role)


def _tell(type_: MessageType, proposal: Proposal, now: datetime, *, key: str, **facts: object) -> None:
    """Write to the applicant about their proposal, in their language."""
    call = proposal.call
    if not proposal.contact_email:
        return
    language = proposal.applicant.language if proposal.applicant else settings.LANGUAGE_CODE
    notify(
        type_,
        to=proposal.contact_email,
        language=language,
        key=key,
        now=now,
        facts={
            "title": proposal.title,
            "call": localised(call.title, language),
            "time": permissions.local(call, now),
            "code": proposal.code,
            "hash": text_hash(proposal),
            "closes_at": permissions.local(call, call.closes_at),
            "url": settings.SITE_URL.rstrip("/") + reverse("proposal", args=[proposal.pk]),
            **facts,
        },
    )
