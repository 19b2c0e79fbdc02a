"""Reading results: what they follow from, what can be decided about them, and what is told."""

from awards.queries.books import Books, open_books, result_rows
from awards.queries.decided import (
    Board,
    Tie,
    boards,
    decisions_of,
    find_decision,
    find_entry,
    find_prize,
    find_second,
    mentions,
    seconds,
    ties,
)
from awards.queries.told import calls_with_results, fingerprint, kept, told, visible_publication

__all__ = (
    "Board",
    "Books",
    "Tie",
    "boards",
    "calls_with_results",
    "decisions_of",
    "find_decision",
    "find_entry",
    "find_prize",
    "find_second",
    "fingerprint",
    "kept",
    "mentions",
    "open_books",
    "result_rows",
    "seconds",
    "ties",
    "told",
    "visible_publication",
)
