"""The hash chain of the ledger, apart from any database.

An entry commits to its document through a secret nonce, so that a mark from 0 to 10 cannot be guessed from the
published hash, and a person can be erased (nonce and document go) while the chain still verifies.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

GENESIS = "0" * 64


def canonical(document: object) -> str:
    """Return the one JSON text of a document: keys sorted by code point, no spaces, UTF-8 unescaped, no NaN."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def commitment(nonce: str, document: str) -> str:
    """Return hex SHA-256 of nonce, line feed, canonical JSON."""
    return hashlib.sha256(f"{nonce}\n{document}".encode()).hexdigest()


def entry_hash(previous: str, sequence: int, kind: str, committed: str) -> str:
    """Return hex SHA-256 of previous hash, sequence (from 1), kind and commitment, joined by line feeds."""
    return hashlib.sha256(f"{previous}\n{sequence}\n{kind}\n{committed}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as the verifier sees it; an erased one has neither nonce nor document, only its commitment."""

    sequence: int
    kind: str
    nonce: str
    document: str
    commitment: str
    hash: str


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a chain stops being true, and how."""

    sequence: int
    what: str


def verify(links: Iterable[Link], *, head: str, length: int) -> Breach | None:
    """Walk a whole chain and return its first breach, None when it holds. `head` and `length` catch a cut tail."""
    previous, expected = GENESIS, 0
    for link in links:
        expected += 1
        if link.sequence != expected:
            return Breach(expected, "missing")
        if (link.nonce or link.document) and commitment(link.nonce, link.document) != link.commitment:
            return Breach(expected, "document altered")
        if entry_hash(previous, link.sequence, link.kind, link.commitment) != link.hash:
            return Breach(expected, "hash does not follow")
        previous = link.hash
    if (previous, expected) != (head, length):
        return Breach(expected + 1, "tail cut")
    return None
