"""Panels whose truth is known: qualities, severities and noise that a test has drawn itself."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parent.parent / "data" / "statistics"
Columns = tuple[list[str], list[str], list[float]]


def published(name: str) -> dict[str, Any]:
    """Read one file of published values."""
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    return found


def crossed() -> Columns:
    """Read the crossed scores of judges and targets."""
    with (DATA / "crossed_skating_worlds_half.csv").open() as file:
        rows = list(csv.DictReader(file))
    return [row["judge"] for row in rows], [row["target"] for row in rows], [float(row["score"]) for row in rows]


def m18() -> Columns:
    """Say the worked example of M18."""
    marks = {
        "severe": {"A": 60, "B": 55, "C": 50},
        "mild": {"B": 80, "C": 78, "D": 88},
        "middle": {"A": 72, "C": 65, "D": 74},
    }
    rows = [(juror, code, float(mark)) for juror, given in marks.items() for code, mark in given.items()]
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]


@dataclass(frozen=True)
class Panel:
    """A panel and its truth: `quality` in order of the proposals' codes, `severity` in order of the jurors'."""

    quality: NDArray[np.float64]
    severity: NDArray[np.float64]
    juror: list[str]
    proposal: list[str]
    score: list[float]

    @property
    def columns(self) -> Columns:
        return self.juror, self.proposal, self.score


# Proposals, jurors, readings each, and whether jurors see proposals of like quality (tracks, a first screening).
DESIGNS = (
    (30, 12, 3, False),
    (200, 20, 3, False),
    (200, 20, 3, True),
    (1000, 100, 4, False),
    (1000, 100, 4, True),
)


def panel(seed: int, proposals: int, jurors: int, readings: int, *, sorted_: bool = False) -> Panel:
    """Draw a panel: standard deviations 1 of quality, 0.7 of severity, 0.8 of noise, on a grid of half points."""
    rng = np.random.default_rng(seed)
    quality, severity = rng.normal(0, 1, proposals), rng.normal(0, 0.7, jurors)
    track = np.argsort(np.argsort(quality + rng.normal(0, 0.5, proposals))) * jurors // proposals
    near = [np.clip(np.arange(at - 3, at + 4), 0, jurors - 1) if sorted_ else np.arange(jurors) for at in track]
    chosen = [rng.choice(np.unique(each), readings, replace=False) for each in near]
    pairs = [(code, juror) for code, of in enumerate(chosen) for juror in of]
    return Panel(
        quality,
        severity,
        [f"J{juror:04}" for _, juror in pairs],
        [f"P{code:04}" for code, _ in pairs],
        [float(np.round(2 * (quality[code] + severity[juror] + rng.normal(0, 0.8))) / 2) for code, juror in pairs],
    )


def shuffled(columns: Columns, seed: int = 0) -> Columns:
    """Put the rows into another order."""
    order = np.random.default_rng(seed).permutation(len(columns[0]))

    def turned(column: Sequence[Any]) -> list[Any]:
        return [column[at] for at in order]

    return turned(columns[0]), turned(columns[1]), turned(columns[2])
