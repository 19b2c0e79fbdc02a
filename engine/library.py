"""Rule sets ready to choose: data files beside this module, each an example of good practice with its reasons."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "library"


@dataclass(frozen=True, slots=True)
class ReadyRules:
    """A rule set to start from: its name, when to use it and what to know of it, per language; `text` is JSON."""

    code: str
    title: Mapping[str, str]
    when: Mapping[str, str]
    know: Mapping[str, str]
    text: str

    @property
    def document(self) -> dict[str, Any]:
        """The rules as the engine parses them: a document of one's own, free to change."""
        found: dict[str, Any] = json.loads(self.text)
        return found


@cache
def ready_rules() -> Mapping[str, ReadyRules]:
    """Return every ready rule set by its code, in the order of the files' numbers."""
    found = [_read(json.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*.json"))]
    return {ready.code: ready for ready in found}


def _read(file: Mapping[str, Any]) -> ReadyRules:
    """Read one file; its `scale` is that of every criterion."""
    criteria = [{**criterion, "scale": file["scale"]} for criterion in file["rules"]["criteria"]]
    text = json.dumps({**file["rules"], "criteria": criteria}, ensure_ascii=False)
    return ReadyRules(file["code"], file["title"], file["when"], file["know"], text)
