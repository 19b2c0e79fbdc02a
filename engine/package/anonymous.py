"""A contest without its people: jurors by pseudonym, applicants not at all."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from operator import attrgetter

from engine.contest import Category, Contest, JurorRow
from engine.package.check import columns_named
from engine.rules import COLLEGIAL

Given = list[tuple[str, ...]]


def anonymised(contest: Contest) -> Contest:
    """Return the contest with pseudonymous jurors and without names, addresses, further answers and conflicts.

    Answers that prizes and quotas read stay, so that the results can be computed again; where they read applicants,
    these have pseudonyms too. With the conflicts go the seats that they took away. The jurors' pseudonyms follow the
    order of what they gave, which the package shows anyway: nothing else about a juror, not even the code, can be read
    from them. Titles and organisations stay, as results name them.
    """
    in_conflict = {(row.juror, row.proposal) for row in contest.conflicts}
    seats = tuple(row for row in contest.assignments if (row.juror, row.proposal) not in in_conflict)
    contest = replace(contest, conflicts=(), assignments=seats)
    known = {row.juror for row in contest.jurors}
    category_of = {row.proposal: row.category for row in contest.proposals}
    # There the juror of a ballot is the code of the category, which a juror may have too.
    together = {
        (category.code, each.code)
        for category in contest.categories
        for each in category.rounds
        if each.rules.entry == COLLEGIAL
    }
    read = {name for category in contest.categories for _, name in columns_named(category)}
    applicants = stand_ins(contest) if "applicant" in read else {}
    names = {juror: f"juror-{at:0{len(str(len(known)))}}" for at, juror in enumerate(by_what_they_gave(contest), 1)}
    return replace(
        contest,
        categories=tuple(with_stand_ins(category, applicants) for category in contest.categories),
        proposals=tuple(
            replace(
                row,
                applicant=applicants.get(row.applicant, ""),
                email="",
                summary="",
                answers={name: text for name, text in row.answers.items() if name in read},
            )
            for row in contest.proposals
        ),
        jurors=tuple(JurorRow(names[row.juror], panel=row.panel) for row in contest.jurors),
        assignments=tuple(replace(row, juror=names[row.juror]) for row in contest.assignments),
        ballots=tuple(
            row if (category_of[row.proposal], row.round) in together else replace(row, juror=names[row.juror])
            for row in contest.ballots
        ),
        comparisons=tuple(replace(row, juror=names[row.juror]) for row in contest.comparisons),
        decisions=tuple(replace(row, by="", second="") for row in contest.decisions),
    )


def stand_ins(contest: Contest) -> dict[str, str]:
    """Return what stands for each applicant, in the order of the proposals' codes."""
    names = [row.applicant for row in sorted(contest.proposals, key=attrgetter("proposal")) if row.applicant]
    return {name: f"applicant-{at}" for at, name in enumerate(dict.fromkeys(names), start=1)}


def with_stand_ins(category: Category, applicants: Mapping[str, str]) -> Category:
    """Return the category with its prizes for certain applicants in their pseudonyms; "applicant-0" sent nothing."""

    def wanted(eligible: Mapping[str, str]) -> Mapping[str, str]:
        return {
            name: applicants.get(value, "applicant-0") if name == "applicant" else value
            for name, value in eligible.items()
        }

    return replace(category, prizes=tuple(replace(prize, eligible=wanted(prize.eligible)) for prize in category.prizes))


def by_what_they_gave(contest: Contest) -> list[str]:
    """Return the jurors in the order of their panels, seats, marks and comparisons."""
    given: dict[str, Given] = defaultdict(list)
    for juror in contest.jurors:
        given[juror.juror].append(("panel", juror.panel))
    for seat in contest.assignments:
        given[seat.juror].append(("seat", seat.round, seat.proposal))
    for mark in contest.ballots:
        given[mark.juror].append(("mark", mark.round, mark.proposal, mark.criterion, mark.score))
    for pair in contest.comparisons:
        given[pair.juror].append(("pair", pair.round, pair.criterion, pair.preferred, pair.other, pair.degree))
    return sorted((row.juror for row in contest.jurors), key=lambda juror: (sorted(given[juror]), juror))
