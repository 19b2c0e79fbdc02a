"""Mistakes made on purpose: each is brought into a copy of the tree, and the tests named for it must notice.

    python -m tests.security.drills           all of them
    python -m tests.security.drills embargo   those whose name holds the word

A mistake that nobody notices means that the tests do not bite. The tree itself is never touched.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.servers import Server, start_postgres, start_valkey

ROOT = Path(__file__).resolve().parent.parent.parent
FAILED, PASSED = 1, 0  # how pytest ends
FROM_JUDGING, FROM_DELIBERATION = 'phases=from_phase("judging")', 'phases=from_phase("deliberation")'


@dataclass(frozen=True)
class Drill:
    """A mistake: the edits that make it, as (file, what stands there once, what would stand there), and who notices."""

    name: str
    edits: tuple[tuple[str, str, str], ...]
    tests: tuple[str, ...]


DRILLS = (
    Drill(
        "any proposal opens for whoever knows its address",
        (("contests/queries.py", "Proposal.records.filter(seen)", "Proposal.records.all()"),),
        ("tests/contests/test_api.py::test_organisers_admit_and_exclude_for_a_reason",),
    ),
    Drill(
        "any file opens for whoever knows its address",
        (
            ("contests/queries.py", "filter(pk=pk, proposal__in=visible_proposals(actor, now))", "filter(pk=pk)"),
            ("contests/queries.py", 'return file if hasattr(shown, "attachments") else None', "return file"),
        ),
        ("tests/contests/test_api.py::test_a_file_is_brought_read_and_taken_away",),
    ),
    Drill(
        "an organiser of one call organises every call",
        (("contests/queries.py", "CallRole.objects.filter(call=call, person_id", "CallRole.objects.filter(person_id"),),
        ("tests/reviews/test_api.py::test_judging_opens_after_the_bell_and_closes_once",),
    ),
    Drill(
        "rules change after judging is closed, by whoever asks",
        (
            (
                "contests/services.py",
                "permissions.may_change_rules(call, roles, now).demand()",
                "call.refresh_from_db()",
            ),
        ),
        ("tests/reviews/test_change_rules.py::test_only_organisers_change_rules",),
    ),
    Drill(
        "the simulator reads the marks of a contest that is being judged",
        (("reviews/queries/past.py", 'return present in OVER and "marks" in seen', 'return "marks" in seen'),),
        ("tests/reviews/test_simulate.py::test_only_contests_that_are_over_and_whose_marks_one_may_see_are_offered",),
    ),
    Drill(
        "a juror is handed every field of a proposal",
        (("reviews/visibility.py", '"title summary answers attachments category call region themes ask",', '"*",'),),
        ("tests/security/test_doors.py::test_what_a_juror_is_handed_does_not_have_what_tells_who_applies",),
    ),
    Drill(
        "a search looks into fields that the searcher does not see",
        (("reviews/queries/screening.py", "if name in seen else Q()", "if name else Q()"),),
        ("tests/reviews/test_organise_screening.py::test_a_chair_finds_no_organisation_before_deliberation",),
    ),
    Drill(
        "results are told before the embargo ends",
        (("awards/queries/told.py", '"result", phase(call, now), ())', '"result", "published", ())'),),
        (
            "tests/awards/test_publication.py::test_the_document_does_not_exist_before_release",
            "tests/awards/test_api.py::test_the_embargo_is_moved_until_it_ends",
        ),
    ),
    Drill(
        "the chair sees the ranking while jurors judge",
        (
            (
                "reviews/visibility.py",
                f'sees(CHAIR, "ranking", "*", {FROM_DELIBERATION})',
                f'sees(CHAIR, "ranking", "*", {FROM_JUDGING})',
            ),
            (
                "reviews/visibility.py",
                f'door("api-ranking", "api-why", roles=[CHAIR], scope="call", {FROM_DELIBERATION})',
                f'door("api-ranking", "api-why", roles=[CHAIR], scope="call", {FROM_JUDGING})',
            ),
        ),
        ("tests/reviews/test_api.py::test_a_chair_sees_no_ranking_while_jurors_judge",),
    ),
    Drill(
        "a conflict does not hide the proposal",
        (("reviews/queries/seats.py", "return rows.exclude(Exists(conflict))", "return rows"),),
        ("tests/reviews/test_jury_sheet.py::test_a_conflict_hides_a_file_even_where_the_assignment_was_left_standing",),
    ),
    Drill(
        "a route has no door",
        (
            (
                "contests/urls.py",
                '    path("my/", applying.my, name="my"),\n',
                '    path("my/", applying.my, name="my"),\n    path("all/", applying.my, name="all"),\n',
            ),
        ),
        ("tests/security/test_doors.py::test_every_route_has_a_door_and_every_door_a_route",),
    ),
    Drill(
        "the deadline is only looked at before the statement that writes",
        (
            (
                "contests/services.py",
                "opens_at__lte=now, closes_at__gt=now, judging_opened_at=None",
                "opens_at__lte=now",
            ),
        ),
        ("tests/contests/test_saving.py::test_the_bell_is_read_in_the_statement_that_writes",),
    ),
    Drill(
        "of two who save the same text the last one wins",
        (("contests/services.py", ".filter(version=version, state=proposal.state)", ".filter(state=proposal.state)"),),
        ("tests/contests/test_saving.py::test_an_older_version_saves_nothing",),
    ),
    Drill(
        "entries of the ledger can be changed",
        (("reviews/apps.py", "\"NEW.nonce = '' AND NEW.document = '' AND", "\"TRUE OR NEW.document = '' AND"),),
        ("tests/reviews/test_ledger.py::test_no_part_of_an_entry_can_be_updated",),
    ),
    Drill(
        "an older run takes the place of a newer ranking",
        (
            (
                "reviews/services/aggregation.py",
                "sequence__gt=sequence).first()",
                "sequence__gt=sequence).none().first()",
            ),
        ),
        ("tests/reviews/test_aggregation.py::test_an_older_run_never_takes_the_place_of_a_newer_one",),
    ),
    Drill(
        "older statistics take the place of newer ones",
        (("reviews/services/statistics.py", "current.filter(older).update(", "current.update("),),
        ("tests/reviews/test_statistics.py::test_an_older_run_never_takes_the_place_of_a_newer_one",),
    ),
    Drill(
        "organisers read how single jurors score",
        (
            ("reviews/visibility.py", 'sees(CHAIR, "monitor", "*", ', 'sees(ORGANISER, "monitor", "*", '),
            (
                "reviews/visibility.py",
                '"organise-monitor", "api-monitor", roles=(CHAIR,)',
                '"organise-monitor", "api-monitor", roles=(ORGANISER,)',
            ),
        ),
        ("tests/reviews/test_statistics.py::test_the_monitor_is_for_the_chair_alone_and_not_for_ever",),
    ),
    Drill(
        "a view waits for the broker",
        (
            (
                "reviews/api/desk.py",
                "        ballots.put_off(",
                "        ballots.touch.delay(pk)\n        ballots.put_off(",
            ),
        ),
        ("tests/architecture/test_source.py::test_the_code_keeps_the_rule",),
    ),
    Drill(
        "a request that is sent again is done again",
        (("common/api.py", "    if is_new:\n        return kept\n", "    if kept:\n        return kept\n"),),
        ("tests/common/test_api.py::test_the_same_key_gets_the_same_answer_and_is_done_once",),
    ),
    Drill(
        "a local time without its offset is guessed at",
        (("common/api.py", "if timezone.is_naive(value):", "if value is None:"),),
        ("tests/common/test_api.py::test_an_instant_without_its_offset_is_refused",),
    ),
)


def copied(folder: Path) -> Path:
    """Copy what git knows or would know, and the compiled texts, and return where."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    names = [name for name in listed.stdout.decode().split("\0") if name]
    for name in (*names, "locale/it/LC_MESSAGES/django.mo"):
        source, target = ROOT / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    return folder


def run(tree: Path, tests: tuple[str, ...]) -> tuple[int, str]:
    """Run tests in the copy; return how pytest ended and what it said."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", *tests]
    ended = subprocess.run(command, cwd=tree, check=False, capture_output=True, text=True)
    return ended.returncode, ended.stdout


def is_caught(tree: Path, drill: Drill) -> str:
    """Make the mistake, run the tests, unmake it; return "" if they noticed, else what happened instead."""
    before = {name: (tree / name).read_text(encoding="utf-8") for name, _old, _new in drill.edits}
    try:
        for name, old, new in drill.edits:
            text = (tree / name).read_text(encoding="utf-8")
            if text.count(old) != 1:
                return f"{name} has changed: bring the drill up to date"
            (tree / name).write_text(text.replace(old, new), encoding="utf-8")
        ended, said = run(tree, drill.tests)
    finally:
        for name, text in before.items():
            (tree / name).write_text(text, encoding="utf-8")
    if ended == FAILED:
        return ""
    return "the tests still pass" if ended == PASSED else f"pytest could not run: {said[-2000:]}"


def serve() -> list[Server]:
    """Start one PostgreSQL and one Valkey for all drills."""
    servers = [start_postgres(), start_valkey()]
    for server in servers:
        server.wait()
    os.environ.update(DATABASE_URL=servers[0].url, REDIS_URL=servers[1].url)
    return servers


def main(words: list[str]) -> int:
    """Run the drills whose names hold all the words; return 1 if one is not caught."""
    chosen = [drill for drill in DRILLS if all(word in drill.name for word in words)]
    servers = serve()
    missed = 0
    try:
        with tempfile.TemporaryDirectory(prefix="giuria-drills-") as folder:
            tree = copied(Path(folder))
            ended, said = run(tree, tuple(dict.fromkeys(test for drill in chosen for test in drill.tests)))
            if ended != PASSED:
                print(f"Without any mistake the tests do not pass:\n{said[-4000:]}")
                return 1
            for drill in chosen:
                begun = time.monotonic()
                why = is_caught(tree, drill)
                missed += bool(why)
                print(
                    f"{'NOT CAUGHT' if why else 'caught':11} {time.monotonic() - begun:4.0f} s  {drill.name}",
                    flush=True,
                )
                if why:
                    print(f"            {why}")
    finally:
        for server in servers:
            server.stop()
    print(f"{len(chosen) - missed} of {len(chosen)} caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
