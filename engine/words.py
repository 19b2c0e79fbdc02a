"""Counting words, on the server exactly as in the browser (static/js/counter.js): what stands between white space."""


def words_in(text: str) -> int:
    """Return how many words a text has."""
    return len(text.split())


def too_long(text: str, limit: int) -> int:
    """Return by how many words a text passes its limit; 0 when it fits."""
    return max(0, words_in(text) - limit)
