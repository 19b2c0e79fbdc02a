"""One error family. A service that says no raises `Refused`; it becomes words as late as possible."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a code means: the HTTP status and the words, with the facts as `{placeholders}`."""

    status: int
    words: str | Promise


_REFUSALS: dict[str, Refusal] = {}


def declare(refusals: Mapping[str, tuple[int, str | Promise]]) -> None:
    """Declare what an app may refuse, `code: (status, words)`. A code is never reused."""
    for code, (status, words) in refusals.items():
        if code in _REFUSALS:
            raise ValueError(f"The refusal {code!r} is declared twice.")
        _REFUSALS[code] = Refusal(status, words)


def declared() -> dict[str, Refusal]:
    """Every refusal that exists, for the documentation and the tests."""
    return dict(sorted(_REFUSALS.items()))


class Refused(Exception):  # noqa: N818 - it reads as what happened: "except Refused"
    """A change that was not made, with its code and the facts of the case; nothing is half-done."""

    def __init__(self, code: str, /, **facts: object) -> None:
        super().__init__(code)
        if code not in _REFUSALS:
            raise ValueError(f"The refusal {code!r} is not declared.")
        self.code = code
        self.facts = facts

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return _REFUSALS[self.code].status

    @property
    def words(self) -> str:
        """The sentence to show, in the active language."""
        return str(_REFUSALS[self.code].words).format_map(self.facts)
