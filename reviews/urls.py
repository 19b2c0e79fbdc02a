"""Routes of reviews."""

from django.urls import path

from reviews.views import (
    assignment,
    changing,
    desk,
    jury,
    me,
    monitor,
    organise,
    progress,
    ranking,
    record,
    screening,
    sheet,
    simulate,
)

urlpatterns = [
    path("organise/<str:code>/progress/", progress.progress, name="organise-progress"),
    path("organise/<str:code>/ranking/", ranking.ranking, name="organise-ranking"),
    path("organise/<str:code>/ranking/version/", ranking.ranking_version, name="organise-ranking-version"),
    path("organise/<str:code>/ranking/csv/", ranking.ranking_csv, name="organise-ranking-csv"),
    path("organise/<str:code>/ranking/<uuid:pk>/", ranking.why, name="organise-why"),
    path("organise/<str:code>/monitor/", monitor.monitor, name="organise-monitor"),
]
urlpatterns += [
    path("me/", me.me, name="me"),
    path("organise/", organise.my_calls, name="organise"),
    path("organise/<str:code>/", organise.overview, name="organise-call"),
    path("organise/<str:code>/open/", organise.act, name="organise-open"),
    path("organise/<str:code>/open-judging/", organise.act, name="organise-open-judging"),
    path("organise/<str:code>/close-judging/", organise.act, name="organise-close-judging"),
    path("organise/<str:code>/extend/", organise.extend, name="organise-extend"),
    path("organise/<str:code>/rules/", record.rules, name="organise-rules"),
    path("organise/<str:code>/rules/<str:category>/<str:round>/", changing.change_rules, name="organise-change-rules"),
    path("organise/<str:code>/simulate/", simulate.simulate, name="organise-simulate"),
    path("organise/<str:code>/screening/", screening.screening, name="organise-screening"),
    path("organise/<str:code>/screening/admit/", screening.admit_many, name="organise-admit"),
    path("organise/<str:code>/proposals/<uuid:pk>/", screening.proposal, name="organise-proposal"),
    path("organise/<str:code>/jury/", jury.jury, name="organise-jury"),
    path("organise/<str:code>/jury/conflict/", jury.conflict, name="organise-conflict"),
    path("organise/<str:code>/assignment/", assignment.assignment, name="organise-assignment"),
    path("organise/<str:code>/assignment/plan/", assignment.plan, name="organise-plan"),
    path("organise/<str:code>/assignment/plan/apply/", assignment.apply_plan, name="organise-apply-plan"),
    path("organise/<str:code>/assignment/<int:round_pk>/<uuid:pk>/", assignment.readers, name="organise-readers"),
    path("organise/<str:code>/assignment/<uuid:pk>/take-back/", assignment.take_back, name="organise-take-back"),
    path("organise/<str:code>/history/", record.history, name="organise-history"),
    path("organise/<str:code>/who-sees-what/", record.who_sees_what, name="who-sees-what"),
]
urlpatterns += [
    path("jury/", desk.jury, name="jury"),
    path("jury/<uuid:pk>/", sheet.score, name="score"),
    path("jury/<uuid:pk>/save/", sheet.score_save, name="score-save"),
    path("jury/<uuid:pk>/later/", sheet.score_later, name="score-later"),
    path("jury/<uuid:pk>/abstain/", sheet.score_abstain, name="score-abstain"),
    path("jury/<uuid:pk>/conflict/", sheet.score_conflict, name="score-conflict"),
    path("jury/<uuid:pk>/files/<int:number>/", sheet.jury_file, name="jury-file"),
    path("jury/<str:code>/", desk.jury, name="jury-call"),
    path("jury/<str:code>/conflicts/", desk.jury_conflicts, name="jury-conflicts"),
    path("jury/<str:code>/<str:pile>/", desk.jury_pile, name="jury-pile"),
]
