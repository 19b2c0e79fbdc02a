"""Routes of the API, version 1."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from accounts import api as accounts
from awards import api as awards
from contests import api as contests
from reviews.api import desk, ranking, running

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("tokens/", accounts.TokensView.as_view(), name="api-tokens"),
    path("tokens/current/", accounts.TokenView.as_view(), name="api-token"),
    path("proposals/", contests.ProposalsView.as_view(), name="api-proposals"),
    path("proposals/<uuid:pk>/", contests.ProposalView.as_view(), name="api-proposal"),
    path("proposals/<uuid:pk>/attachments/", contests.AttachmentsView.as_view(), name="api-attachments"),
    path("proposals/<uuid:pk>/<slug:verb>/", contests.ProposalVerbView.as_view(), name="api-proposal-verb"),
    path("attachments/<uuid:pk>/", contests.AttachmentView.as_view(), name="api-attachment"),
    path("assignments/", desk.AssignmentsView.as_view(), name="api-assignments"),
    path("assignments/<uuid:pk>/", desk.AssignmentView.as_view(), name="api-assignment"),
    path("assignments/<uuid:pk>/files/<int:number>/", desk.FileView.as_view(), name="api-file"),
    path("assignments/<uuid:pk>/ballot/", desk.BallotView.as_view(), name="api-ballot"),
    path("assignments/<uuid:pk>/abstain/", desk.AbstainView.as_view(), name="api-abstain"),
    path("assignments/<uuid:pk>/later/", desk.LaterView.as_view(), name="api-later"),
    path("assignments/<uuid:pk>/conflict/", desk.RecusalView.as_view(), name="api-recusal"),
    path("calls/", contests.CallsView.as_view(), name="api-calls"),
    path("calls/<str:code>/", contests.CallView.as_view(), name="api-call"),
    path("calls/<str:code>/deadline/", running.DeadlineView.as_view(), name="api-deadline"),
    path("calls/<str:code>/jury/", running.JuryView.as_view(), name="api-jury"),
    path("calls/<str:code>/conflicts/", running.ConflictsView.as_view(), name="api-conflicts"),
    path("calls/<str:code>/assignments/", running.AssignView.as_view(), name="api-call-assignments"),
    path("calls/<str:code>/assignments/<uuid:pk>/", running.UnassignView.as_view(), name="api-call-assignment"),
    path("calls/<str:code>/plan/", running.PlanView.as_view(), name="api-plan"),
    path("calls/<str:code>/rankings/<str:category>/<str:round>/", ranking.RankingView.as_view(), name="api-ranking"),
    path("calls/<str:code>/monitor/<str:category>/<str:round>/", ranking.MonitorView.as_view(), name="api-monitor"),
    path("calls/<str:code>/why/<uuid:pk>/", ranking.WhyView.as_view(), name="api-why"),
    path("calls/<str:code>/ties/", ranking.TiesView.as_view(), name="api-ties"),
    path("calls/<str:code>/decisions/", awards.DecisionsView.as_view(), name="api-decisions"),
    path("calls/<str:code>/decisions/<int:pk>/", awards.DecisionView.as_view(), name="api-decision"),
    path("calls/<str:code>/publication/", awards.PublicationView.as_view(), name="api-publication"),
    path("calls/<str:code>/<slug:verb>/", running.CallVerbView.as_view(), name="api-call-verb"),
    path("results/<str:code>/", awards.ResultsView.as_view(), name="api-results"),
]
