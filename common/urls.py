"""Routes that belong to no call."""

from django.urls import path

from common import views

urlpatterns = [path("healthz", views.healthz, name="healthz")]
