"""Every fault of a package, word for word, with file, row and column."""

# ruff: noqa: E501 - a fault stands on one line, as it is told

import pytest

from engine.package import PackageFaults, read_contest
from tests.engine.build import document, judged, quantity, table
from tests.engine.packages import Document, Files, a_round, csv, encoded, files, plan


def faults(found: Files) -> list[str]:
    with pytest.raises(PackageFaults) as refused:
        read_contest(found)
    return list(refused.value.lines)


SCORES = "juror,proposal,criterion,score"
MEASURED = plan(
    a_round(
        "jury", document(judged("impact", "60"), quantity("cost", "15", "lowest"), table("t", {"yes": "5", "no": "0"}))
    )
)
TWO_ROUNDS = plan(
    a_round("one", document(judged("impact", "60"), advance={"count": 1})),
    a_round("two", document(judged("pitch", "60"))),
    prizes=[{"code": "best", "title": {"it": "Primo"}}, {"code": "early", "title": {"it": "Altro"}, "round": "one"}],
)
PAIRS = plan(a_round("jury", document(judged("c"), entry="pairwise", combine={"method": "pairwise_sum"})))
TOGETHER = plan(a_round("jury", document(judged("impact"), entry="collegial")))
WORDS = plan(a_round("jury", document(judged("impact"), entry="qualitative")))


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (["j1,A,impact,11"], "2: score: 11 is above the maximum 10; give a number from 0 to 10 in steps of 0.5"),
        (["j1,A,impact,-1"], "2: score: -1 is negative; give 0 or more"),
        (["j1,A,impact,8", "j2,A,impact,8.25"],
         "3: score: 8.25 is not on the step; give a number from 0 to 10 in steps of 0.5"),
        (["j1,A,impact,-0"], "2: score: -0 is negative; give 0 or more"),
        (['j1,A,impact,"8,5"'], '2: score: "8,5" is not a number; write a number such as 7.5'),
        (["j1,A,impact,8e0"], '2: score: "8e0" is not a number; write a number such as 7.5'),
        (["j9,A,impact,8"], '2: juror: there is no juror "j9"; name one of jurors.csv'),
        (["j1,Z,impact,8"], '2: proposal: there is no proposal "Z"; name one of proposals.csv'),
        (["j1,A,looks,8"], '2: criterion: there is no criterion "looks"; name one of impact'),
        (["j1,A,impact,8", "j1,A,impact,8"], "3: criterion: this row repeats an earlier one; keep one"),
        (["j1,A,impact"], "2: file: the row has 3 cells; give 4, as the header has"),
        (['j1,A,"impact,8'], "2: file: this is not CSV (unexpected end of data); quote cells as RFC 4180 says"),
    ],
)  # fmt: skip
def test_a_wrong_ballot(rows: list[str], fault: str) -> None:
    assert faults(files(ballots=csv(SCORES, *rows))) == [f"ballots.csv:{fault}"]


def test_a_scale_may_begin_above_zero_and_have_no_step() -> None:
    criterion = judged("impact") | {"scale": {"min": "1", "max": "5"}}
    found = files(
        plan(a_round("jury", document(criterion))), ballots=csv(SCORES, "j1,A,impact,0.5", "j1,B,impact,3.14")
    )
    assert faults(found) == ["ballots.csv:2: score: 0.5 is below the minimum 1; give a number from 1 to 5"]


def test_a_fact_is_not_marked_and_a_mark_is_no_fact() -> None:
    found = files(MEASURED, ballots=csv(SCORES, "j1,A,cost,8"), facts=csv("proposal,criterion,value", "A,impact,3"))
    assert faults(found) == [
        'ballots.csv:2: criterion: "cost" is not judged; write its value in facts.csv',
        'facts.csv:2: criterion: "impact" is not a quantity or a table; name one that the rules have',
    ]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("A,cost,0", "value: 0 has no meaning where the lowest is best; give a number above 0"),
        ("A,cost,-3", "value: -3 is negative; give 0 or more"),
        ("A,cost,", 'value: "" is not a number; write a number such as 7.5'),
        ("A,t,maybe", 'value: "maybe" is not in the table; use one of yes, no'),
        ("Z,t,yes", 'proposal: there is no proposal "Z"; name one of proposals.csv'),
    ],
)
def test_a_wrong_fact(row: str, fault: str) -> None:
    assert faults(files(MEASURED, facts=csv("proposal,criterion,value", row))) == [f"facts.csv:2: {fault}"]


def test_a_fault_is_one_line_whatever_it_quotes() -> None:
    assert faults(files(ballots=csv(SCORES, 'j1,A,impact,"8\n9"'))) == [
        'ballots.csv:2: score: "8\\n9" is not a number; write a number such as 7.5'
    ]
    half = plan(a_round("jury", document(judged("impact"), table("t", {"\ud800": "5"}))))
    (line,) = faults({"contest.json": encoded(half, ascii_only=True)})
    assert line.split(": ", 1)[1] == (
        "categories[0].rounds[0].rules.criteria[1].table.\\ud800: the text holds control characters; take them out"
    )


def test_a_fact_must_be_right_in_every_round_that_reads_it() -> None:
    rounds = [
        a_round("one", document(table("t", {"yes": "5", "maybe": "1"}))),
        a_round("two", document(table("t", {"yes": "5", "no": "0"}))),
    ]
    facts = csv("proposal,criterion,value", "A,t,maybe", "B,t,no", "C,t,yes")
    found = files(plan(*rounds), facts=facts, ballots=csv("round,juror,proposal,criterion,score"))
    assert faults(found) == [
        'facts.csv:2: value: "maybe" is not in the table; use one of yes, no',
        'facts.csv:3: value: "no" is not in the table; use one of yes, maybe',
    ]


def test_a_juror_who_is_not_assigned() -> None:
    found = files(assignments=csv("juror,proposal", "j1,A", "j1,B"))
    assert faults(found) == [
        'ballots.csv:3: juror: "j2" is not assigned to "A"; add a row to assignments.csv, or take this out'
    ]


def test_a_ballot_against_a_conflict() -> None:
    found = files(conflicts=csv("juror,proposal", "j2,A"))
    assert faults(found) == ['ballots.csv:3: juror: "j2" has a conflict with "A"; take the row or the conflict out']


def test_the_panel_marks_together_under_the_code_of_the_category() -> None:
    assert faults(files(TOGETHER, ballots=csv(SCORES, "case,A,impact,8", "j1,B,impact,8"))) == [
        'ballots.csv:3: juror: "j1" marks alone where the panel marks together; write "case"'
    ]


def test_a_qualitative_round_has_no_numbers() -> None:
    assert faults(files(WORDS, ballots=csv(SCORES, "j1,A,impact,", "j1,B,impact,8"))) == [
        "ballots.csv:3: score: this round has no numbers; leave the score empty"
    ]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (["A,case,Alfa", "A,case,Beta"], '3: proposal: "A" is given twice; give each its own code'),
        (["A,idea,Alfa"], '2: category: there is no category "idea"; name one of case'),
        (["A,case, "], "2: title: the title is empty; give one"),
        ([",case,Alfa"], "2: proposal: the code is empty; use letters, digits and hyphens, such as BC-014"),
        (["A;B,case,Alfa"], "2: proposal: the code holds a semicolon; use letters, digits and hyphens, such as BC-014"),
        ([" A,case,Alfa"], ("2: proposal: the code has surrounding spaces or invisible characters; "
         "use letters, digits and hyphens, such as BC-014")),
    ],
)  # fmt: skip
def test_a_wrong_proposal(rows: list[str], fault: str) -> None:
    found = files(proposals=csv("proposal,category,title", *rows))
    del found["ballots.csv"]
    assert faults(found) == [f"proposals.csv:{fault}"]


@pytest.mark.parametrize(
    ("column", "text", "fault"),
    [
        ("submitted_at", "2013-09-30T17:59", ('"2013-09-30T17:59" is not an instant; '
         "write ISO 8601 with the offset, such as 2013-09-30T17:59:00+02:00")),
        ("submitted_at", "yesterday", ('"yesterday" is not an instant; '
         "write ISO 8601 with the offset, such as 2013-09-30T17:59:00+02:00")),
        ("ask", "12.000,50", '"12.000,50" is not a number; write an amount such as 12000.50'),
        ("state", "maybe", '"maybe" is unknown; use one of admitted, excluded, withdrawn'),
    ],
)  # fmt: skip
def test_a_wrong_column_of_a_proposal(column: str, text: str, fault: str) -> None:
    found = files(proposals=csv(f"proposal,category,title,{column}", f'A,case,Alfa,"{text}"', "B,case,Beta,"))
    assert faults(found) == [f"proposals.csv:2: {column}: {fault}"]


def test_an_empty_ask_where_money_is_given() -> None:
    funding = document(judged("impact"), fund={"budget": "10", "when_short": "stop"})
    found = files(plan(a_round("jury", funding)), proposals=csv("proposal,category,title,ask,state", "A,case,Alfa,,",
                  "B,case,Beta,3,", "C,case,Gamma,,excluded"))  # fmt: skip
    assert faults(found) == [
        "proposals.csv:2: ask: the ask is empty, and this category funds proposals; write the amount asked for"
    ]


def test_a_wrong_juror() -> None:
    assert faults(files(jurors=csv("juror,panel", "j1,case;idea", "j2,", "j2,"))) == [
        'jurors.csv:2: panel: there is no category "idea"; name one of case',
        'jurors.csv:4: juror: "j2" is given twice; give each its own code',
    ]


def test_wrong_conflicts_and_assignments() -> None:
    found = files(
        conflicts=csv("juror,proposal", "j9,A", "j2,C", "j2,C"),
        assignments=csv("round,juror,proposal", "x,j1,A", ",j2,Z"),
    )
    del found["ballots.csv"]
    assert faults(found) == [
        'conflicts.csv:2: juror: there is no juror "j9"; name one of jurors.csv',
        "conflicts.csv:4: juror: this row repeats an earlier one; keep one",
        'assignments.csv:2: round: there is no round "x"; name one of jury',
        'assignments.csv:3: proposal: there is no proposal "Z"; name one of proposals.csv',
    ]


def test_wrong_votes() -> None:
    assert faults(files(votes=csv("proposal,votes", "A,many", "B,3", "B,4", "C,-1"))) == [
        'votes.csv:2: votes: "many" is not a number; write a number such as 120',
        "votes.csv:4: proposal: this row repeats an earlier one; keep one",
        "votes.csv:5: votes: -1 is negative; give 0 or more",
    ]


def test_an_empty_round_where_there_are_two() -> None:
    assert faults(files(TWO_ROUNDS, ballots=csv(SCORES, "j1,A,impact,8"))) == [
        "ballots.csv:2: round: the round is empty; name one of one, two"
    ]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("idea,two,mention,,A,", 'category: there is no category "idea"; name one of case'),
        ("case,three,mention,,A,", 'round: there is no round "three"; name one of one, two'),
        ("case,two,praise,,A,",
         'kind: "praise" is unknown; use one of tie, advance, confer, mention, decline, not_conferred'),
        ("case,two,confer,,A,", "prize: confer needs a prize; name one of best, early"),
        ("case,two,confer,gold,A,", 'prize: there is no prize "gold"; name one of best, early'),
        ("case,two,confer,early,A,", 'round: "early" belongs to another round; write "one"'),
        ("case,two,tie,best,A,1", "prize: tie has no prize; leave it empty"),
        ("case,two,tie,,A,", "place: the chair's order needs a place; write 1, 2, … inside the tied group"),
        ("case,two,tie,,A,first", "place: the chair's order needs a place; write 1, 2, … inside the tied group"),
        ("case,two,confer,best,A,1st", 'place: "1st" is not a place; write 1, 2, … or nothing'),
        ("case,two,not_conferred,best,A,", "proposal: what is not conferred has no proposal; leave it empty"),
        ("case,two,confer,best,Z,", 'proposal: there is no proposal "Z"; name one of proposals.csv'),
        ("case,one,advance,,X,", 'proposal: "X" is excluded; advance only admitted proposals'),
    ],
)  # fmt: skip
def test_a_wrong_decision(row: str, fault: str) -> None:
    found = files(
        TWO_ROUNDS,
        proposals=csv("proposal,category,title,state", "A,case,Alfa,", "X,case,Ics,excluded"),
        ballots=csv("round,juror,proposal,criterion,score"),
        decisions=csv("category,round,kind,prize,proposal,place", row),
    )
    assert faults(found) == [f"decisions.csv:2: {fault}"]


def test_a_round_is_filled_in_from_the_prize() -> None:
    found = files(
        TWO_ROUNDS,
        ballots=csv("round,juror,proposal,criterion,score"),
        decisions=csv("category,round,kind,prize,proposal", "case,,confer,early,A", "case,,confer,best,A",
                      "case,one,advance,,A"),
    )  # fmt: skip
    assert [row.round for row in read_contest(found).decisions] == ["one", "two", "one"]


def test_who_is_not_in_a_round_wins_nothing_there() -> None:
    rows = ["case,two,confer,best,A", "case,two,mention,,A", "case,two,decline,best,A", "case,one,mention,,A"]
    found = files(TWO_ROUNDS, ballots=csv("round,juror,proposal,criterion,score", "one,j1,B,impact,8"),
                  decisions=csv("category,round,kind,prize,proposal", *rows))  # fmt: skip
    wrong = '"A" is not in round "two"; take the row out, or add an advance decision to decisions.csv'
    assert faults(found) == [f"decisions.csv:{row}: proposal: {wrong}" for row in (2, 3)]


def test_a_ballot_in_a_round_that_a_proposal_did_not_reach() -> None:
    found = files(
        TWO_ROUNDS,
        ballots=csv("round,juror,proposal,criterion,score", "one,j1,A,impact,8", "one,j1,B,impact,7", "two,j1,A,pitch,5",
                    "two,j1,B,pitch,9"),
    )  # fmt: skip
    assert faults(found) == [
        'ballots.csv:5: proposal: "B" is not in round "two"; take the row out, or add an advance decision to decisions.csv'
    ]
    found["decisions.csv"] = csv("category,round,kind,proposal", "case,one,advance,B")
    read_contest(found)


PAIR_COLUMNS = "juror,criterion,preferred,other,degree"


def paired(*rows: str) -> Files:
    found = files(PAIRS, comparisons=csv(PAIR_COLUMNS, *rows))
    del found["ballots.csv"]
    return found


def test_every_juror_must_have_every_pair() -> None:
    assert faults(paired("j1,c,A,B,2", "j1,c,C,B,2", "j2,c,B,A,3", "j2,c,A,C,1", "j2,c,B,C,1")) == [
        'comparisons.csv:2: juror: "j1" has not compared "A" with "C" on "c"; add the pair'
    ]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("j1,c,A,B,7", 'degree: "7" is not a degree; write a whole number from 1 (parity) to 6'),
        ("j1,c,A,B,1.5", 'degree: "1.5" is not a degree; write a whole number from 1 (parity) to 6'),
        ("j1,c,A,A,2", 'other: "A" cannot be compared with "A"; compare two of one category'),
        ("j1,c,A,Z,2", 'other: there is no proposal "Z"; name one of proposals.csv'),
        ("j1,d,A,B,2", 'criterion: there is no criterion "d"; name one of c'),
        ("j9,c,A,B,2", 'juror: there is no juror "j9"; name one of jurors.csv'),
    ],
)
def test_a_wrong_comparison(row: str, fault: str) -> None:
    assert faults(paired(row)) == [f"comparisons.csv:2: {fault}"]


def test_a_pair_given_twice_in_either_direction() -> None:
    assert faults(paired("j1,c,A,B,2", "j1,c,B,A,2")) == [
        "comparisons.csv:3: preferred: this row repeats an earlier one; keep one"
    ]


def test_two_proposals_are_too_few_to_compare() -> None:
    found = paired("j1,c,A,B,2")
    found["proposals.csv"] = csv(
        "proposal,category,title,state", "A,case,Alfa,", "B,case,Beta,", "C,case,Gamma,withdrawn"
    )
    assert faults(found) == [
        "comparisons.csv:2: round: only 2 proposals can be compared; compare at least 3, or use individual entry"
    ]


def test_marks_and_pairs_do_not_mix() -> None:
    found = files(PAIRS, ballots=csv(SCORES, "j1,A,c,1"))
    assert faults(found) == ["ballots.csv:2: round: this round is judged in pairs; write comparisons.csv instead"]
    found = files(comparisons=csv(PAIR_COLUMNS, "j1,impact,A,B,2"))
    assert faults(found) == ["comparisons.csv:2: round: this round is not judged in pairs; write ballots.csv instead"]


def test_majority_judgment_needs_everyone_to_read_the_same() -> None:
    grades = plan(a_round("jury", document(judged("impact"), combine={"method": "majority_judgment"})))
    rows = ["j1,A,impact,8", "j1,B,impact,8", "j2,A,impact,8"]
    assert faults(files(grades, ballots=csv(SCORES, *rows))) == [
        'ballots.csv:2: juror: jurors of "jury" read different proposals; majority judgment needs everyone to read the same'
    ]
    read_contest(files(grades, ballots=csv(SCORES, *rows, "j2,B,impact,")))


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("jurors", b"juror,nmae\r\nj1,x\r\n",
         "1: nmae: the column is unknown; use only juror, name, email, panel, organisation"),
        ("jurors", b"name\r\nx\r\n", "1: juror: the column is missing; add it to the header"),
        ("jurors", b"juror,juror\r\nj1,j1\r\n", "1: juror: the column is there twice; keep one"),
        ("jurors", b"", "1: file: the header is missing; begin with juror,name,email,panel,organisation"),
        ("jurors", b"juror,name\r\nj1,Citt\xe0\r\n", "2: file: byte 0xe0 is not UTF-8; save the file as UTF-8"),
        ("jurors", b"juror,name\r\nj1,a\r\nj2,\0\r\n", "3: file: there is a NUL character; take it out"),
        ("jurors", b'juror,name\r\nj1,a\r\nj2,"a" b\r\n',
         "3: file: this is not CSV (',' expected after '\"'); quote cells as RFC 4180 says"),
        ("proposals", b"proposal,category,title,,x\r\n", "1: file: a column has no name; name it or take it out"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read(name: str, content: bytes, fault: str) -> None:
    found = {**files(), f"{name}.csv": content}
    del found["ballots.csv"]
    assert faults(found) == [f"{name}.csv:{fault}"]


def changed(**about: object) -> Document:
    found = plan()
    found["contest"].update(about)
    return found


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"{", "1: file: this is not JSON (Expecting property name enclosed in double quotes); mend it at this line"),
        (b'{\n"a": NaN}', "1: file: this is not JSON; write plain JSON without NaN and without deep nesting"),
        (b"[" * 100000, "1: file: this is not JSON; write plain JSON without NaN and without deep nesting"),
        (b"[]", "1: file: this is not an object; write { … }"),
        (encoded({**plan(), "format": "giuria-contest/2"}),
         '2: format: "giuria-contest/2" is unknown; write "giuria-contest/1"'),
        (encoded({**plan(), "categories": []}), "10: categories: the list is too short; give at least 1"),
        (encoded(changed(outcome="party")),
         '9: contest.outcome: "party" is unknown; use one of awards, label, selection, mapping, rolling'),
        (encoded(changed(timezone="Rome")),
         '9: contest.timezone: "Rome" is not a time zone; use a name such as "Europe/Rome"'),
        (encoded(changed(colour="red")), ("9: contest.colour: this key is unknown; use one of "
         "code, title, programme, organisation, timezone, outcome, draw_seed")),
    ],
)  # fmt: skip
def test_a_wrong_plan(content: bytes, fault: str) -> None:
    assert faults({"contest.json": content}) == [f"contest.json:{fault}"]


def test_a_plan_without_contest() -> None:
    assert faults({}) == ["contest.json:1: file: the file is missing; a package needs at least contest.json"]


def test_a_key_given_twice_is_named_with_its_line() -> None:
    content = encoded(plan()).replace(b'"code": "demo",', b'"code": "demo",\n"code": "demo2",')
    assert faults({"contest.json": content}) == ["contest.json:5: contest.code: this key is given twice; keep one"]


def test_a_wrong_rule_names_its_line_and_path() -> None:
    found = plan(a_round("jury", document(judged("impact", "60"), quorum="2")))
    lines = faults({"contest.json": encoded(found)})
    assert len(lines) == 1
    number = 1 + next(at for at, text in enumerate(encoded(found).decode().split("\n")) if '"quorum"' in text)
    assert lines[0] == (
        f'contest.json:{number}: categories[0].rounds[0].rules.quorum: "2" is not a whole number; '
        "write an integer without quotes, such as 3"
    )


@pytest.mark.parametrize(
    ("prize", "fault"),
    [
        ({"places": "3"}, 'places: "3" is not a whole number; write an integer without quotes, such as 3'),
        ({"places": 0}, "places: 0 is too small; give 1 or more"),
        ({"minimum": None}, 'minimum: null is not decimal text; write a number in quotes, such as "7.5"'),
        ({"minimum": 75}, 'minimum: 75 is not decimal text; write a number in quotes, such as "7.5"'),
        ({"round": "final"}, 'round: "final" is not a round; name one of jury'),
        ({"ex_aequo": "no"}, 'ex_aequo: "no" is neither true nor false; write true or false'),
        ({"with_others": 1}, "with_others: 1 is neither true nor false; write true or false"),
        ({"eligible": "housing"}, "eligible: this is not an object; write { … }"),
        ({"one_per": "organisation"}, "one_per: this is not a list; write [ … ]"),
        ({"colour": "gold"}, ("colour: this key is unknown; use one of "
         "code, title, round, places, minimum, with_others, eligible, one_per, ex_aequo")),
    ],
)  # fmt: skip
def test_a_wrong_prize(prize: Document, fault: str) -> None:
    found = plan(prizes=[{"code": "best", "title": {"it": "Primo"}, **prize}])
    assert [line.split(": ", 1)[1] for line in faults({"contest.json": encoded(found)})] == [
        f"categories[0].prizes[0].{fault}"
    ]


def test_columns_that_the_plan_names_must_exist() -> None:
    one = ["organisation", "email"]
    prizes = [{"code": "best", "title": {"it": "Primo"}, "eligible": {"size": "small"}, "one_per": one}]
    found = plan(a_round("jury", document(judged("impact"), advance={"per": "zone", "count": 1})), prizes=prizes)
    package = files(found)
    lines = package["contest.json"].decode().splitlines()
    told = [
        ("zone", "rounds[0].rules.advance.per", 'proposals.csv has no column "zone"; name a column that is there'),
        ("size", "prizes[0].eligible.size", 'proposals.csv has no column "size"; name a column that is there'),
        ("email", "prizes[0].one_per[1]", 'no rule reads the column "email"; name another, such as organisation'),
    ]
    assert faults(package) == [
        f"contest.json:{next(at for at, line in enumerate(lines, 1) if name in line)}: categories[0].{path}: {fault}"
        for name, path, fault in told
    ]


@pytest.mark.parametrize(
    ("rounds", "fault"),
    [
        ([document(judged("a"), carry={"round": "r1", "share": "0.5"})],
         '[0].rules.carry.round: "r1" is not an earlier round; take "carry" out of the first round'),
        ([document(judged("a")), document(judged("a"), carry={"round": "r2", "share": "0.5"})],
         '[1].rules.carry.round: "r2" is not an earlier round; name one of r1'),
        ([document(judged("a"), combine={"method": "borda"}), document(judged("a"), carry={"round": "r1", "share": "0.5"})],
         "[1].rules.carry.round: that round's score is made of ranks and has no place on 0-100; carry another round"),
    ],
)  # fmt: skip
def test_a_wrong_carry(rounds: list[Document], fault: str) -> None:
    found = plan(*(a_round(f"r{at}", rules) for at, rules in enumerate(rounds, 1)))
    lines = faults({"contest.json": encoded(found)})
    assert [line.split(": ", 1)[1] for line in lines] == [f"categories[0].rounds{fault}"]


def test_a_later_round_asks_for_money_only_of_those_who_reached_it() -> None:
    funding = document(judged("pitch", "60"), fund={"budget": "9", "when_short": "stop"})
    rounds = (a_round("one", document(judged("impact", "60"), advance={"count": 1})), a_round("two", funding))
    marks = ["one,j1,A,impact,8", "one,j1,B,impact,7"]
    found = files(plan(*rounds), ballots=csv("round,juror,proposal,criterion,score", *marks))
    assert faults(found) == [
        "proposals.csv:2: ask: the ask is empty, and this category funds proposals; write the amount asked for"
    ]
    found["proposals.csv"] = csv("proposal,category,title,ask", "A,case,Alfa,5", "B,case,Beta,")
    read_contest(found)


def test_rows_are_checked_even_where_the_plan_is_wrong_beside_them() -> None:
    found = plan(a_round("jury", document(judged("impact", "x"), quorum="2", colour="red")))
    found["contest"] |= {"outcome": "party", "code": ""}
    found["format"] = "giuria-contest/9"
    lines = faults(files(found, ballots=csv(SCORES, "j1,A,impact,11")))
    assert [line.split(":")[0] for line in lines] == ["contest.json"] * 6 + ["ballots.csv"]


def test_a_plan_without_scale_is_told_first() -> None:
    criterion = judged("impact") | {"scale": {"min": "0", "max": 10}}
    lines = faults(files(plan(a_round("jury", document(criterion))), ballots=csv(SCORES, "j1,A,impact,11")))
    assert [line.split(":")[0] for line in lines] == ["contest.json"]
    lines = faults(files(plan(a_round("jury", document(criterion))), ballots=csv(SCORES, "j9,A,impact,11")))
    assert [line.split(":")[0] for line in lines] == ["contest.json", "ballots.csv"]


def test_a_file_that_cannot_be_read_is_not_missed_everywhere() -> None:
    found = files(proposals=b"proposal,category,title\r\nA,case,Citt\xe0\r\n", jurors=b"juror\r\nj1,x\r\n",
                  assignments=b"juror,proposal\r\nj1\r\n")  # fmt: skip
    assert [line.split(": ")[0] for line in faults(found)] == ["proposals.csv:2", "jurors.csv:2", "assignments.csv:2"]


def test_an_instant_out_of_the_calendar() -> None:
    found = files(proposals=csv("proposal,category,title,submitted_at", "A,case,Alfa,0001-01-01T00:00:00+14:00"))
    del found["ballots.csv"]
    assert [line.split(": ")[1] for line in faults(found)] == ["submitted_at"]


def test_all_faults_come_at_once_in_the_order_of_files_and_rows() -> None:
    found = files(
        proposals=csv("proposal,category,title", "A,case,", "B,nope,Beta", "C,case,Gamma"),
        jurors=csv("juror,panel", "j1,nope", "j2,"),
        ballots=csv(SCORES, "j1,A,impact,99", "j2,A,impact,x", "j3,C,impact,5"),
        votes=csv("proposal,votes", "A,x"),
    )
    found["notes.txt"] = b""
    assert [line.split(": ")[0] for line in faults(found)] == [
        "proposals.csv:2", "proposals.csv:3", "jurors.csv:2", "ballots.csv:2", "ballots.csv:3", "ballots.csv:4",
        "votes.csv:2", "notes.txt:1",
    ]  # fmt: skip
