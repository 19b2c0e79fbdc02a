"""The exported requirements are those of the lock, with its hashes and no package index."""

from pathlib import Path

import pytest

from tools import requirements


def test_they_agree_with_the_lock() -> None:
    assert list(requirements.differences()) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("\ncelery==", "\ncelery==0.", "celery"),
        ("sha256:", "sha256:0000", "other files"),
        ("# Made", "--index-url https://pypi.example.org\n# Made", "package index"),
    ],
)
def test_a_change_by_hand_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, complaint: str
) -> None:
    text = requirements.RUNTIME.read_text().replace("celery[redis]", "celery")
    changed = tmp_path / "requirements.txt"
    changed.write_text(text.replace(old, new, 1))
    monkeypatch.setattr(requirements, "RUNTIME", changed)
    assert complaint in " ".join(requirements.differences())
