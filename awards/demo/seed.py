"""The demonstrative world, made once."""

from datetime import datetime

from django.db import transaction

from awards.demo.calls import CALLS
from awards.demo.people import APPLICANT, JURORS, ORGANISER, make_people
from awards.demo.play import Play
from contests.models import Call

LEADING = {ORGANISER, APPLICANT, *JURORS}


def seed_demo(*, now: datetime) -> int:
    """Seed the demo where there is no call yet; return how many calls it made. All or nothing."""
    if Call.objects.exists():
        return 0
    with transaction.atomic():
        people = make_people()
        for plan in CALLS:
            crowd = iter([person for name, person in people.items() if name not in LEADING])
            Play(plan, now, people, crowd).perform()
    return len(CALLS)
