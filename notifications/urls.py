"""Routes of notifications."""

from django.urls import path

from notifications import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("outbox/", views.outbox, name="outbox"),
]
