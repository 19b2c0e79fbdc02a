"""What must never be true of results."""

from collections.abc import Iterable

from awards.models import Publication
from common.invariants import invariant
from contests.models import Call
from engine.rules import seal


@invariant
def a_sealed_result_has_its_own_hash() -> Iterable[str]:
    """The hash that was sealed is that of the document, which seals what is kept beside it."""
    for publication in Publication.records.all():
        told, kept = publication.document["told"], publication.document["kept"]
        if publication.hash != seal(told) or told["kept"] != seal(kept):
            yield f"publication {publication.pk}"


@invariant
def a_released_call_has_a_publication() -> Iterable[str]:
    """No call tells results without a sealed document, and both say the same time."""
    for call in Call.objects.filter(released_at__isnull=False).select_related("publication"):
        publication = Publication.records.filter(call=call).first()
        if publication is None or publication.released_at != call.released_at:
            yield f"call {call.code}"
