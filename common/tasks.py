"""The worker's end of the bell."""

from celery import shared_task

from common import clock, outbox


@shared_task(name="common.tasks.sweep", expires=10)
def sweep() -> int:
    """Do what is due and return how many rows were done."""
    return outbox.drain(clock.now)
