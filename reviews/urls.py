"""Routes of reviews."""

from django.urls import path

from reviews.views import progress, ranking

urlpatterns = [
    path("organise/<str:code>/progress/", progress.progress, name="organise-progress"),
    path("organise/<str:code>/ranking/", ranking.ranking, name="organise-ranking"),
    path("organise/<str:code>/ranking/version/", ranking.ranking_version, name="organise-ranking-version"),
    path("organise/<str:code>/ranking/csv/", ranking.ranking_csv, name="organise-ranking-csv"),
    path("organise/<str:code>/ranking/<uuid:pk>/", ranking.why, name="organise-why"),
]
