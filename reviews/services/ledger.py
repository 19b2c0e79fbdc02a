"""Appending to a call's chain. The head moves by compare-and-set, the same on both databases."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import F

from common.errors import Refused
from contests.models import Call
from engine.ledger import Link, canonical, commitment, entry_hash, verify
from reviews.models import Chain, LedgerEntry

TRIES = 50


def official_chain(call: Call) -> Chain:
    """Return the call's current official chain, making it on first use."""
    chain, _made = Chain.objects.get_or_create(call=call, kind=Chain.Kind.OFFICIAL, current=True)
    return chain


def hold(call_id: int) -> None:
    """Let nobody else append to the call's official chain until the running transaction ends."""
    Chain.objects.filter(call_id=call_id, kind=Chain.Kind.OFFICIAL, current=True).update(sequence=F("sequence"))


def holds(call_id: int, kind: str, document: object) -> bool:
    """Whether the call's official chain has this very entry already."""
    rows = LedgerEntry.records.filter(chain__call_id=call_id, chain__kind=Chain.Kind.OFFICIAL, chain__current=True)
    return rows.filter(kind=kind, document=canonical(document)).exists()


def append(call_id: int, kind: str, document: object, *, now: datetime) -> int:
    """Append one entry to the call's official chain and return its sequence. Run it inside the change's transaction."""
    chains = Chain.objects.filter(call_id=call_id, kind=Chain.Kind.OFFICIAL, current=True)
    for _try in range(TRIES):
        chain = chains.first() or official_chain(Call(pk=call_id))
        if chain.closed_at is not None:
            raise Refused("chain_closed")
        if _extended(chain, [(kind, document)], now):
            return chain.sequence
    raise RuntimeError(f"The chain of call {call_id} did not hold still.")


def append_many(chain: Chain, entries: Sequence[tuple[str, object]], *, now: datetime) -> int:
    """Append many entries at once, moving the head once, and return the last sequence."""
    if not _extended(chain, entries, now):
        raise Refused("chain_closed")
    return chain.sequence


def _extended(chain: Chain, entries: Sequence[tuple[str, object]], now: datetime) -> bool:
    """Whether the entries follow the head that was read; not when it has moved meanwhile, or the chain is closed."""
    head, sequence, rows = chain.head, chain.sequence, []
    for kind, document in entries:
        text, nonce = canonical(document), secrets.token_hex(16)
        committed = commitment(nonce, text)
        sequence += 1
        head = entry_hash(head, sequence, kind, committed)
        rows.append(
            LedgerEntry(
                chain=chain,
                sequence=sequence,
                kind=kind,
                at=now,
                nonce=nonce,
                document=text,
                commitment=committed,
                hash=head,
            )
        )
    here = Chain.objects.filter(pk=chain.pk, sequence=chain.sequence, closed_at=None)
    if not here.update(head=head, sequence=sequence):
        return False
    LedgerEntry.records.bulk_create(rows, batch_size=2000)
    chain.head, chain.sequence = head, sequence
    return True


def close(call: Call, *, now: datetime) -> None:
    """End the call's chain with a closing entry: a cut tail can no longer pass for the whole."""
    append(call.pk, "close", {"at": now.isoformat()}, now=now)
    Chain.objects.filter(call=call, kind=Chain.Kind.OFFICIAL, current=True).update(closed_at=now)


def links(chain: Chain) -> Iterator[Link]:
    """Yield a chain's entries as the verifier sees them."""
    rows = LedgerEntry.records.filter(chain=chain).order_by("sequence")
    columns = rows.values_list("sequence", "kind", "nonce", "document", "commitment", "hash")
    return (Link(*row) for row in columns.iterator(chunk_size=2000))


def breach_of(chain: Chain) -> str:
    """Return where a chain stops being true, in words; empty when it holds."""
    breach = verify(links(chain), head=chain.head, length=chain.sequence)
    return f"chain {chain.pk}, entry {breach.sequence}: {breach.what}" if breach else ""
