"""TEMPORARY until the engine's author writes it (step 5): overwrite this file wholly."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    pairs: tuple[tuple[str, str], ...]
    new: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Impossible:
    proposals: tuple[str, ...]
    jurors: tuple[str, ...]
    places: int
    needed: int


def propose_random(
    proposals: Iterable[str],
    jurors: Iterable[str],
    per_proposal: int,
    conflicts: Iterable[tuple[str, str]] = (),
    *,
    loads: Mapping[str, int] | None = None,
    existing: Iterable[tuple[str, str]] = (),
    seed: str,
) -> Plan | Impossible:
    jurors, rng, no, old = list(jurors), random.Random(seed), set(conflicts), list(existing)
    load, new = Counter(j for j, _ in old), []
    for p in proposals:
        have = {j for j, q in old if q == p}
        free = [j for j in jurors if (j, p) not in no and j not in have]
        rng.shuffle(free)
        free.sort(key=lambda j: load[j])
        need = per_proposal - len(have)
        if len(free) < need:
            return Impossible((p,), tuple(free), len(free), need)
        for j in free[: max(0, need)]:
            load[j] += 1
            new.append((j, p))
    return Plan(tuple(old + new), tuple(new))
