"""Contest packages through the database: what comes in, what goes out, and what is refused."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from awards import services as awards
from awards.models import Decision
from awards.packages.arriving import import_contest
from awards.packages.leaving import contest_of
from awards.queries.books import open_books
from common import clock
from common.invariants import breaches
from contests.lifecycle import Phase
from contests.models import Call, Organisation, Programme, Proposal, RuleSet
from contests.queries import phase
from engine.contest import Contest
from engine.package import PackageFaults, compute, package_files, read_contest, write_package
from reviews.models import Assignment, Ballot, Chain, Conflict, Juror, LedgerEntry, Ranking
from tests.cast import ROLES, raise_cast
from tests.engine.build import document, judged
from tests.engine.packages import Files, a_contest, a_round, csv, encoded, files, full_files, plan
from tests.plugin import IS_LONG

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.django_db


def run(*command: object, **options: object) -> str:
    said = io.StringIO()
    call_command(*map(str, command), stdout=said, **options)
    return said.getvalue()


def refused(*command: object) -> list[str]:
    """Run a command that must fail with status 1, and return what it says on the error stream."""
    said = io.StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command(*map(str, command), stderr=said)
    assert stopped.value.code == 1
    return said.getvalue().splitlines()


def kept(path: Path, package: Files) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, content in package.items():
        (path / name).write_bytes(content)
    return path


def out(code: str) -> dict[str, bytes]:
    return package_files(contest_of(Call.objects.get(code=code)))


def come_in(package: Files | Contest, **options: bool) -> Call:
    contest = package if isinstance(package, Contest) else read_contest(package)
    return Call.objects.get(code=import_contest(contest, now=clock.now(), **options).code)


# In and out.


def test_a_contest_that_uses_every_file_goes_out_as_it_came_in_twice() -> None:
    contest = read_contest(full_files())
    arrived = import_contest(replace(contest, results=compute(contest).results), now=clock.now())
    assert arrived.differences == ()
    first = out("demo")
    everywhere = tuple(replace(row, panel="") if row.panel == "case;idea" else row for row in contest.jurors)
    assert first == package_files(replace(contest, jurors=everywhere))
    come_in(first, replace=True)
    assert out("demo") == first
    assert breaches() == []


@settings(max_examples=300 if IS_LONG else 12, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_random_contests_go_out_as_they_came_in_with_the_results_of_the_engine(seed: int) -> None:
    written = package_files(a_contest(seed)[0])
    try:
        contest = read_contest(written)
    except PackageFaults:  # pairs left out, or orders over different sets: no contest
        return
    with transaction.atomic():
        arrived = import_contest(contest, now=clock.now())
        assert arrived.differences == ()
        first = out("random")
        assert come_in(first, replace=True).code == "random"
        assert out("random") == first
        assert breaches() == []
        transaction.set_rollback(True)


text = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=40)


@settings(max_examples=300 if IS_LONG else 15, deadline=None)
@given(title=text, summary=text, answer=text, name=text)
def test_every_text_survives_to_the_last_space(title: str, summary: str, answer: str, name: str) -> None:
    contest = read_contest(files())
    rows = tuple(
        replace(row, title=f"{title}.", summary=summary, organisation=name, answers={"why": answer, "title of": title})
        for row in contest.proposals
    )
    contest = replace(contest, proposals=rows, jurors=tuple(replace(row, name=name) for row in contest.jurors))
    with transaction.atomic():
        come_in(contest)
        assert read_contest(out("demo")).proposals == tuple(replace(row, state="admitted") for row in rows)
        assert read_contest(out("demo")).jurors == contest.jurors
        transaction.set_rollback(True)


def two_rounds() -> Contest:
    """A jury of two whose best two go to a final, which carries half of the jury's score."""
    first = document(judged("impact", "60"), judged("novelty", "40"), advance={"count": 2}, ties=["earliest"])
    final = document(judged("pitch", "100"), carry={"round": "jury", "share": "0.5"})
    found = plan(a_round("jury", first), a_round("final", final))
    marks = {"A": ("9", "8"), "B": ("7", "7.5"), "C": ("4", "5")}
    ballots = [
        f"jury,{juror},{code},{criterion},{mark}"
        for code, given in marks.items()
        for juror in ("j1", "j2")
        for criterion, mark in zip(("impact", "novelty"), given, strict=True)
    ]
    ballots += ["final,j1,A,pitch,5", "final,j1,B,pitch,9"]
    return read_contest(files(found, ballots=csv("round,juror,proposal,criterion,score", *ballots)))


def test_a_later_round_lists_who_advanced_and_carries_their_score_on_a_hundred() -> None:
    contest = two_rounds()
    come_in(contest)
    rows = [(row.round, row.proposal, row.score) for row in open_books(Call.objects.get(code="demo")).rows]
    assert rows == [(row.round, row.proposal, row.score) for row in compute(contest).results]
    assert [code for round_, code, _score in rows if round_ == "final"] == ["B", "A"]
    first = out("demo")
    come_in(first, replace=True)
    assert out("demo") == first


def test_a_panel_that_marks_together_has_a_seat_even_where_a_juror_has_the_name_of_the_category() -> None:
    found = plan(a_round("jury", document(judged("impact", "1"), entry="collegial")))
    package = files(
        found,
        jurors=csv("juror,name", "case,Ada Prova"),
        ballots=csv("juror,proposal,criterion,score", "case,A,impact,8"),
    )
    call = come_in(package)
    assert sorted(Juror.records.filter(call=call).values_list("code", "collegial")) == [
        (";case", True),
        ("case", False),
    ]
    assert b"jury,case,A,impact,8" in out("demo")["ballots.csv"]
    assert "assignments.csv" not in out("demo")


def test_an_assignment_against_a_conflict_is_a_recusal() -> None:
    package = files(
        assignments=csv("juror,proposal", "j1,A", "j2,A", "j1,B"),
        conflicts=csv("juror,proposal,kind", "j2,A,partner"),
        ballots=csv("juror,proposal,criterion,score", "j1,A,impact,8"),
    )
    come_in(package)
    assert Assignment.records.get(juror__code="j2").state == Assignment.State.RECUSED
    assert b"j2,A" not in out("demo")["assignments.csv"]
    assert breaches() == []


def test_prizes_choose_by_answers_in_the_database_as_in_the_package() -> None:
    prizes = [{"code": "best", "title": {"it": "Primo"}, "places": 2, "one_per": ["tags", "region"]}]
    marks = [f"j1,{code},impact,{mark}" for code, mark in (("A", "9"), ("B", "8"), ("C", "7"))]
    package = files(
        plan(prizes=prizes),
        proposals=csv("proposal,category,title,tags", *(f"{code},case,{code},x" for code in "ABC")),
        ballots=csv("juror,proposal,criterion,score", *marks),
    )
    call = come_in(package)
    for code, tags in {"A": ["x", "y"], "B": ["x", "y"], "C": ["y"]}.items():
        answers = {"tags": tags, "region": "asked", "title": "asked"}
        Proposal.records.filter(call=call, code=code).update(answers=answers)
    rows = open_books(call).rows
    assert [row.outcome for row in rows] == ["winner:best", "eligible", "winner:best"]
    assert rows == compute(read_contest(out("demo"))).results


def test_anonymous_packages_name_no_juror_and_no_applicant(tmp_path: Path) -> None:
    come_in(full_files())
    run("export_contest", "demo", tmp_path / "out", "--anonymous")
    text = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert b"Ada Prova" not in text
    assert b"juror-1" in text


def test_a_zip_is_a_package_too(tmp_path: Path) -> None:
    come_in(full_files())
    run("export_contest", "demo", tmp_path / "out.zip")
    run("import_contest", tmp_path / "out.zip", "--replace")
    assert open_books(Call.objects.get(code="demo")).rows


# What an import makes.


def test_an_import_makes_call_programme_and_organisation_and_leaves_the_call_in_judging() -> None:
    now = clock.now()
    call = come_in(files())
    assert phase(call, clock.now()) == Phase.JUDGING
    assert call.opened_at < call.closes_at <= clock.now()
    assert (call.edition.programme.title, call.edition.programme.organisation.name) == ({"en": "Imported"}, "Imported")
    assert RuleSet.objects.get(round__category__call=call).sealed_at >= now
    assert Ranking.records.filter(round__category__call=call, current=True).count() == 1


def test_a_second_contest_of_the_same_programme_joins_it() -> None:
    for code in ("one", "two"):
        come_in(files(plan(code=code, programme={"it": "Cantieri"}, organisation="Consorzio Esempio")))
    assert Programme.objects.count() == 1
    assert Organisation.objects.filter(name="Consorzio Esempio").count() == 1


def test_the_ledger_holds_rules_assignments_and_each_ballot_in_order() -> None:
    come_in(full_files())
    entries = LedgerEntry.records.order_by("sequence").values_list("kind", "document")
    kinds = [kind for kind, _document in entries]
    assert kinds[: kinds.index("ballot")] == [*["rules"] * 3, *["eligibility"] * 2, *["assignment"] * 3, "conflict"]
    ballots = [json.loads(found) for kind, found in entries if kind == "ballot"]
    assert [(each["round"], each["proposal"], each["juror"]) for each in ballots] == [
        ("jury", "P1", "j1"), ("jury", "P1", "j2"), ("jury", "P10", "j1"), ("jury", "P10", "j2"),
        ("jury", "P2", "j1"), ("jury", "P2", "j2"), ("jury", "P4", "j1"), ("jury", "P4", "j2"), ("jury", "I1", "idea"),
    ]  # fmt: skip
    assert sorted(kinds[-2:]) == ["decision", "ruling"]


def test_statements_do_not_grow_with_the_contest() -> None:
    def statements(count: int) -> int:
        codes = [f"P{number:03}" for number in range(count)]
        package = files(
            plan(code=f"c{count}"),
            proposals=csv("proposal,category,title", *(f"{code},case,Titolo {code}" for code in codes)),
            ballots=csv(
                "juror,proposal,criterion,score",
                *(f"{juror},{code},impact,8" for code in codes for juror in ("j1", "j2")),
            ),
        )
        contest = read_contest(package)
        with CaptureQueriesContext(connection) as queries:
            import_contest(contest, now=clock.now())
        return len(queries)

    # SQLite takes 999 values a statement, so a bulk insert of ten times the rows is a few statements more.
    assert statements(60) - statements(6) <= 12


# Where the file and the engine, or people, disagree.


def test_differences_from_results_csv_are_reported_and_do_not_stop_the_import(tmp_path: Path) -> None:
    results = csv("category,round,place,proposal,score,outcome", "case,jury,2,A,7.75,eligible")
    said = run("import_contest", kept(tmp_path, files(results=results)))
    assert 'results.csv:2: place: "2" was given; "1" was computed' in said
    assert Call.objects.filter(code="demo").exists()


def test_every_fault_is_one_line_and_nothing_is_imported(tmp_path: Path) -> None:
    ballots = csv("juror,proposal,criterion,score", "j1,A,impact,88", "j9,A,impact,8")
    lines = refused("import_contest", kept(tmp_path, files(ballots=ballots)))
    assert len(lines) == 2
    assert all(line.startswith(("ballots.csv:2: score:", "ballots.csv:3: juror:")) for line in lines)
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        (
            "proposals.csv",
            csv("proposal,category,title", "A,case,Alfa", "", f"B,case,{'x' * 301}"),
            "proposals.csv:4: title:",
        ),
        ("proposals.csv", csv("proposal,category,title,region", f"A,case,Alfa,{'x' * 61}"), "proposals.csv:2: region:"),
        ("jurors.csv", csv("juror,name", f"j1,{'x' * 201}"), "jurors.csv:2: name:"),
        (
            "proposals.csv",
            csv("proposal,category,title,submitted_at", "A,case,Alfa,0001-01-01T00:00:00+14:00"),
            "proposals.csv:2: submitted_at:",
        ),
    ],
)
def test_what_is_too_long_for_the_database_is_told_with_its_row(
    tmp_path: Path, name: str, content: bytes, line: str
) -> None:
    package = {"contest.json": encoded(plan()), "proposals.csv": csv("proposal,category,title"), name: content}
    lines = refused("import_contest", kept(tmp_path, package))
    assert [each for each in lines if each.startswith(line)]
    assert not Call.objects.exists()


def test_a_code_that_cannot_stand_in_an_address_is_told_with_its_line(tmp_path: Path) -> None:
    lines = refused("import_contest", kept(tmp_path, files(plan(code="a/b"))))
    assert lines == ['contest.json:4: contest.code: "a/b" cannot stand in an address; use letters, digits and hyphens']


def test_a_path_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    assert len(refused("import_contest", tmp_path / "nothing")) == 1


def test_a_call_that_exists_is_not_touched_without_replace(tmp_path: Path) -> None:
    come_in(files())
    lines = refused("import_contest", kept(tmp_path, files()))
    assert lines == [
        'contest.json:4: contest.code: there is a call "demo"; give another code, or import with --replace'
    ]


def test_a_dry_run_says_everything_and_writes_nothing(tmp_path: Path) -> None:
    said = run("import_contest", kept(tmp_path, files()), "--dry-run")
    assert "demo: would be imported, nothing was written" in said
    assert "computed case jury: 1 below quorum, 2 placed" in said
    assert not Call.objects.exists()
    assert not Programme.objects.exists()


def test_an_import_needs_neither_broker_nor_worker(settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined] # nobody listens there
    assert open_books(come_in(files())).rows


def test_an_unmigrated_database_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "import_contest", str(kept(tmp_path / "in", files()))]
    environment = {"PATH": "/usr/bin:/bin", "GIURIA_VAR": str(tmp_path / "var"), "GIURIA_EMBEDDED": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "CommandError: The database is not migrated: run manage.py migrate."


# Importing over a call.


def test_replace_begins_a_new_chain_and_keeps_the_old_one() -> None:
    call = come_in(files())
    old = Chain.objects.get(call=call)
    come_in(files(), replace=True)
    new = Chain.objects.get(call=call, current=True)
    old.refresh_from_db()
    assert (old.current, old.closed_at is not None, new.pk != old.pk) == (False, True, True)
    assert LedgerEntry.records.filter(chain=old, kind="ballot").count() == 3
    assert LedgerEntry.records.filter(chain=new, kind="ballot").count() == 3
    assert breaches() == []


def test_replace_takes_other_categories_rules_and_people() -> None:
    come_in(full_files())
    other = files(
        plan(a_round("jury", document(judged("impact", "1"), judged("novelty", "1")))),
        proposals=csv("proposal,category,title", "A,case,Alfa"),
        jurors=csv("juror", "j7"),
        ballots=csv("juror,proposal,criterion,score", "j7,A,impact,8", "j7,A,novelty,6"),
    )
    call = come_in(other, replace=True)
    contest = contest_of(call)
    assert [category.code for category in contest.categories] == ["case"]
    assert [row.proposal for row in contest.proposals] == ["A"]
    assert [row.juror for row in contest.jurors] == ["j7"]
    rules = RuleSet.objects.filter(round__category__call=call).order_by("version")
    assert [(each.version, bool(each.reason)) for each in rules] == [(1, False), (2, True)]
    assert Decision.records.count() == 0
    assert breaches() == []


def test_a_live_call_comes_back_with_its_people_comments_and_drafts() -> None:
    cast = raise_cast(Phase.DELIBERATION)
    ballot = Ballot.records.filter(assignment__juror__code="Bruno").first()
    assert ballot is not None
    Ballot.records.filter(pk=ballot.pk).update(comment="Un dato chiaro.")
    draft, first = cast.draft, out(cast.call.code)
    come_in(first, replace=True)
    assert out(cast.call.code) == first
    again = Ballot.records.get(assignment_id=ballot.assignment_id)
    assert (again.comment, again.marks) == ("Un dato chiaro.", ballot.marks)
    assert Proposal.records.get(pk=cast.proposals[0].pk).applicant == cast.applicant
    assert Juror.records.get(code="Bruno").person is not None
    assert Proposal.records.filter(pk=draft.pk, state="draft").exists()
    assert Conflict.records.filter(juror__code="Elena").exists()
    assert breaches() == []


def test_replace_refuses_to_lose_what_an_applicant_submitted(tmp_path: Path) -> None:
    cast = raise_cast(Phase.JUDGING)
    contest = contest_of(cast.call)
    fewer = replace(contest, proposals=contest.proposals[1:], assignments=(), conflicts=())
    write_package(fewer, tmp_path / "in")
    lines = refused("import_contest", tmp_path / "in", "--replace")
    gone = contest.proposals[0].proposal
    assert lines == [f'proposals.csv:1: proposal: "{gone}" belongs to an applicant and is not here; add its row']


@pytest.mark.parametrize("stage", [Phase.SEALED, Phase.PUBLISHED])
def test_replace_is_refused_once_results_are_sealed_or_published(tmp_path: Path, stage: Phase) -> None:
    cast = raise_cast(stage)
    before = out(cast.call.code)
    (line,) = refused("import_contest", kept(tmp_path, before), "--replace")
    assert "sealed or published" in line
    assert out(cast.call.code) == before


# Results.


def test_results_computes_first_what_is_not_current() -> None:
    cast = raise_cast(Phase.DELIBERATION)
    Ranking.records.all().delete()
    lines = run("results", cast.call.code).splitlines()
    assert lines[0] == "category,round,place,proposal,score,outcome"
    assert len(lines) == 4
    assert Ranking.records.filter(current=True).count() == 1


def test_results_of_a_call_that_is_not_judged_yet_are_a_header() -> None:
    cast = raise_cast(Phase.OPEN)
    assert run("results", cast.call.code) == "category,round,place,proposal,score,outcome\r\n"
    assert not Ranking.records.exists()


def test_results_of_one_round_only() -> None:
    come_in(two_rounds())
    rounds = {line.split(",")[1] for line in run("results", "demo", "--round", "final").splitlines()[1:]}
    assert rounds == {"final"}
    with pytest.raises(CommandError, match="no round"):
        run("results", "demo", "--round", "semifinal")


def test_results_as_json_trace_each_number_to_its_marks() -> None:
    come_in(files())
    found = json.loads(run("results", "demo", "--format", "json"))
    first = found["rows"][0]
    assert {name: first[name] for name in ("proposal", "score", "place")} == {
        "proposal": "A",
        "score": "77.5",
        "place": "1",
    }
    assert [(mark["juror"], mark["mark"]) for mark in first["trace"]["criteria"][0]["marks"]] == [
        ("j1", "8"),
        ("j2", "7.5"),
    ]


def test_an_unknown_call_is_one_line(tmp_path: Path) -> None:
    for command in (("results", "nobody"), ("export_contest", "nobody", tmp_path)):
        with pytest.raises(CommandError, match='There is no call "nobody"'):
            run(*command)


def test_results_after_the_seal_are_those_that_were_sealed() -> None:
    cast = raise_cast(Phase.DELIBERATION)
    said = run("results", cast.call.code)
    now = clock.now()
    awards.seal_results(call=cast.call, released_at=now, actor=cast.organiser, roles=ROLES, now=now)
    assert run("results", cast.call.code) == said
