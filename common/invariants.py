"""What must never be true. Each app registers its checks; they run after end-to-end tests and every night."""

from collections.abc import Callable, Iterable

from common import triggers

Check = Callable[[], Iterable[str]]
_CHECKS: dict[str, Check] = {}


def invariant(check: Check) -> Check:
    """Register a function that yields one line for each breach it finds; its name is the promise."""
    _CHECKS[check.__name__] = check
    return check


def breaches() -> list[str]:
    """Run every check and return `promise: what breaks it`, one line each."""
    return [f"{name}: {line}" for name, check in sorted(_CHECKS.items()) for line in check()]


@invariant
def every_wall_stands() -> Iterable[str]:
    """The triggers that keep append-only tables so are in the database."""
    return (f"the trigger {name} is missing; run manage.py migrate" for name in triggers.missing())
