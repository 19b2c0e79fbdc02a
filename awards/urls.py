"""Routes of awards."""

from django.urls import path

from awards.views import decisions, publication, results

urlpatterns = [
    path("organise/<str:code>/decisions/", decisions.decisions, name="organise-decisions"),
    path("organise/<str:code>/decisions/take/", decisions.decide, name="organise-decide"),
    path("organise/<str:code>/decisions/<int:pk>/take-back/", decisions.take_back, name="organise-undecide"),
    path("organise/<str:code>/decisions/tie/", decisions.tie, name="organise-tie"),
    path("organise/<str:code>/decisions/tie/take-back/", decisions.untie, name="organise-untie"),
    path("organise/<str:code>/publication/", publication.publication, name="organise-publication"),
    path("organise/<str:code>/publication/seal/", publication.seal, name="organise-seal"),
    path("organise/<str:code>/publication/embargo/", publication.embargo, name="organise-embargo"),
    path("results/", results.results_list, name="results-list"),
    path("results/<str:code>/", results.results, name="results"),
    path("results/<str:code>/version/", results.results_version, name="results-version"),
    path("results/<str:code>/document.json", results.results_document, name="results-document"),
]
