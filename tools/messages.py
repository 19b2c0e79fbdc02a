r"""The Italian catalogue, kept without the GNU gettext programs.

    tools/messages.py extract          take the texts out of the code; texts no longer there are dropped
    tools/messages.py fill FILE.json   extract, then add translations: {"one": "uno", "day": ["giorno", "giorni"]}
    tools/messages.py compile          write the .mo file that Django reads
    tools/messages.py check            fail if a text is missing, or its placeholders differ

A text with a context has the key "context\u0004text". The source language is English and needs no catalogue.
"""

import fcntl
import io
import json
import os
import re
import sys
import tempfile
import tokenize
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = "it"
PO = ROOT / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
ROOMS = ("accounts", "awards", "common", "config", "contests", "notifications", "reviews")
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml", ".svg"}
CONTEXT_MARK = "\u0004"

_SINGULAR: tuple[int, ...] = (1,)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), _SINGULAR),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|(?<!%)%[sd]|\{\w*\}|</?\w+")


class Unreadable(Exception):  # noqa: N818 - it reads as what happened
    """A file of the code that cannot be read for texts; says which and why."""


def extracted() -> Catalog:
    """Return a catalogue of every text in the code, without translations."""
    catalogue = Catalog(locale=LANGUAGE, domain="django")
    for path in _sources():
        for _line, text, _comments, context in _texts(path):
            catalogue.add(text, context=context, string=("", "") if isinstance(text, tuple) else "")
    return catalogue


def _sources() -> Iterator[Path]:
    for folder in (*ROOMS, "templates"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix == ".py" or path.suffix in TEMPLATE_SUFFIXES:
                yield path


def _texts(path: Path) -> list[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    try:
        code = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            # Indentation means nothing in a template, and would mislead a reader of Python.
            code = "\n".join(line.strip() for line in templatize(code, origin=str(path)).splitlines())
        return list(extract("python", io.BytesIO(code.encode()), KEYWORDS))
    except (SyntaxError, ValueError, tokenize.TokenError) as error:
        raise Unreadable(f"{path.relative_to(ROOT)}: {error}") from error


def current() -> Catalog:
    """Return the catalogue as it is kept in the repository; an empty one if there is none yet."""
    if not PO.exists():
        return Catalog(locale=LANGUAGE, domain="django")
    with PO.open("rb") as file:
        return read_po(file, locale=LANGUAGE, domain="django", abort_invalid=True)


def merged() -> Catalog:
    """Return the texts of the code with the translations that are already known."""
    catalogue, known = extracted(), current()
    for message in _messages(catalogue):
        old = known.get(message.id, context=message.context)
        if old is not None and _same_shape(old.string, message.string):
            message.string = old.string
    return catalogue


def _same_shape(old: object, new: object) -> bool:
    return isinstance(old, str) == isinstance(new, str)


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def as_po(catalogue: Catalog) -> bytes:
    """Return the catalogue as a file that merges well: sorted, one line a text, no dates, no line numbers."""
    header = (
        f'msgid ""\nmsgstr ""\n"Language: {LANGUAGE}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    body = io.BytesIO()
    write_po(body, catalogue, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    return header.encode() + body.getvalue()


def _write(path: Path, content: bytes) -> None:
    """Replace a file at once, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def save(catalogue: Catalog) -> None:
    """Write the .po file, if it says something new."""
    content = as_po(catalogue)
    if not PO.exists() or PO.read_bytes() != content:
        _write(PO, content)


def compile_catalogue() -> None:
    """Write the .mo file next to the .po file."""
    compiled = io.BytesIO()
    write_mo(compiled, current())
    _write(PO.with_suffix(".mo"), compiled.getvalue())


def add(catalogue: Catalog, translations: dict[str, str | list[str]]) -> list[str]:
    """Put translations into the catalogue; return the keys that no text of the code has."""
    unknown = []
    for key, text in translations.items():
        context, _, msgid = key.rpartition(CONTEXT_MARK)
        message = catalogue.get(msgid, context=context or None)
        if message is None or isinstance(text, str) != isinstance(message.id, str):
            unknown.append(key)
        else:
            message.string = text if isinstance(text, str) else tuple(text)
    return unknown


def problems(catalogue: Catalog) -> Iterator[str]:
    """Name each text that is not translated, or whose translation has other placeholders."""
    for message in _messages(catalogue):
        originals, translations = _forms(message.id), _forms(message.string)
        if message.fuzzy or not all(translations):
            yield f"not translated: {originals[0]!r}"
        elif len(originals) != len(translations) or _placeholders(originals[-1]) != _placeholders(translations[-1]):
            yield f"other placeholders or tags: {originals[-1]!r}"
        elif not _placeholders(translations[0]) <= _placeholders(*originals):
            yield f"unknown placeholder: {translations[0]!r}"


def _forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """Return singular and plural, or the one form there is."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def _placeholders(*texts: str) -> set[str]:
    return {found for text in texts for found in PLACEHOLDER.findall(text)}


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time change the catalogue."""
    lock = Path(tempfile.gettempdir()) / f"giuria-messages-{os.getuid()}.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run_extract() -> list[str]:
    """Take the texts out of the code."""
    save(merged())
    return []


def run_fill(name: str) -> list[str]:
    """Extract, add the translations of one JSON file, compile."""
    catalogue = merged()
    unknown = add(catalogue, json.loads(Path(name).read_text(encoding="utf-8")))
    save(catalogue)
    compile_catalogue()
    return [f"no such text in the code (or singular and plural differ): {key!r}" for key in unknown]


def run_compile() -> list[str]:
    """Write what Django reads."""
    compile_catalogue()
    return []


def run_check() -> list[str]:
    """Compare the catalogue with the code."""
    catalogue = merged()
    stale = [] if PO.exists() and PO.read_bytes() == as_po(catalogue) else ["the catalogue is not that of the code"]
    return stale + list(problems(catalogue))


COMMANDS: dict[str, Callable[..., list[str]]] = {
    "extract": run_extract,
    "fill": run_fill,
    "compile": run_compile,
    "check": run_check,
}


def main(arguments: list[str]) -> int:
    """Run one command; return 0 if there is nothing to complain of."""
    if not arguments or arguments[0] not in COMMANDS or len(arguments) != (2 if arguments[0] == "fill" else 1):
        sys.stderr.write(__doc__ or "")
        return 2
    try:
        with _alone():
            complaints = COMMANDS[arguments[0]](*arguments[1:])
    except (Unreadable, OSError, json.JSONDecodeError) as error:
        complaints = [str(error)]
    for complaint in complaints:
        sys.stderr.write(f"messages: {complaint}\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
