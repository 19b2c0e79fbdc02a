"""The Celery application: a doorbell's other end. What is to be done stands in the outbox."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("giuria")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
