"""All routes. A route without a door in its app's visibility.py stops the start."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("common.urls")),
    path("", include("accounts.urls")),
    path("", include("notifications.urls")),
    path("", include("contests.urls")),
    path("", include("reviews.urls")),
    path("", include("awards.urls")),
    path("api/v1/", include("config.api_urls")),
    path("admin/", admin.site.urls),
]

handler404 = "common.views.not_found"
