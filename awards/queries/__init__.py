"""Reading results: what they follow from, what can be decided about them, and what is told."""

from awards.queries.books import Books, open_books, result_rows
from awards.queries.decided import (
    Board,
    Desk,
    Tie,
    allocation_in,
    boards,
    decisions_of,
    find_decision,
    find_entry,
    find_prize,
    find_second,
    key_of,
    mentions,
    named_in,
    open_desk,
    seconds,
    ties,
)
from awards.queries.told import calls_with_results, fingerprint, kept, told, visible_publication

__all__ = (
    "Board",
    "Books",
    "Desk",
    "Tie",
    "allocation_in",
    "boards",
    "calls_with_results",
    "decisions_of",
    "find_decision",
    "find_entry",
    "find_prize",
    "find_second",
    "fingerprint",
    "kept",
    "key_of",
    "mentions",
    "named_in",
    "open_books",
    "open_desk",
    "result_rows",
    "seconds",
    "ties",
    "told",
    "visible_publication",
)
