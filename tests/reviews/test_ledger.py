"""The ledger: what was entered cannot be changed, and whoever gets past the walls is found out."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from common import triggers
from common.errors import Refused
from engine.ledger import canonical, commitment, entry_hash
from reviews.models import Chain, LedgerEntry
from reviews.services import ledger
from reviews.services.ledger import append, append_many, breach_of, close, official_chain
from tests.cast import Cast, cast_ballots

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def chain(cast: Cast) -> Chain:
    """A chain with nine ballots."""
    cast_ballots(cast)
    return official_chain(cast.call)


def refused_by_the_database(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except IntegrityError:
        return True
    return False


def tamper(chain: Chain, act: Callable[[], object]) -> str:
    """Do something to the table while the walls are down, and return what the verifier then says."""
    with triggers.walls_down():
        act()
    chain.refresh_from_db()
    return breach_of(chain)


def entry(chain: Chain, sequence: int) -> LedgerEntry:
    return LedgerEntry.records.get(chain=chain, sequence=sequence)


def test_no_part_of_an_entry_can_be_updated(chain: Chain) -> None:
    for change in (
        "document = '{}'",
        "nonce = ''",
        "document = ''",
        "hash = 'x', nonce = '', document = ''",
        "commitment = 'x', nonce = '', document = ''",
        "sequence = 999, nonce = '', document = ''",
        "kind = 'note', nonce = '', document = ''",
        "at = '2000-01-01', nonce = '', document = ''",
        "chain_id = chain_id + 1, nonce = '', document = ''",
    ):
        assert refused_by_the_database(f"UPDATE reviews_ledgerentry SET {change} WHERE sequence = 3"), change
    assert not breach_of(chain)


def test_entries_cannot_be_deleted_or_replaced(chain: Chain) -> None:
    assert refused_by_the_database("DELETE FROM reviews_ledgerentry WHERE sequence = 3")
    last = entry(chain, chain.sequence)
    columns = "chain_id, sequence, kind, at, nonce, document, commitment, hash"
    copy = f"INSERT INTO reviews_ledgerentry ({columns}) SELECT {columns} FROM reviews_ledgerentry WHERE id = {last.pk}"
    assert refused_by_the_database(copy)


def test_an_entry_can_be_emptied_for_a_person_who_is_erased_and_the_chain_still_holds(chain: Chain) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reviews_ledgerentry SET nonce = '', document = '' WHERE sequence = 3")

    assert entry(chain, 3).document == ""
    assert not breach_of(chain)


def test_an_altered_document_is_found(chain: Chain) -> None:
    target = LedgerEntry.records.filter(chain=chain, kind="ballot").first()
    assert target is not None
    altered = target.document.replace('"impact":"9"', '"impact":"10"')
    assert altered != target.document

    said = tamper(chain, lambda: LedgerEntry.records.filter(pk=target.pk).update(document=altered))

    assert said == f"chain {chain.pk}, entry {target.sequence}: document altered"


def test_an_altered_document_with_its_commitment_made_again_is_found(chain: Chain) -> None:
    target = entry(chain, chain.sequence)
    text = canonical({"marks": {"impact": "10"}})
    again = commitment(target.nonce, text)

    said = tamper(chain, lambda: LedgerEntry.records.filter(pk=target.pk).update(document=text, commitment=again))

    assert said.endswith("hash does not follow")


def test_a_whole_new_tail_is_found_by_the_head(chain: Chain) -> None:
    target, before = entry(chain, chain.sequence), entry(chain, chain.sequence - 1)
    text = canonical({"marks": {"impact": "10"}})
    committed = commitment(target.nonce, text)
    hash_ = entry_hash(before.hash, target.sequence, target.kind, committed)

    said = tamper(
        chain,
        lambda: LedgerEntry.records.filter(pk=target.pk).update(document=text, commitment=committed, hash=hash_),
    )

    assert said.endswith("tail cut")


def test_an_entry_cut_out_of_the_middle_is_found(chain: Chain) -> None:
    said = tamper(chain, lambda: LedgerEntry.records.filter(chain=chain, sequence=3).delete())

    assert said == f"chain {chain.pk}, entry 3: missing"


def test_a_cut_tail_is_found(chain: Chain) -> None:
    length = chain.sequence
    said = tamper(chain, lambda: LedgerEntry.records.filter(chain=chain, sequence__gt=length - 2).delete())

    assert said == f"chain {chain.pk}, entry {length - 1}: tail cut"


def test_an_entry_slipped_in_at_the_end_is_found(chain: Chain) -> None:
    last = entry(chain, chain.sequence)
    committed = commitment("n", "{}")
    hash_ = entry_hash(last.hash, last.sequence + 1, "ballot", committed)
    LedgerEntry.records.create(
        chain=chain, sequence=last.sequence + 1, kind="ballot", at=last.at,
        nonce="n", document="{}", commitment=committed, hash=hash_,
    )  # fmt: skip

    assert breach_of(chain).endswith("tail cut")


def test_two_entries_that_changed_places_are_found(chain: Chain) -> None:
    third, fourth = entry(chain, 3), entry(chain, 4)

    def swap() -> None:
        LedgerEntry.records.filter(pk=third.pk).update(sequence=900)
        LedgerEntry.records.filter(pk=fourth.pk).update(sequence=3)
        LedgerEntry.records.filter(pk=third.pk).update(sequence=4)

    assert tamper(chain, swap).endswith("entry 3: hash does not follow")


def test_a_closed_chain_takes_no_entry_and_its_end_is_an_entry_too(chain: Chain, cast: Cast) -> None:
    close(cast.call, now=cast.now)
    chain.refresh_from_db()

    assert entry(chain, chain.sequence).kind == "close"
    with pytest.raises(Refused) as refused:
        append(cast.call.pk, "note", {}, now=cast.now)
    assert refused.value.code == "chain_closed"
    assert refused_by_the_database(f"UPDATE reviews_chain SET sequence = sequence + 1 WHERE id = {chain.pk}")


def test_many_entries_at_once_are_the_same_chain(chain: Chain, cast: Cast) -> None:
    before = chain.sequence
    assert append_many(chain, [("note", {"n": n}) for n in range(5)], now=cast.now) == before + 5
    append(cast.call.pk, "note", {"n": 5}, now=cast.now)
    chain.refresh_from_db()

    assert (chain.sequence, breach_of(chain)) == (before + 6, "")


def test_an_append_that_finds_the_head_moved_tries_again(
    chain: Chain, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading the head and moving it, another entry comes in."""
    original = ledger.entry_hash
    raced: list[bool] = []

    def late(*given: object) -> str:
        if not raced:
            raced.append(True)
            append(cast.call.pk, "first", {}, now=cast.now)
        return original(*given)  # type: ignore[arg-type] # passed through

    monkeypatch.setattr(ledger, "entry_hash", late)
    append(cast.call.pk, "second", {}, now=cast.now)
    chain.refresh_from_db()

    assert [entry(chain, chain.sequence - 1).kind, entry(chain, chain.sequence).kind] == ["first", "second"]
    assert not breach_of(chain)


def test_a_rehearsal_can_be_swept_away_and_nothing_else(chain: Chain, cast: Cast) -> None:
    rehearsal = Chain.objects.create(call=cast.call, kind=Chain.Kind.REHEARSAL)
    append_many(rehearsal, [("note", {})], now=cast.now)

    LedgerEntry.records.filter(chain=rehearsal).delete()
    assert refused_by_the_database(f"DELETE FROM reviews_ledgerentry WHERE chain_id = {chain.pk}")
