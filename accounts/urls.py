"""Routes of accounts. The address that asks for a code is in notifications, which sends it."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("sign-in/code/", views.by_code, name="sign-in-code"),
    path("sign-in/password/", views.by_password, name="sign-in-password"),
    path("sign-in/link/<str:token>/", views.by_link, name="sign-in-link"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("language/", views.set_language, name="set_language"),
]
