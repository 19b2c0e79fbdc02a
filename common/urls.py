"""Routes that belong to no call."""

from django.conf import settings
from django.urls import path

from common import views

urlpatterns = [path("healthz", views.healthz, name="healthz")]
if settings.DEBUG or settings.EMBEDDED:
    urlpatterns.append(path("look/", views.look, name="look"))
