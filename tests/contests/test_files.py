"""The attachment: known by its content, replaced whole, and handed out only to who may see it."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from common import clock, outbox
from contests.lifecycle import Phase
from contests.models import Attachment, Call, Proposal
from tests.cast import Cast, person, raise_cast
from tests.common.test_metadata import LOUD_PNG, NAME

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n" + b"x" * 400
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 400
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 400


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_cast(Phase.OPEN)


def browser(name: str) -> Client:
    client = Client()
    client.force_login(person(name))
    client.cookies["django_language"] = "en"
    return client


def files(proposal: Proposal) -> str:
    return reverse("proposal-step", args=[proposal.pk, "files"])


def bring(client: Client, proposal: Proposal, content: bytes, name: str = "bilancio.pdf") -> HttpResponse:
    return client.post(files(proposal), {"file": SimpleUploadedFile(name, content)})  # type: ignore[return-value] # the test client's own


def kept(proposal: Proposal) -> list[Attachment]:
    return list(Attachment.records.filter(proposal=proposal))


@pytest.mark.parametrize(("content", "kind"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")])
def test_a_file_is_known_by_its_content_and_not_by_its_name(cast: Cast, content: bytes, kind: str) -> None:
    response = bring(browser("Ivo"), cast.draft, content, "anything.exe")
    assert response["Location"] == reverse("proposal-step", args=[cast.draft.pk, "check"])
    (file,) = kept(cast.draft)
    assert (file.content_type, file.size) == (kind, len(content))
    assert "anything" not in file.file.name


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><script>alert(1)</script></html>", "not a PDF, JPEG or PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PDF, JPEG or PNG"),
        (b"PK\x03\x04" + b"x" * 400, "not a PDF, JPEG or PNG"),
        (b"", "The file is empty"),
    ],
)
def test_what_is_not_a_document_or_a_picture_is_refused_at_the_field(cast: Cast, content: bytes, words: str) -> None:
    response = bring(browser("Ivo"), cast.draft, content)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert kept(cast.draft) == []


def test_a_file_that_is_too_large_is_refused_with_its_size(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ATTACHMENT_MAX_BYTES", 300)
    response = bring(browser("Ivo"), cast.draft, PDF)
    assert response.status_code == 422
    assert kept(cast.draft) == []


def test_a_refused_file_leaves_the_one_that_was_there(cast: Cast) -> None:
    ivo = browser("Ivo")
    bring(ivo, cast.draft, PDF)
    response = bring(ivo, cast.draft, b"no", "new.pdf")
    assert "bilancio.pdf" in response.content.decode()
    assert len(kept(cast.draft)) == 1


def test_a_new_file_takes_the_place_of_the_old_on_disk_too(
    cast: Cast, django_capture_on_commit_callbacks: object
) -> None:
    ivo = browser("Ivo")
    bring(ivo, cast.draft, PDF)
    old = Path(kept(cast.draft)[0].file.path)
    assert old.exists()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator] # the fixture is a function
        bring(ivo, cast.draft, PNG, "foto.png")
    (file,) = kept(cast.draft)
    assert file.name == "foto.png"
    assert not old.exists()


def test_a_file_is_removed_by_its_button(cast: Cast) -> None:
    ivo = browser("Ivo")
    bring(ivo, cast.draft, PDF)
    (file,) = kept(cast.draft)
    assert ivo.post(files(cast.draft), {"remove": str(file.pk)})["Location"] == files(cast.draft)
    assert kept(cast.draft) == []


def test_the_file_of_another_proposal_cannot_be_removed_from_here(cast: Cast) -> None:
    bring(browser("Fabio"), cast.proposals[0], PDF)
    (file,) = kept(cast.proposals[0])
    browser("Ivo").post(files(cast.draft), {"remove": str(file.pk)})
    assert kept(cast.proposals[0]) == [file]


def test_going_on_without_a_file_is_fine(cast: Cast) -> None:
    ivo = browser("Ivo")
    assert ivo.post(files(cast.draft))["Location"] == reverse("proposal-step", args=[cast.draft.pk, "check"])
    assert ivo.post(files(cast.draft), {"leave": "1"})["Location"] == cast.draft.get_absolute_url()


def test_after_the_bell_no_file_comes_or_goes(cast: Cast) -> None:
    ivo = browser("Ivo")
    bring(ivo, cast.draft, PDF)
    (file,) = kept(cast.draft)
    Call.objects.filter(pk=cast.call.pk).update(closes_at=clock.now())
    assert bring(ivo, cast.draft, PNG).status_code == 409
    assert ivo.post(files(cast.draft), {"remove": str(file.pk)}).status_code == 409
    assert kept(cast.draft) == [file]


def test_a_file_is_handed_out_to_be_kept_and_never_shown(cast: Cast) -> None:
    ivo = browser("Ivo")
    bring(ivo, cast.draft, PDF, 'bilan"cio\r\nX: y.pdf')
    response = ivo.get(reverse("attachment", args=[kept(cast.draft)[0].pk]))
    assert b"".join(response.streaming_content) == PDF  # type: ignore[attr-defined] # a streaming response
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "private" in response["Cache-Control"]
    assert "\n" not in response["Content-Disposition"]


@pytest.mark.parametrize(
    ("phase", "name", "status"),
    [
        (Phase.OPEN, "Fabio", 200),
        (Phase.OPEN, "Ada", 200),
        (Phase.OPEN, "Chiara", 404),
        (Phase.OPEN, "Gaia", 404),
        (Phase.OPEN, "Sonia", 404),
        (Phase.OPEN, "Olga", 404),
        (Phase.JUDGING, "Chiara", 200),
        (Phase.JUDGING, "Bruno", 404),
        (Phase.JUDGING, "Gaia", 404),
    ],
)
def test_only_who_sees_the_files_gets_one(stage: object, phase: Phase, name: str, status: int) -> None:
    cast = stage(phase)  # type: ignore[operator] # the fixture is a function
    file = Attachment.records.create(
        proposal=cast.proposals[0],
        file=SimpleUploadedFile("a.pdf", PDF),
        name="a.pdf",
        content_type="application/pdf",
        size=len(PDF),
        sha256="0" * 64,
        uploaded_at=cast.now,
    )
    assert browser(name).get(reverse("attachment", args=[file.pk])).status_code == status


def test_the_file_of_a_draft_is_nobody_elses(cast: Cast) -> None:
    bring(browser("Ivo"), cast.draft, PDF)
    (file,) = kept(cast.draft)
    assert browser("Ada").get(reverse("attachment", args=[file.pk])).status_code == 404
    assert Client().get(reverse("attachment", args=[file.pk])).status_code == 302


def test_jurors_read_a_copy_that_does_not_say_who_wrote_it(stage: object) -> None:
    cast = stage(Phase.OPEN)  # type: ignore[operator] # the fixture is a function
    bring(browser("Fabio"), cast.proposals[0], LOUD_PNG, "foto.png")
    bring(browser("Gaia"), cast.proposals[1], PDF)
    outbox.drain(clock.now)
    (clean,), (broken,) = kept(cast.proposals[0]), kept(cast.proposals[1])
    assert (clean.stripped, broken.stripped) == (True, False)
    assert NAME not in clean.for_jurors.read()
    ada = browser("Ada")
    assert b"".join(ada.get(reverse("attachment", args=[clean.pk])).streaming_content) == LOUD_PNG
    for proposal, said in ((cast.proposals[0], False), (cast.proposals[1], True)):
        page = ada.get(reverse("organise-proposal", args=[cast.call.code, proposal.pk])).content.decode()
        assert ("could not be taken out" in page) == said


def test_a_copy_goes_with_its_file(cast: Cast, django_capture_on_commit_callbacks: object) -> None:
    ivo = browser("Ivo")
    bring(ivo, cast.draft, LOUD_PNG)
    outbox.drain(clock.now)
    (file,) = kept(cast.draft)
    assert Path(file.copy.path).exists()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator] # the fixture is a function
        ivo.post(files(cast.draft), {"remove": str(file.pk)})
    assert not Path(file.copy.path).exists()


def test_a_file_that_is_gone_from_the_disk_is_not_found(cast: Cast) -> None:
    ivo = browser("Ivo")
    bring(ivo, cast.draft, PDF)
    (file,) = kept(cast.draft)
    Path(file.file.path).unlink()
    assert ivo.get(reverse("attachment", args=[file.pk])).status_code == 404
