"""Routes of contests: the public pages, then the applicant's."""

from django.urls import path

from contests.views import applying, files, public, writing

urlpatterns = [
    path("", public.home, name="home"),
    path("calls/<str:code>/", public.call, name="call"),
    path("calls/<str:code>/rules/<str:category>/<str:round>.json", public.rules, name="call-rules"),
    path("calls/<str:code>/apply/", applying.apply, name="apply"),
    path("my/", applying.my, name="my"),
    path("proposals/<uuid:pk>/", applying.proposal, name="proposal"),
    path("proposals/<uuid:pk>/save/", writing.save, name="proposal-save"),
    path("proposals/<uuid:pk>/preview/", applying.preview, name="proposal-preview"),
    path("proposals/<uuid:pk>/submit/", applying.submit, name="proposal-submit"),
    path("proposals/<uuid:pk>/receipt/", applying.receipt, name="proposal-receipt"),
    path("proposals/<uuid:pk>/withdraw/", applying.withdraw, name="proposal-withdraw"),
    path("proposals/<uuid:pk>/revive/", applying.revive, name="proposal-revive"),
    path("proposals/<uuid:pk>/history/", applying.history, name="proposal-history"),
    path("proposals/<uuid:pk>/<str:step>/", writing.step, name="proposal-step"),
    path("attachments/<uuid:pk>/", files.attachment, name="attachment"),
]
