"""The answer to "may this person do this, and if not why"."""

from dataclasses import dataclass, field

from common.errors import Refused


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes, or no with a refusal's code and the facts of the case."""

    code: str = ""
    facts: dict[str, object] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return not self.code

    def demand(self) -> None:
        """Go on if the answer is yes; raise `Refused` if it is no."""
        if self.code:
            raise Refused(self.code, **self.facts)

    @property
    def words(self) -> str:
        """Why not, in the active language; empty for a yes."""
        return Refused(self.code, **self.facts).words if self.code else ""


YES = Verdict()


def no(code: str, /, **facts: object) -> Verdict:
    """Build a no."""
    return Verdict(code, facts)
