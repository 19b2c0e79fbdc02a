"""A second, naive reading of docs/contest-package.md: one long pass over plain dictionaries, fractions everywhere.

It shares nothing with the engine but its input, and is slow on purpose.
"""

import hashlib
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from itertools import combinations
from math import ceil, floor
from typing import Any

from engine.types import RoundInput

Document = Mapping[str, Any]
F = Fraction


def frac(text: object) -> Fraction:
    return F(str(text))


def mean(values: list[Fraction]) -> Fraction:
    return sum(values, F(0)) / len(values)


def middle(values: list[Fraction]) -> Fraction:
    ordered, n = sorted(values), len(values)
    return (ordered[(n - 1) // 2] + ordered[n // 2]) / 2


def round_to(value: Fraction, places: int, mode: str) -> Fraction:
    moved = value * 10**places
    low = floor(moved)
    rest = moved - low
    if rest == 0:
        return F(low, 10**places)
    if mode == "down":
        chosen = low if value >= 0 else low + 1
    elif mode == "up":
        chosen = low + 1 if value >= 0 else low
    elif rest != F(1, 2):
        chosen = low if rest < F(1, 2) else low + 1
    elif mode == "half_even":
        chosen = low if low % 2 == 0 else low + 1
    else:
        chosen = low + 1 if value >= 0 else low
    return F(chosen, 10**places)


def combine(config: Document, marks: list[Fraction]) -> Fraction:  # noqa: PLR0911 - one return a method
    method = config["method"]
    if method in {"mean", "borda", "rank_points"}:
        return mean(marks)
    if method == "sum":
        return sum(marks, F(0))
    if method == "median":
        return middle(marks)
    if method in {"lower_median", "majority_judgment"}:
        return sorted(marks)[ceil(len(marks) / 2) - 1]
    if method == "trimmed_mean":
        drop = config.get("drop", 1)
        if len(marks) < config.get("min", 5):
            return mean(marks)
        return mean(sorted(marks)[drop : len(marks) - drop])
    assert method == "band_mean"
    centre = mean(marks)
    near = [mark for mark in marks if abs(mark - centre) <= frac(config["width"])]
    return mean(near or marks)


def least_squares(marks: Mapping[tuple[str, str], Fraction]) -> dict[str, Fraction]:
    """Alternate exactly solved halves would not end; so solve the joint normal equations by elimination."""
    codes = sorted({code for _, code in marks})
    jurors = sorted({juror for juror, _ in marks})
    names = [("p", code) for code in codes] + [("j", juror) for juror in jurors]
    at = {name: position for position, name in enumerate(names)}
    rows: list[list[Fraction]] = []
    for name in names:
        row = [F(0)] * (len(names) + 1)
        for (juror, code), mark in marks.items():
            if name in {("p", code), ("j", juror)}:
                row[at["p", code]] += 1
                row[at["j", juror]] += 1
                row[-1] += mark
        rows.append(row)
    for group in components(marks):
        row = [F(0)] * (len(names) + 1)
        for juror in group:
            row[at["j", juror]] = F(1)
        rows.append(row)
    solution = eliminate(rows, len(names))
    return {code: solution[at["p", code]] for code in codes}


def components(marks: Mapping[tuple[str, str], Fraction]) -> list[set[str]]:
    groups: list[tuple[set[str], set[str]]] = []
    for juror, code in marks:
        touching = [group for group in groups if juror in group[0] or code in group[1]]
        merged = ({juror}.union(*(g[0] for g in touching)), {code}.union(*(g[1] for g in touching)))
        groups = [group for group in groups if group not in touching] + [merged]
    return [jurors for jurors, _ in groups]


def eliminate(rows: list[list[Fraction]], size: int) -> list[Fraction]:
    done: list[list[Fraction]] = []
    for column in range(size):
        pivot = next(row for row in rows if row[column] != 0)
        rows.remove(pivot)
        pivot = [cell / pivot[column] for cell in pivot]
        rows = [[a - row[column] * b for a, b in zip(row, pivot, strict=True)] for row in rows]
        done = [[a - row[column] * b for a, b in zip(row, pivot, strict=True)] for row in done] + [pivot]
    return [row[-1] for row in done]


def pairwise(  # noqa: C901, PLR0912 - three methods in a row
    method: str, jurors: list[dict[tuple[str, str], int]], codes: list[str]
) -> dict[str, Fraction]:
    points = []
    for given in jurors:
        of = dict.fromkeys(codes, F(0))
        for (winner, loser), degree in given.items():
            of[winner] += degree
            if degree == 1:
                of[loser] += 1
        points.append(of)
    if method == "pairwise_sum":
        sums = {code: sum((of[code] for of in points), F(0)) for code in codes}
        return {code: sums[code] / max(sums.values()) for code in codes}
    if method == "pairwise_mean":
        means = {code: mean([of[code] / max(of.values()) for of in points]) for code in codes}
        return {code: means[code] / max(means.values()) for code in codes}
    with localcontext() as context:
        context.prec = 50
        total = dict.fromkeys(codes, Decimal(0))
        for given in jurors:
            ratio = {}
            for a in codes:
                for b in codes:
                    if a == b:
                        ratio[a, b] = Decimal(1)
                    elif (a, b) in given:
                        ratio[a, b] = Decimal(given[a, b])
                    else:
                        ratio[a, b] = Decimal(1) / given[b, a]
            weights = {code: Decimal(1) / len(codes) for code in codes}
            moved = Decimal(1)
            while moved >= Decimal("1e-30"):
                raised = {a: sum(ratio[a, b] * weights[b] for b in codes) or Decimal(0) for a in codes}
                whole = sum(raised.values(), Decimal(0))
                fresh = {a: raised[a] / whole for a in codes}
                moved = max(abs(fresh[a] - weights[a]) for a in codes)
                weights = fresh
            for a in codes:
                total[a] += weights[a] / max(weights.values())
        best = max(total.values())
        return {a: F((total[a] / best).quantize(Decimal("1e-12"), ROUND_HALF_EVEN)) for a in codes}


def points_for(order: Mapping[str, Fraction], value_of: Callable[[int, int], Fraction]) -> dict[str, Fraction]:
    """Give each the value for the places it shares; a greater number is better."""
    found = {}
    for code, own in order.items():
        ahead = sum(other > own for other in order.values())
        same = sum(other == own for other in order.values())
        found[code] = mean([value_of(place, len(order)) for place in range(ahead + 1, ahead + same + 1)])
    return found


def reference(rules: Document, given: RoundInput) -> dict[str, tuple[Any, ...]]:  # noqa: C901, PLR0912, PLR0915 - one pass, as the page tells it
    """Return code to (status, place, exact score, advances, funding)."""
    criteria = rules["criteria"]
    judged = [c for c in criteria if c["kind"] == "judged"]
    facts = [c for c in criteria if c["kind"] != "judged"]
    config = rules.get("combine", {"method": "mean"})
    method = config["method"]
    entry, jurors_first = rules["entry"], rules.get("order") == "jurors_first"
    lower = entry == "ranking"
    ordinal = method in {"borda", "rank_points", "majority_judgment"}
    in_pairs = entry == "pairwise"
    by_mark = rules.get("points") == "mark"
    weight = {
        c["code"]: max(map(frac, c["table"].values())) if c["kind"] == "table" else frac(c.get("weight", "1"))
        for c in criteria
    }
    weights = sum(weight.values())
    rounding = {r["at"]: r for r in rules.get("rounding", [])}

    def at(point: str, value: Fraction) -> Fraction:
        return round_to(value, rounding[point]["places"], rounding[point]["mode"]) if point in rounding else value

    def scale_top(c: Document) -> Fraction:
        return F(1) if by_mark or in_pairs or "scale" not in c else frac(c["scale"]["max"])

    by_code = {p.code: p for p in given.proposals}
    admitted = sorted(p.code for p in given.proposals if p.state == "admitted")
    names = [c["code"] for c in judged]
    full: dict[str, dict[str, dict[str, Fraction | None]]] = {code: {} for code in by_code}
    seats: dict[str, int] = dict.fromkeys(by_code, 0)
    for ballot in given.ballots:
        answered = [mark for mark in ballot.marks.values() if mark is not None]
        seats[ballot.proposal] += bool(answered)
        if all(name in ballot.marks for name in names) and answered:
            full[ballot.proposal][ballot.juror] = {
                name: None if ballot.marks[name] is None else frac(ballot.marks[name]) for name in names
            }

    # Facts.
    fact: dict[tuple[str, str], Fraction | None] = {}
    coefficient_of_fact: dict[tuple[str, str], Fraction] = {}
    for c in facts:
        for code in by_code:
            text = given.facts.get((code, c["code"]))
            if c["kind"] == "table":
                fact[code, c["code"]] = None if text is None else frac(c["table"][text])
            else:
                fact[code, c["code"]] = None if text is None else frac(text)
        there = [known for code in admitted if (known := fact[code, c["code"]]) is not None]
        for code in by_code:
            value = fact[code, c["code"]]
            if c["kind"] == "table" or value is None:
                continue
            if c["rule"] == "highest":
                best_value = max(there, default=F(0))
                share = value / best_value if best_value else F(0)
            else:
                share = min(there, default=F(0)) / value
            coefficient_of_fact[code, c["code"]] = at("coefficient", share)

    # Jurors combined.
    complete_jurors: list[str] = []
    pair_values: dict[str, dict[str, Fraction]] = {}
    if in_pairs and len(admitted) >= 3:
        said: dict[str, dict[str, dict[tuple[str, str], int]]] = {}
        for x in given.comparisons:
            if x.preferred in admitted and x.other in admitted:
                said.setdefault(x.juror, {}).setdefault(x.criterion, {})[x.preferred, x.other] = x.degree
        complete_jurors = [
            juror
            for juror in sorted(said)
            if all(
                (a, b) in said[juror].get(name, {}) or (b, a) in said[juror].get(name, {})
                for name in names
                for a, b in combinations(admitted, 2)
            )
        ]
        if complete_jurors:
            pair_values = {
                name: pairwise(method, [said[juror][name] for juror in complete_jurors], admitted) for name in names
            }
    levelled: dict[str, dict[str, Fraction]] = {}
    if method == "least_squares":
        for name in names:
            levelled[name] = least_squares(
                {
                    (juror, code): mark
                    for code in admitted
                    for juror, marks in full[code].items()
                    if (mark := marks[name]) is not None
                }
            )

    def combined_raw(code: str, name: str) -> Fraction | None:
        if in_pairs:
            return pair_values[name][code] if pair_values else None
        if method == "least_squares":
            return levelled[name].get(code)
        marks = [mark for of in full[code].values() if (mark := of[name]) is not None]
        if lower and method == "majority_judgment" and marks:
            return -combine(config, [-mark for mark in marks])  # of two middle ranks the worse
        return combine(config, marks) if marks else None

    combined: dict[tuple[str, str], Fraction | None] = {}
    coefficient: dict[tuple[str, str], Fraction] = {}
    weighted: dict[tuple[str, str], Fraction] = {}
    for code in admitted:
        for c in judged:
            name = c["code"]
            value = combined_raw(code, name)
            combined[code, name] = value
            if value is None:
                continue
            if jurors_first:
                coefficient[code, name] = value / scale_top(c)
                weighted[code, name] = coefficient[code, name] * weight[name]
                continue
            if not in_pairs:
                value = at("combined", value)
            coefficient[code, name] = at("coefficient", value / scale_top(c))
            combined[code, name] = coefficient[code, name] if in_pairs else value
            weighted[code, name] = at("weighted", coefficient[code, name] * weight[name])
        for c in facts:
            name = c["code"]
            combined[code, name] = fact[code, name]
            if c["kind"] == "table":
                weighted[code, name] = at("weighted", fact[code, name] or F(0))
            else:
                weighted[code, name] = at("weighted", coefficient_of_fact.get((code, name), F(0)) * weight[name])

    juror_totals: dict[str, dict[str, Fraction]] = {}
    for code in admitted:
        juror_totals[code] = {}
        for juror, of in full[code].items():
            answered_weight = sum((weight[name] for name in names if of[name] is not None), F(0))
            total = F(0)
            for c in judged:
                mark = of[c["code"]]
                if mark is not None:
                    total += at("weighted", at("coefficient", mark / scale_top(c)) * weight[c["code"]])
            if any(of[name] is None for name in names):
                if not answered_weight:
                    continue
                total = total * sum(weight[name] for name in names) / answered_weight
            juror_totals[code][juror] = at("juror_total", total)
    if method == "least_squares" and jurors_first:
        levelled[""] = least_squares(
            {(juror, code): total for code in admitted for juror, total in juror_totals[code].items()}
        )

    def totalled(value: Fraction) -> Fraction:
        return at("total", value / weights if rules.get("total") == "mean" else value)

    def plain_total(code: str) -> Fraction:
        if jurors_first and judged:
            if method == "least_squares":
                joint = levelled[""][code]
            else:
                joint = combine(config, list(juror_totals[code].values()))
            return totalled(joint + sum((weighted[code, c["code"]] for c in facts), F(0)))
        return totalled(sum((weighted[code, c["code"]] for c in criteria), F(0)))

    # Statuses.
    status: dict[str, str] = {}
    score: dict[str, Fraction | None] = dict.fromkeys(by_code)
    quorum = 1 if entry == "collegial" else rules.get("quorum", 1)
    for code, p in by_code.items():
        if p.state != "admitted":
            status[code] = p.state
            continue
        count = len(complete_jurors) if in_pairs else len(full[code])
        unmarked = any(combined[code, name] is None for name in names) or (
            jurors_first and judged and not juror_totals[code]
        )
        if judged and (count < quorum or unmarked):
            status[code] = "below_quorum"
            continue
        if not ordinal:
            score[code] = plain_total(code)
        status[code] = "placed"
        for gate in rules.get("gates", []):
            kind, _, name = gate["on"].partition(":")
            if kind == "total":
                value = score[code] or F(0)
            elif kind == "sum":
                value = sum(((combined[code, n] or F(0)) for n in names), F(0))
            else:
                value = (combined if kind == "criterion" else weighted)[code, name] or F(0)
            ranks = lower and (name in names or not name)
            if (value > frac(gate["minimum"])) if ranks else (value < frac(gate["minimum"])):
                status[code] = "below_gate"
    placed = sorted(code for code in by_code if status[code] == "placed")

    # Scores of the placed; merit is greater for the better.
    merit: dict[str, Any] = {}
    read: dict[str, dict[str, Fraction]] = {}
    for code in placed:
        for juror, of in full[code].items():
            own = juror_totals[code].get(juror) if jurors_first else of[names[0]] if names else None
            if own is not None:
                read.setdefault(juror, {})[code] = -own if lower else own
    if method in {"borda", "rank_points"}:
        table = [frac(x) for x in config.get("points", [])]

        def earned(place: int, number: int) -> Fraction:
            if method == "borda":
                return F(number - place)
            return table[place - 1] if place <= len(table) else F(0)

        sums = dict.fromkeys(placed, F(0))
        for order in read.values():
            for code, points in points_for(order, earned).items():
                sums[code] += points
        score.update({code: at("total", sums[code]) for code in placed})
        merit = {code: (score[code],) for code in placed}
    elif method == "majority_judgment":
        for code in placed:
            left = sorted(order[code] for order in read.values() if code in order)
            grades = []
            while left:
                grades.append(left.pop(ceil(len(left) / 2) - 1))
            merit[code] = tuple(grades)
            score[code] = at("total", -grades[0] if lower else grades[0])
    else:
        rescale = rules.get("rescale", {})
        if rescale.get("criterion") and placed:
            groups: dict[Any, list[Document]] = {}
            for c in criteria:
                if c["kind"] == "judged" or c.get("rescale"):
                    together = rescale.get("level") == "group" and c.get("group")
                    groups.setdefault(("g", c["group"]) if together else ("c", c["code"]), []).append(c)
            raised = {code: [F(0)] for code in placed}
            for (kind, _), members in groups.items():

                def base(code: str, kind: str = kind, members: list[Document] = members) -> Fraction:
                    if kind == "g":
                        return sum((weighted[code, c["code"]] for c in members), F(0))
                    c = members[0]
                    if c["kind"] == "table":
                        return fact[code, c["code"]] or F(0)
                    if c["kind"] == "quantity":
                        return coefficient_of_fact.get((code, c["code"]), F(0))
                    return coefficient[code, c["code"]]

                best = max(base(code) for code in placed)
                share = sum((weight[c["code"]] for c in members), F(0))
                for code in placed:
                    raised[code].append(at("weighted", base(code) / best * share if best else F(0)))
            for code in placed:
                kept = [weighted[code, c["code"]] for c in facts if not c.get("rescale")]
                score[code] = totalled(sum(raised[code], F(0)) + sum(kept, F(0)))
        if rescale.get("total") and placed:
            best_total = max(score[code] or F(0) for code in placed)
            for code in placed:
                score[code] = at("rescaled", (score[code] or F(0)) * weights / best_total if best_total else F(0))
        merit = {code: (-(score[code] or F(0)) if lower else score[code],) for code in placed}

    def reach(code: str) -> Fraction:
        top = F(0)
        for c in criteria:
            whole = c["kind"] == "judged" and by_mark and not in_pairs and "scale" in c
            top += weight[c["code"]] * (frac(c["scale"]["max"]) if whole else 1)
        if rules.get("total") == "mean":
            top /= weights
        if method == "sum":
            top *= 1 if entry == "collegial" else given.assigned.get(code) or seats[code]
        return top

    on_hundred = False
    if "carry" in rules:
        share = frac(rules["carry"]["share"])
        for code in placed:
            own = (score[code] or F(0)) * 100 / reach(code)
            score[code] = own * (1 - share) + given.carried.get(code, F(0)) * share
        merit = {code: (score[code],) for code in placed}
        on_hundred = True
    if "public" in rules:
        public = rules["public"]
        share = frac(public["share"])
        votes = {code: frac(given.votes.get(code, 0)) for code in by_code}
        if public["by"] == "rank_points":
            table = [frac(x) for x in public["points"]]
            reached = sorted(set(merit.values()))
            ours = points_for(
                {code: F(reached.index(merit[code])) for code in placed},
                lambda place, _: table[place - 1] if place <= len(table) else F(0),
            )
            theirs = points_for(
                {code: votes[code] for code in placed},
                lambda place, _: table[place - 1] if place <= len(table) else F(0),
            )
        else:
            whole_votes = (
                sum((votes[code] for code in admitted), F(0))
                if public["by"] == "share"
                else max((votes[code] for code in placed), default=F(0))
            )
            ours = {
                code: (score[code] or F(0)) if on_hundred else (score[code] or F(0)) * 100 / reach(code)
                for code in placed
            }
            theirs = {code: votes[code] * 100 / whole_votes if whole_votes else F(0) for code in placed}
        for code in placed:
            score[code] = ours[code] * (1 - share) + theirs[code] * share
        merit = {code: (score[code],) for code in placed}

    # The tie chain.
    exact: dict[str, dict[str, Fraction]] = {
        code: {
            juror: sum((of[c["code"]] / scale_top(c) * weight[c["code"]] for c in judged), F(0))  # type: ignore[operator] # none is None here
            for juror, of in full[code].items()
            if all(mark is not None for mark in of.values())
        }
        for code in placed
    }
    lowest_first = {c["code"] for c in facts if c.get("rule") == "lowest"} | (set(names) if lower else set())

    def chain_key(  # noqa: C901, PLR0912 - one branch a rule
        rule: str, code: str, group: list[str]
    ) -> tuple[Any, ...]:
        kind, _, name = rule.partition(":")
        value: Any = None
        up = True
        if kind == "criterion":
            value, up = combined[code, name], name not in lowest_first
        elif kind == "weighted":
            value, up = weighted[code, name], not (lower and name in names)
        elif kind == "wins":
            value = 0
            for juror in {j for other in group for j in exact[other]}:
                totals = {other: exact[other][juror] for other in group if juror in exact[other]}
                best = (min if lower else max)(totals.values())
                if len(totals) > 1 and [o for o, t in totals.items() if t == best] == [code]:
                    value += 1
        elif kind == "head_to_head":
            value = 0
            for other in group:
                both = [j for j in exact[code] if j in exact[other] and other != code]
                ahead = sum((exact[code][j] - exact[other][j]) * (-1 if lower else 1) > 0 for j in both)
                value += bool(both) and ahead > len(both) / 2
        elif kind == "fewer_lows":
            marks = {o: [m for of in full[o].values() for m in of.values() if m is not None] for o in group}
            everything = [m for of in marks.values() for m in of]
            if everything:
                worst = (max if lower else min)(everything)
                value, up = sum(m == worst for m in marks[code]), False
        elif kind == "median":
            value, up = (middle(list(exact[code].values())) if exact[code] else None), not lower
        elif kind == "public":
            value = None if code not in given.votes else frac(given.votes[code])
        elif kind == "earliest":
            when = by_code[code].submitted_at
            value, up = (None if when is None else F(when.timestamp())), False
        elif kind == "chair":
            value, up = given.chair.get(code), False
        else:
            seed = f"{given.draw_seed}\n{given.category}\n{given.round}\n{code}"
            value, up = int(hashlib.sha256(seed.encode()).hexdigest(), 16), False
        if value is None:
            return (1, 0)
        return (0, -value if up else value)

    levels = sorted(set(merit.values()), reverse=True)
    groups_now = [[code for code in placed if merit[code] == level] for level in levels]
    for rule in rules.get("ties", []):
        following: list[list[str]] = []
        for group in groups_now:
            keys = {code: chain_key(rule, code, group) for code in group}
            following += [[code for code in group if keys[code] == key] for key in sorted(set(keys.values()))]
        groups_now = following
    place: dict[str, int] = {}
    for number, group in enumerate(groups_now, 1):
        for code in group:
            place[code] = number if rules.get("places") == "dense" else sum(map(len, groups_now[: number - 1])) + 1

    # Advance and fund.
    goes = {code: code in given.advanced for code in by_code}
    final_lower = lower and method not in {"borda", "rank_points"} and "public" not in rules
    advance = rules.get("advance")
    order_now = [code for group in groups_now for code in sorted(group)]
    if advance and "minimum" in advance:
        for code in placed:
            limit, own = frac(advance["minimum"]), score[code] or F(0)
            goes[code] |= own <= limit if final_lower else own >= limit
    elif advance and "budget" in advance:
        best_first = sorted({score[code] or F(0) for code in placed}, reverse=not final_lower)
        for at_cut, _cut in enumerate(best_first):
            above = [code for code in placed if (score[code] or F(0)) in best_first[: at_cut + 1]]
            for code in above:
                goes[code] = True
            asked = sum((by_code[code].ask or F(0)) for code in above)
            if asked >= frac(advance["budget"]) * frac(advance["multiple"]):
                break
    elif advance:
        per = advance.get("per")
        for region in {by_code[code].region for code in placed} if per else {""}:
            rows = [code for code in order_now if per is None or (by_code[code].region == region and region)]
            for code in rows:
                # At most count − 1 of the same kind may stand at a better place.
                goes[code] |= sum(place[other] < place[code] for other in rows) < advance["count"]
    funding = dict.fromkeys(by_code, "")
    if "fund" in rules:
        money, closed = frac(rules["fund"]["budget"]), False
        for code in sorted(placed, key=lambda code: (place[code], by_code[code].ask or F(0), code)):
            ask = by_code[code].ask or F(0)
            if closed or money == 0:
                funding[code] = "reserve"
            elif ask <= money:
                funding[code] = "funded"
                money -= ask
            elif rules["fund"]["when_short"] == "partial":
                funding[code] = "offered_part"
                money = F(0)
            else:
                funding[code] = "reserve"
                closed = rules["fund"]["when_short"] == "stop"
    return {
        code: (
            status[code],
            place.get(code),
            score[code] if status[code] in {"placed", "below_gate"} else None,
            goes[code],
            funding[code],
        )
        for code in by_code
    }
