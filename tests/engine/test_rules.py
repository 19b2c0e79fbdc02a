# ruff: noqa: E501 - a fault stands on one line, as it is told

import json
from copy import deepcopy
from fractions import Fraction
from hashlib import sha256
from typing import Any

import pytest

from engine.combine import BandMean, TrimmedMean
from engine.least_squares import LeastSquares
from engine.ledger import canonical
from engine.methods import METHODS
from engine.rules import (
    Carry,
    Criterion,
    Gate,
    InvalidRules,
    Label,
    Public,
    Rescale,
    Rounding,
    Scale,
    parse_rules,
    seal,
)
from engine.ties import TIES
from tests.engine.build import document, judged, quantity, rounding, rules, table

Document = dict[str, Any]


def faults(found: Document) -> list[str]:
    with pytest.raises(InvalidRules) as refused:
        parse_rules(found)
    return [str(fault) for fault in refused.value.faults]


def test_the_defaults_are_those_of_the_page() -> None:
    found = rules(judged("a"))
    assert (found.points, found.order, found.places, found.quorum) == (
        "coefficient",
        "criteria_first",
        "competition",
        1,
    )
    assert (found.total, found.rounding, found.gates, found.ties) == ("sum", {}, (), ())
    assert (found.rescale.criterion, found.rescale.total) == (False, False)


def test_the_example_of_the_page_parses() -> None:
    found = rules(
        judged("impact", "25"),
        order="criteria_first",
        points="coefficient",
        rounding=[{"at": "combined", "places": 2, "mode": "half_up"}],
        rescale={"criterion": False, "total": False},
        gates=[{"on": "total", "minimum": "60"}],
        ties=["criterion:impact", "wins", "earliest"],
        places="competition",
        quorum=2,
    )
    assert [tie.text for tie in found.ties] == ["criterion:impact", "wins", "earliest"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"entry": "solo"}, 'entry: "solo" is unknown; use one of individual, collegial, pairwise, ranking, qualitative'),
        ({"criteria": []}, "criteria: the list is too short; give at least 1"),
        ({"criteria": [judged("a"), judged("a")]}, 'criteria[1].code: "a" is given twice; give each criterion its own code'),
        ({"criteria": [judged("a", "0")]}, "criteria: the weights sum to 0; give at least one criterion a weight above 0"),
        ({"criteria": [judged("a;b")]}, ("criteria[0].code: the code holds a semicolon; "
         "use letters, digits and hyphens, such as business-case")),
        ({"order": "both"}, 'order: "both" is unknown; use one of criteria_first, jurors_first'),
        ({"points": "rank"}, 'points: "rank" is unknown; use one of coefficient, mark'),
        ({"total": "max"}, 'total: "max" is unknown; use one of sum, mean'),
        ({"places": "olympic"}, 'places: "olympic" is unknown; use one of competition, dense'),
        ({"quorum": "2"}, 'quorum: "2" is not a whole number; write an integer without quotes, such as 3'),
        ({"quorum": True}, "quorum: true is not a whole number; write an integer without quotes, such as 3"),
        ({"quorum": -1}, "quorum: -1 is too small; give 0 or more"),
        ({"combine": {"method": "mode"}}, f'combine.method: "mode" is unknown; use one of {", ".join(METHODS)}'),
        ({"combine": {"method": "trimmed_mean", "drop": 2, "min": 4}},
         "combine.min: 4 marks would leave none after dropping 2 at each end; give 5 or more"),
        ({"combine": {"method": "trimmed_mean", "drop": 3}},
         "combine.min: 5 marks would leave none after dropping 3 at each end; give 7 or more"),
        ({"combine": {"method": "band_mean"}}, 'combine.width: this is missing; give "width"'),
        ({"combine": {"method": "band_mean", "width": 7}},
         'combine.width: 7 is not decimal text; write a number in quotes, such as "7.5"'),
        ({"combine": {"method": "mean", "drop": 1}}, "combine.drop: this key is unknown; use one of method"),
        ({"combine": {"method": "rank_points", "points": []}}, "combine.points: the list is too short; give at least 1"),
        ({"combine": {"method": "pairwise_sum"}}, ("combine.method: this method does not combine individual entry; "
         "use a pairwise_… method with pairwise entry, and only there")),
        ({"combine": {"method": "borda"}, "criteria": [judged("a"), judged("b")]},
         'combine.method: this method reads one judged criterion; use one, or "order": "jurors_first"'),
        ({"combine": {"method": "borda"}, "gates": [{"on": "total", "minimum": "1"}]},
         'gates[0].on: a gate on "total" would depend on who passes it; use criterion:<code> or weighted:<code>'),
        ({"combine": {"method": "majority_judgment"}, "gates": [{"on": "sum", "minimum": "1"}]},
         'gates[0].on: a gate on "sum" would depend on who passes it; use criterion:<code> or weighted:<code>'),
        ({"combine": {"method": "borda"}, "public": {"share": "0.5", "by": "share"}},
         'public: a score made of ranks has no place on 0-100; mix the public vote by "rank_points", and carry nothing'),
        ({"rounding": [{"at": "end", "places": 2, "mode": "half_up"}]},
         'rounding[0].at: "end" is unknown; use one of combined, coefficient, weighted, juror_total, total, rescaled'),
        ({"rounding": [{"at": "total", "places": 2, "mode": "half_up"}] * 2},
         'rounding[1].at: "total" is given twice; round each point once'),
        ({"rounding": [{"at": "total", "places": "2", "mode": "half_up"}]},
         'rounding[0].places: "2" is not a whole number; write an integer without quotes, such as 3'),
        ({"rounding": [{"at": "total", "places": 2}]}, 'rounding[0].mode: this is missing; give "mode"'),
        ({"rescale": {"criterion": "yes"}}, 'rescale.criterion: "yes" is neither true nor false; write true or false'),
        ({"rescale": {"level": "group"}},
         'rescale.level: groups are rescaled only with the criteria; add "criterion": true'),
        ({"rescale": {"criterion": True}, "order": "jurors_first"},
         "rescale.criterion: criteria cannot be rescaled when jurors come first; write false"),
        ({"gates": [{"on": "criterion:z", "minimum": "1"}]},
         'gates[0].on: "criterion:z" is unknown; use total, sum, criterion:<code> or weighted:<code>'),
        ({"gates": [{"on": "total", "minimum": 60}]},
         'gates[0].minimum: 60 is not decimal text; write a number in quotes, such as "7.5"'),
        ({"ties": ["criterion:z"]}, 'ties[0]: there is no criterion "z"; name one of a'),
        ({"ties": ["wins:a"]}, ('ties[0]: "wins:a" is not a tie rule; use one of criterion:<code>, weighted:<code>, wins, '
         "head_to_head, fewer_lows, median, public, earliest, chair, draw")),
        ({"advance": {"count": 0}}, "advance.count: 0 is too small; give 1 or more"),
        ({"advance": {"count": 2, "minimum": "3"}}, "advance.minimum: this key is unknown; use one of count, per"),
        ({"advance": {"per": "region"}}, 'advance.count: this is missing; give "count"'),
        ({"advance": {"budget": "10"}}, 'advance.multiple: this is missing; give "multiple"'),
        ({"carry": {"round": "x", "share": "1.5"}}, 'carry.share: "1.5" is above 1; give a number from 0 to 1'),
        ({"public": {"share": "0.2", "by": "luck"}}, 'public.by: "luck" is unknown; use one of share, highest, rank_points'),
        ({"public": {"share": "0.2", "by": "rank_points"}}, 'public.points: this is missing; give "points"'),
        ({"fund": {"budget": "1", "when_short": "wait"}},
         'fund.when_short: "wait" is unknown; use one of stop, partial, skip'),
        ({"colour": "red"}, ("colour: this key is unknown; use one of entry, criteria, order, combine, points, rounding, "
         "rescale, gates, ties, places, quorum, total, advance, carry, public, fund")),
    ],
)  # fmt: skip
def test_a_wrong_rule_set_is_refused_with_where_what_and_what_instead(change: Document, fault: str) -> None:
    assert faults(document(judged("a"), **change)) == [fault]


@pytest.mark.parametrize(
    ("criterion", "fault"),
    [
        ({"weight": "-1"}, 'criteria[0].weight: "-1" is negative; give 0 or more'),
        ({"weight": 25}, 'criteria[0].weight: 25 is not decimal text; write a number in quotes, such as "7.5"'),
        ({"weight": "1,5"}, 'criteria[0].weight: "1,5" is not decimal text; write a number in quotes, such as "7.5"'),
        ({"title": {}}, 'criteria[0].title: no language is given; write at least one, such as {"it": "…"}'),
        ({"title": {"it": " "}}, "criteria[0].title.it: the text is empty; write it, or leave the language out"),
        ({"title": {"Italian": "x"}}, 'criteria[0].title.Italian: this is not a language code; use "it", "en", …'),
        ({"title": "x"}, "criteria[0].title: this is not an object; write { … }"),
        ({"code": ""}, "criteria[0].code: the code is empty; use letters, digits and hyphens, such as business-case"),
        ({"rule": "highest"}, ("criteria[0].rule: this key is unknown; "
         "use one of code, title, kind, weight, scale, group, description")),
        ({"scale": {"min": "5", "max": "5"}}, ("criteria[0].scale.max: the maximum is not above the minimum; "
         "give a larger number")),
        ({"scale": {"min": "0", "max": "5", "step": "0"}},
         "criteria[0].scale.step: the step is 0; give a larger number, or leave it out"),
        ({"scale": {"min": "0", "max": "5", "step": "1", "labels": [{"mark": "0.5", "title": {"en": "x"}}]}},
         'criteria[0].scale.labels[0].mark: "0.5" is not on the scale; label marks of the scale'),
    ],
)  # fmt: skip
def test_a_wrong_criterion_is_refused(criterion: Document, fault: str) -> None:
    assert faults(document({**judged("a"), **criterion})) == [fault]


@pytest.mark.parametrize(
    ("whole", "path"),
    [
        ({"criteria": [{**judged("a"), "scale": {"min": "0", "max": "10"}}]}, "criteria[0].scale"),
        ({"criteria": [{**judged("a"), "scale": {"min": "0", "max": "10", "labels": [
            {"mark": "0", "title": {"en": "x"}}]}}]}, "criteria[0].scale.labels[0]"),
        ({"criteria": [judged("a")]}, "criteria[0]"),
        ({"criteria": [quantity("a")]}, "criteria[0]"),
        ({"rounding": [{"at": "total", "places": 2, "mode": "half_up"}]}, "rounding[0]"),
        ({"gates": [{"on": "sum", "minimum": "60"}]}, "gates[0]"),
        ({"carry": {"round": "first", "share": "0.4"}}, "carry"),
        ({"public": {"share": "0.2", "by": "share"}}, "public"),
        ({"public": {"share": "0.2", "by": "rank_points", "points": ["1"]}}, "public"),
        ({"combine": {"method": "band_mean", "width": "2"}}, "combine"),
        ({"fund": {"budget": "1", "when_short": "stop"}}, "fund"),
    ],
)  # fmt: skip
def test_each_key_that_is_missing_is_one_fault_and_no_other(whole: Document, path: str) -> None:
    """What stands in for it until all is read is harmless."""
    optional = {"kind", "step", "labels", "method", "points", "by"} if "points" not in path else set()
    found = document(judged("a"), **whole)
    parse_rules(found)
    keys = [key for key in part(found, path) if key not in optional]
    assert keys
    for key in keys:
        without = deepcopy(found)
        del part(without, path)[key]
        assert faults(without) == [f'{path}.{key}: this is missing; give "{key}"']


def part(found: Any, path: str) -> Document:  # noqa: ANN401 - a document within a document
    for step in path.replace("]", "").replace("[", ".").split("."):
        found = found[int(step) if step.isdigit() else step]
    result: Document = found
    return result


def test_the_keys_by_which_others_are_read_are_missed_too() -> None:
    for found, fault in (
        (
            document({**judged("a"), "kind": "odd"}),
            'criteria[0].kind: "odd" is unknown; use one of judged, quantity, table',
        ),
        ({"criteria": [judged("a")], "combine": {"method": "mean"}}, 'entry: this is missing; give "entry"'),
        (document(judged("a"), public={"share": "1"}), 'public.by: this is missing; give "by"'),
        (
            document(judged("a"), public={"share": "1", "by": "rank_points"}),
            'public.points: this is missing; give "points"',
        ),
        (document(judged("a"), combine={}), f"combine.method: null is unknown; use one of {', '.join(METHODS)}"),
        (
            document(judged("a"), combine=None),
            'combine: this is missing; say how jurors are combined, such as {"method": "mean"}',
        ),
        (document(), "criteria: the list is too short; give at least 1"),
    ):
        assert faults(found) == [fault]
    assert faults({}) == [
        'entry: this is missing; give "entry"', 'criteria: this is missing; give "criteria"',
        "criteria: the list is too short; give at least 1",
    ]  # fmt: skip
    kindless = judged("a")
    del kindless["kind"]
    assert 'criteria[0].kind: this is missing; give "kind"' in faults(document(kindless))


def test_all_that_a_rule_set_says_is_read() -> None:
    scale = {
        "min": "1",
        "max": "7",
        "step": "2",
        "labels": [{"mark": "1", "title": {"en": "low"}}, {"mark": "7", "title": {"en": "high"}}],
    }
    found = rules(
        {**judged("a", "3", scale=scale), "group": "g", "description": {"en": "what a is"}},
        quantity("q", "2", "lowest", rescale=True),
        table("t", {"yes": "5", "": "1"}),
        points="mark",
        total="mean",
        places="dense",
        quorum=0,
        rounding=rounding("total", places=30, mode="up"),
        rescale={"criterion": True, "total": True, "level": "group"},
        gates=[{"on": "weighted:a", "minimum": "0.5"}],
        ties=["draw"],
        carry={"round": "first", "share": "0.25"},
        public={"share": "1", "by": "rank_points", "points": ["12", "10"]},
    )
    one, two, seven = Fraction(1), Fraction(2), Fraction(7)
    labels = (Label(one, {"en": "low"}), Label(seven, {"en": "high"}))
    no_table: dict[str, Fraction] = {}
    points = {"yes": Fraction(5), "": one}
    a, q, t = found.criteria
    assert a == Criterion(
        "a", {"en": "a"}, "judged", Fraction(3), Scale(one, seven, two, labels), "", no_table, rescale=False, group="g",
        description={"en": "what a is"},
    )  # fmt: skip
    assert q == Criterion("q", {"en": "q"}, "quantity", two, None, "lowest", no_table, True, "", {})  # noqa: FBT003 - it is rescaled
    assert t == Criterion(
        "t", {"en": "t"}, "table", Fraction(5), None, "", points, rescale=False, group="", description={}
    )
    assert (found.points, found.total, found.places, found.quorum) == ("mark", "mean", "dense", 0)
    assert found.rounding == {"total": Rounding("total", 30, "up")}
    assert found.rescale == Rescale(criterion=True, total=True, level="group")
    assert found.gates == (Gate("weighted:a", Fraction(1, 2)),)
    assert [tie.text for tie in found.ties] == ["draw"]
    assert found.carry == Carry("first", Fraction(1, 4))
    assert found.public == Public(one, "rank_points", (Fraction(12), Fraction(10)))
    assert (found.judged, found.facts, found.weights) == ((a,), (q, t), Fraction(10))
    assert rules(judged("a"), public={"share": "0", "by": "highest"}).public == Public(Fraction(0), "highest", ())
    assert rules(judged("a"), rescale={}).rescale == Rescale(criterion=False, total=False, level="criterion")


@pytest.mark.parametrize(
    ("scale", "on", "off"),
    [
        ({"min": "1", "max": "7", "step": "2"}, "1 3 7", "0 2 8 9 1.5"),
        ({"min": "0.5", "max": "2", "step": "0.5"}, "0.5 1 2", "0 0.75 2.5"),
        ({"min": "1", "max": "8", "step": "3"}, "1 4 7", "2 3 5 8"),
        ({"min": "0", "max": "1"}, "0 0.333 1", "1.001"),
    ],
)
def test_a_scale_holds_its_ends_and_its_steps_from_the_lower_end(scale: Document, on: str, off: str) -> None:
    found = rules({**judged("a"), "scale": scale}).criterion("a").scale
    assert found is not None
    assert all(found.holds(Fraction(mark)) for mark in on.split())
    assert not any(found.holds(Fraction(mark)) for mark in off.split())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"rounding": rounding("total", places=31)}, "rounding[0].places: 31 is too large; give 30 or fewer"),
        ({"rounding": [{"at": "total", "places": 2, "mode": "odd"}]},
         'rounding[0].mode: "odd" is unknown; use one of half_up, half_even, down, up'),
        ({"entry": "collegial", "combine": {"method": "pairwise_sum"}},
         'combine.method: this method needs pairwise entry; leave "combine" out: the panel gives one mark'),
        ({"entry": "pairwise", "combine": {"method": "pairwise_sum"}, "order": "jurors_first"},
         'order: pairs are compared criterion by criterion; use "criteria_first"'),
        ({"entry": "qualitative", "combine": {"method": "borda"}},
         'combine.method: qualitative entry has no numbers to combine; leave "combine" out'),
        ({"criteria": [quantity("q")], "combine": {"method": "borda"}},
         "combine.method: there is no judged criterion to rank by; add one"),
        ({"combine": {"method": "borda"}, "carry": {"round": "first", "share": "0.5"}},
         'carry: a score made of ranks has no place on 0-100; mix the public vote by "rank_points", and carry nothing'),
        ({"criteria": [{**judged("a"), "scale": {"min": "0", "max": "1", "labels": [{"mark": "2", "title": {"en": "x"}}]}}]},
         'criteria[0].scale.labels[0].mark: "2" is not on the scale; label marks of the scale'),
        ({"entry": "collegial", "gates": [{"on": "sum:a", "minimum": "1"}]},
         'gates[0].on: "sum:a" is unknown; use total, sum, criterion:<code> or weighted:<code>'),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_one_fault(change: Document, fault: str) -> None:
    assert faults(document(judged("a"), **change)) == [fault]


def test_pairs_are_refused_where_jurors_come_first_by_entry_and_by_method() -> None:
    together = 'order: pairs are compared criterion by criterion; use "criteria_first"'
    assert together in faults(document(judged("a"), entry="pairwise", order="jurors_first"))
    assert together in faults(document(judged("a"), combine={"method": "pairwise_sum"}, order="jurors_first"))


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"criteria": [quantity("q", rule="odd")]}, ["criteria[0].rule"]),
        ({"criteria": [quantity("q", rescale="yes")]}, ["criteria[0].rescale"]),
        ({"criteria": [judged("a", group="")]}, ["criteria[0].group"]),
        ({"criteria": [judged("a", description="x")]}, ["criteria[0].description"]),
        ({"criteria": [judged("a", table={})]}, ["criteria[0].table"]),
        ({"criteria": [judged("a", scale={"min": 0, "max": "x", "step": None})]},
         ["criteria[0].scale.min", "criteria[0].scale.max", "criteria[0].scale.step"]),
        ({"criteria": [judged("a", scale={"min": "0", "max": "9", "labels": "x"})]}, ["criteria[0].scale.labels"]),
        ({"criteria": [judged("a", scale={"min": "5", "max": "5", "labels": [{"mark": "5", "title": {"en": "x"}}]})]},
         ["criteria[0].scale.max"]),
        ({"criteria": [judged("a", scale={"min": "0", "max": "9", "labels": [{"mark": 5, "title": {}}]})]},
         ["criteria[0].scale.labels[0].mark", "criteria[0].scale.labels[0].title"]),
        ({"rescale": {"total": 1, "level": "odd"}}, ["rescale.total", "rescale.level"]),
        ({"gates": [{"on": 3, "minimum": "1"}]}, ["gates[0].on", "gates[0].on"]),
        ({"carry": {"round": "", "share": 1}}, ["carry.round", "carry.share"]),
        ({"public": {"share": "2", "by": "rank_points", "points": "x"}}, ["public.share", "public.points"]),
        ({"entry": "collegial", "combine": None}, ["combine"]),
    ],
)  # fmt: skip
def test_each_fault_says_where_it_is(change: Document, paths: list[str]) -> None:
    with pytest.raises(InvalidRules) as refused:
        parse_rules({**document(judged("a")), **change})
    assert [fault.path for fault in refused.value.faults] == paths


def test_a_fault_is_told_on_one_line_each() -> None:
    with pytest.raises(InvalidRules) as refused:
        parse_rules(document(judged("a"), quorum=-1, places="odd"))
    assert str(refused.value).splitlines() == [str(fault) for fault in refused.value.faults]
    assert len(refused.value.faults) == 2


def test_a_judged_criterion_needs_weight_and_scale() -> None:
    bare = {"code": "a", "title": {"en": "a"}, "kind": "judged"}
    assert faults(document(bare)) == [
        'criteria[0].weight: this is missing; give "weight"',
        'criteria[0].scale: this is missing; give "scale"',
    ]
    assert rules(bare, entry="ranking", combine={"method": "borda"}).weights == 1
    parse_rules(document(bare, entry="qualitative"))
    weightless, scaleless = (f'criteria[0].{key}: this is missing; give "{key}"' for key in ("weight", "scale"))
    assert faults(document(bare, entry="ranking")) == [weightless, scaleless]
    assert faults(document(bare, entry="ranking", points="mark")) == [weightless]
    assert faults(document(bare, entry="ranking", combine={"method": "borda"}, order="jurors_first")) == [
        weightless,
        scaleless,
    ]


def test_all_faults_are_told_at_once() -> None:
    found = document(judged("a", "x"), quorum="1", ties=["nope"], fund={})
    assert len(faults(found)) == 5


def test_a_table_weighs_its_largest_points() -> None:
    assert rules(table("t", {"yes": "5", "no": "0"})).criterion("t").weight == 5
    assert rules(table("t", {"yes": "5", "no": "0"}, weight="5")).weights == 5
    assert faults(document(table("t", {"yes": "5"}, weight="4"))) == [
        'criteria[0].weight: a table\'s weight is its largest points; write "5" or nothing'
    ]
    assert faults(document(table("t", {}))) == [
        'criteria[0].table: the table is empty; give at least one row, such as {"yes": "5"}',
        "criteria: the weights sum to 0; give at least one criterion a weight above 0",
    ]


def test_combine_may_be_left_out_only_where_nobody_is_combined() -> None:
    def without(**more: Any) -> Document:  # noqa: ANN401 - any key of a rule set
        found = document(judged("a"), **more)
        del found["combine"]
        return found

    parse_rules(without(entry="collegial"))
    parse_rules(without(entry="qualitative"))
    measured = document(quantity("q"))
    del measured["combine"]
    parse_rules(measured)
    assert faults(without()) == ['combine: this is missing; say how jurors are combined, such as {"method": "mean"}']


@pytest.mark.parametrize("found", [None, [], "rules", 3])
def test_what_is_not_an_object_is_refused(found: object) -> None:
    with pytest.raises(InvalidRules):
        parse_rules(found)


@pytest.mark.parametrize(
    ("config", "valid"),
    [
        ({"method": "trimmed_mean"}, True),
        ({"method": "trimmed_mean", "drop": 1, "min": 3}, True),
        ({"method": "trimmed_mean", "drop": 1, "min": 2}, False),
        ({"method": "band_mean", "width": "7"}, True),
        ({"method": "band_mean", "width": "-7"}, False),
        ({"method": "rank_points", "points": ["12", "10"]}, True),
        ({"method": "rank_points", "points": ["12", 10]}, False),
        ({"method": "mean", "weight": "1"}, False),
    ],
)
def test_each_method_checks_its_own_settings(config: Document, valid: bool) -> None:  # noqa: FBT001 - a column of the table above
    assert (METHODS[config["method"]].validate(config) == ()) is valid


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"advance": {"count": 0}}, ["advance.count: 0 is too small; give 1 or more"]),
        ({"advance": {"count": 1}}, []),
        ({"advance": {"per": "region"}}, ['advance.count: this is missing; give "count"']),
        ({"advance": {"per": "", "count": 1}}, ['advance.per: no column is named; name one of proposals.csv, such as "region"']),
        ({"advance": {"per": 1, "count": 1}}, ["advance.per: 1 is not text; write it in quotes",
                                               'advance.per: no column is named; name one of proposals.csv, such as "region"']),
        ({"advance": {"minimum": 1}}, ['advance.minimum: 1 is not decimal text; write a number in quotes, such as "7.5"']),
        ({"advance": {"budget": "1"}}, ['advance.multiple: this is missing; give "multiple"']),
        ({"advance": {"multiple": "1"}}, ['advance.budget: this is missing; give "budget"']),
        ({"advance": {"budget": 1, "multiple": 2}}, [
            f'advance.{key}: {number} is not decimal text; write a number in quotes, such as "7.5"'
            for key, number in (("budget", 1), ("multiple", 2))]),
        ({"fund": {"budget": 1, "when_short": "wait"}}, [
            'fund.budget: 1 is not decimal text; write a number in quotes, such as "7.5"',
            'fund.when_short: "wait" is unknown; use one of stop, partial, skip']),
        ({"fund": {}}, ['fund.budget: this is missing; give "budget"', 'fund.when_short: this is missing; give "when_short"']),
    ],
)  # fmt: skip
def test_what_follows_from_a_standing_says_where_it_is_wrong(change: Document, expected: list[str]) -> None:
    found = document(judged("a"), **change)
    if expected:
        assert faults(found) == expected
    else:
        parse_rules(found)


def test_a_tie_rule_names_the_criteria_there_are() -> None:
    [fault] = TIES["criterion"].validate("criterion:c", ["a", "b"])
    assert str(fault) == 'ties: there is no criterion "c"; name one of a, b'


@pytest.mark.parametrize("name", TIES)
def test_each_tie_rule_checks_its_own_step(name: str) -> None:
    step = f"{name}:a" if TIES[name].names_criterion else name
    assert TIES[name].validate(step, ["a"]) == ()
    for wrong in ("", f"{step}x", f"x{step}", f"{step}:"):
        assert [fault.path for fault in TIES[name].validate(wrong, ["a"])] == ["ties"]


def test_every_tie_rule_of_the_page_is_registered() -> None:
    assert list(TIES) == [
        "criterion", "weighted", "wins", "head_to_head", "fewer_lows", "median", "public", "earliest", "chair", "draw",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("config", "paths"),
    [
        ({"method": "trimmed_mean", "drop": "1"}, ["combine.drop"]),
        ({"method": "trimmed_mean", "drop": 1, "min": "7"}, ["combine.min", "combine.min"]),
        ({"method": "trimmed_mean", "dorp": 1}, ["combine.dorp"]),
        ({"method": "trimmed_mean", "drop": 3}, ["combine.min"]),
        ({"method": "band_mean"}, ["combine.width"]),
        ({"method": "band_mean", "width": 7, "one": 1}, ["combine.one", "combine.width"]),
        ({"method": "rank_points"}, ["combine.points"]),
        ({"method": "rank_points", "points": ["12", "x"]}, ["combine.points[1]"]),
        ({"method": "rank_points", "points": [], "x": 1}, ["combine.x", "combine.points"]),
        ({"method": "mean", "x": 1}, ["combine.x"]),
    ],
)
def test_a_method_says_where_its_settings_are_wrong(config: Document, paths: list[str]) -> None:
    assert [fault.path for fault in METHODS[config["method"]].validate(config)] == paths


def test_every_method_of_the_page_is_registered() -> None:
    assert set(METHODS) == {
        "mean", "median", "lower_median", "trimmed_mean", "band_mean", "sum", "rank_points", "borda", "majority_judgment",
        "pairwise_sum", "pairwise_mean", "pairwise_eigenvector", "least_squares",
    }  # fmt: skip


def test_settings_reach_the_method() -> None:
    assert rules(judged("a"), combine={"method": "trimmed_mean"}).combine == TrimmedMean(1, 5)
    assert rules(judged("a"), combine={"method": "trimmed_mean", "drop": 2, "min": 7}).combine == TrimmedMean(2, 7)
    assert isinstance(rules(judged("a"), combine={"method": "band_mean", "width": "1.5"}).combine, BandMean)
    assert rules(judged("a"), combine={"method": "least_squares"}).combine == LeastSquares()


def test_the_seal_is_the_sha256_of_canonical_json() -> None:
    found = document(judged("città"))
    text = canonical(found).encode()
    assert b" " not in text
    assert "città".encode() in text
    assert json.loads(text) == found
    assert seal(found) == sha256(text).hexdigest()


def test_the_seal_ignores_the_order_of_keys_and_nothing_else() -> None:
    found = document(judged("a"), quorum=2)
    turned = json.loads(json.dumps(dict(reversed(found.items()))))
    assert seal(found) == seal(turned)
    changed = deepcopy(found)
    changed["quorum"] = 3
    assert seal(found) != seal(changed)
