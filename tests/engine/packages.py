"""A small contest as package files, and random contests, for the tests of the package."""

import json
from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

from engine.contest import (
    BallotRow,
    Category,
    ComparisonRow,
    Contest,
    Decision,
    FactRow,
    JurorRow,
    Prize,
    ProposalRow,
    Round,
    VoteRow,
)
from engine.numbers import exact_text
from engine.rules import parse_rules
from engine.types import RoundInput
from tests.engine.build import document, judged, quantity, table
from tests.engine.rounds import a_case

Document = dict[str, Any]
Files = dict[str, bytes]


def csv(*lines: str) -> bytes:
    """Join lines as CSV."""
    return "".join(f"{line}\r\n" for line in lines).encode()


def plan(*rounds: Document, prizes: list[Document] | None = None, **about: Any) -> Document:  # noqa: ANN401 - any key of contest
    """Say a plan with one category and these rounds (by default one, "jury", with one criterion)."""
    turns = rounds or (a_round("jury", document(judged("impact", "100"))),)
    category = {"code": "case", "title": {"it": "Caso"}, "rounds": list(turns), "prizes": prizes or []}
    return {
        "format": "giuria-contest/1",
        "contest": {"code": "demo", "title": {"it": "Prova", "en": "Trial"}, **about},
        "categories": [category],
    }


def a_round(code: str, rules: Document) -> Document:
    """Say a round."""
    return {"code": code, "title": {"it": code}, "rules": rules}


def encoded(found: Document, *, ascii_only: bool = False) -> bytes:
    """Write a plan."""
    return json.dumps(found, ensure_ascii=ascii_only, indent=2).encode()


def files(found: Document | None = None, **tables: bytes) -> Files:
    """Say a package: three proposals, two jurors and their marks, unless told otherwise."""
    base = {
        "proposals": csv("proposal,category,title", "A,case,Alfa", "B,case,Beta", "C,case,Gamma"),
        "jurors": csv("juror", "j1", "j2"),
        "ballots": csv("juror,proposal,criterion,score", "j1,A,impact,8", "j2,A,impact,7.5", "j1,B,impact,6"),
    }
    return {
        "contest.json": encoded(found or plan()),
        **{f"{name}.csv": content for name, content in {**base, **tables}.items()},
    }


def full_plan() -> Document:
    """Say a plan that uses every file."""
    first = document(
        judged("impact", "60"),
        judged("novelty", "20"),
        quantity("cost", "15", "lowest"),
        table("women", {"sì, tutte": "5", "no": "0"}),
        ties=["chair", "draw"],
        advance={"count": 2},
        public={"share": "0.2", "by": "share"},
    )
    second = document(judged("pitch", "100"), entry="pairwise", combine={"method": "pairwise_sum"})
    found = plan(
        a_round("jury", first),
        a_round("final", second),
        prizes=[{"code": "best", "title": {"it": "Primo", "en": "First"}, "places": 1}],
        programme={"it": "Programma"},
        organisation="Consorzio Esempio",
        timezone="Europe/Rome",
        outcome="awards",
        draw_seed="14 novembre",
    )
    need = judged("need", "1") | {"description": {"it": "A chi serve"}}
    need["scale"]["labels"] = [{"mark": "10", "title": {"it": "eccellente", "en": "excellent"}}]
    found["categories"].append(
        {
            "code": "idea",
            "title": {"de": "Idee", "en": "Idea", "it": "Idea"},
            "rounds": [a_round("jury", document(need, entry="collegial"))],
        }
    )
    return found


def full_files() -> Files:
    """Say a package that uses every file, its rows in no order."""
    return {
        "contest.json": encoded(full_plan()),
        "proposals.csv": csv(
            "title,category,proposal,themes,ask,state,submitted_at,zone,età",
            'Orto,case,P2,a;b,12.50,,2013-09-30T17:59:00+02:00,"nord, est",7',
            'Serra "due",case,P1,,,admitted,,,',
            "Bosco,case,P10,,,admitted,,,",
            '"Riga uno\r\nriga due",case,P4,,,,,,',
            "Idea,idea,I1,,,,,,",
            "Fuori,case,P3,,,excluded,,,",
        ),
        "jurors.csv": csv("juror,name,panel", "j2,Bruno Esempio,case", "j1,Ada Prova,case;idea", "j3,,"),
        "conflicts.csv": csv("juror,proposal,kind", "j3,P1,partner"),
        "assignments.csv": csv(
            "round,juror,proposal",
            *(f"jury,{juror},{code}" for juror in ("j2", "j1") for code in ("P2", "P10", "P1", "P4")),
            *(f"final,j1,{code}" for code in ("P1", "P2", "P4")),
        ),
        "ballots.csv": csv(
            "round,juror,proposal,criterion,score",
            "jury,idea,I1,need,9",
            *(
                f"jury,{juror},{code},{criterion},{mark}"
                for juror, marks in (("j2", ("8", "7.5", "", "3")), ("j1", ("7", "7", "7", "3")))
                for code, mark in zip(("P2", "P10", "P1", "P4"), marks, strict=True)
                for criterion in ("novelty", "impact")
                if mark or juror != "j1"
            ),
        ),
        "comparisons.csv": csv(
            "round,juror,criterion,preferred,other,degree",
            "final,j1,pitch,P2,P1,3",
            "final,j1,pitch,P4,P2,2",
            "final,j1,pitch,P1,P4,1",
        ),
        "facts.csv": csv(
            "proposal,criterion,value",
            "P2,women,no",
            "P2,cost,80.5",
            "P1,cost,100",
            "P10,cost,400",
            'P1,women,"sì, tutte"',
        ),
        "votes.csv": csv("round,proposal,votes", "jury,P2,10", "jury,P1,30"),
        "decisions.csv": csv(
            "category,round,kind,prize,proposal,place,reason,by,second",
            "case,final,mention,,P1,,Bella,Ada Prova,Bruno Esempio",
            "case,jury,advance,,P4,,Voti vicini,Ada Prova,",
        ),
    }


def a_contest(seed: int) -> tuple[Contest, RoundInput]:
    """Return a random contest of one round, and the round that it means."""
    rules, given = a_case(seed)
    rules.pop("carry", None)
    rng = Random(seed)
    jurors = sorted({ballot.juror for ballot in given.ballots} | {pair.juror for pair in given.comparisons})
    contest = Contest(
        code="random",
        title={"en": "Random"},
        outcome=rng.choice(["awards", "label"]),
        draw_seed=given.draw_seed,
        categories=(
            Category(
                "cat",
                {"en": "Cat"},
                (Round("second", {"en": "Second"}, parse_rules(rules)),),
                (Prize("best", {"en": "Best"}, "second", places=1),),
            ),
        ),
        proposals=tuple(
            ProposalRow(
                each.code,
                "cat",
                each.code,
                region=each.region,
                submitted_at=each.submitted_at.isoformat() if each.submitted_at else "",
                ask=exact_text(each.ask) if each.ask is not None else "",
                state=each.state,
            )
            for each in given.proposals
        ),
        jurors=tuple(JurorRow(juror) for juror in jurors if juror != "cat"),
        conflicts=(),
        assignments=(),
        ballots=tuple(
            BallotRow("second", each.juror, each.proposal, criterion, "" if mark is None else str(mark))
            for each in given.ballots
            for criterion, mark in each.marks.items()
        ),
        comparisons=tuple(
            ComparisonRow("second", each.juror, each.criterion, each.preferred, each.other, str(each.degree))
            for each in given.comparisons
        ),
        facts=tuple(FactRow(*key, value) for key, value in given.facts.items()),
        votes=tuple(VoteRow("second", code, str(Decimal(str(votes)))) for code, votes in given.votes.items()),
        decisions=(
            *(Decision("cat", "second", "tie", proposal=code, place=place) for code, place in given.chair.items()),
            *(
                Decision("cat", "second", "advance", proposal=each.code)
                for each in given.proposals
                if each.code in given.advanced and each.state == "admitted"
            ),
        ),
    )
    return contest, given


def shuffled(contest: Contest, seed: int) -> Contest:
    """Return the same contest with its rows in another order."""
    rng = Random(seed)
    changed: Mapping[str, Any] = {
        name: tuple(rng.sample(rows, len(rows)))
        for name in ("proposals", "jurors", "ballots", "comparisons", "facts", "votes", "decisions")
        if (rows := getattr(contest, name))
    }
    return Contest(**{**{name: getattr(contest, name) for name in contest.__slots__}, **changed})
