"""Reading a document that people wrote: every fault is kept, none stops the reading."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from engine.numbers import number

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
LONGEST_CODE = 100
UNKNOWN_KEY = "this key is unknown"
LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a document is wrong, what is wrong there, and what would be right."""

    path: str
    wrong: str
    right: str

    def __str__(self) -> str:
        return f"{self.path}: {self.wrong}; {self.right}"


def code_fault(text: str) -> str | None:
    """Say what is wrong with a code, or None."""
    if not text:
        return "the code is empty"
    if len(text) > LONGEST_CODE:
        return f"the code is longer than {LONGEST_CODE} characters"
    if text != text.strip() or any(unicodedata.category(letter).startswith("C") for letter in text):
        return "the code has surrounding spaces or invisible characters"
    return "the code holds a semicolon" if ";" in text else None


def said(value: object) -> str:
    """Quote a value for a message, cut to a readable length."""
    known = isinstance(value, bool) or value is None
    shown = f'"{value}"' if isinstance(value, str) else json.dumps(value) if known else str(value)
    return shown if len(shown) <= LONGEST_QUOTE else f"{shown[:LONGEST_QUOTE]}…"


class Reading:
    """Reads values out of a parsed document and notes what is wrong; a faulty value is replaced by a harmless one."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, path: str, wrong: str, right: str) -> None:
        """Note one fault."""
        self.faults.append(Fault(path, wrong, right))

    def record(
        self, path: str, value: object, required: Iterable[str] = (), optional: Iterable[str] = ()
    ) -> Mapping[str, Any]:
        """Return an object that has the required keys and no unknown ones, as far as it can be read."""
        if not isinstance(value, Mapping):
            self.fault(path, "this is not an object", "write { … }")
            return {}
        known = [*required, *optional]
        for key in value:
            if key not in known:
                self.fault(within(path, str(key)), UNKNOWN_KEY, f"use one of {', '.join(known)}")
        for key in required:
            if key not in value:
                self.fault(within(path, key), "this is missing", f'give "{key}"')
        return value

    def items(self, path: str, value: object, *, at_least: int = 0) -> Sequence[Any]:
        """Return a list."""
        if not isinstance(value, list | tuple):
            self.fault(path, "this is not a list", "write [ … ]")
            return []
        if len(value) < at_least:
            self.fault(path, "the list is too short", f"give at least {at_least}")
        return value

    def decimal(self, path: str, value: object, *, highest: int | None = None) -> Fraction:
        """Return a number given as decimal text, 0 or more."""
        try:
            read = number(value) if isinstance(value, str) else None
        except ValueError:
            read = None
        if read is None:
            self.fault(path, f"{said(value)} is not decimal text", 'write a number in quotes, such as "7.5"')
            return Fraction(1)
        if str(value).startswith("-"):
            self.fault(path, f"{said(value)} is negative", "give 0 or more")
        if highest is not None and read > highest:
            self.fault(path, f"{said(value)} is above {highest}", f"give a number from 0 to {highest}")
        return read

    def count(self, path: str, value: object, *, at_least: int = 0) -> int:
        """Return a whole number given as a JSON integer."""
        if not isinstance(value, int) or isinstance(value, bool):
            self.fault(path, f"{said(value)} is not a whole number", "write an integer without quotes, such as 3")
            return at_least
        if value < at_least:
            self.fault(path, f"{value} is too small", f"give {at_least} or more")
            return at_least
        return value

    def choice(self, path: str, value: object, options: Sequence[str]) -> str:
        """Return one of the options."""
        if value not in options:
            self.fault(path, f"{said(value)} is unknown", f"use one of {', '.join(options)}")
            return options[0]
        return str(value)

    def flag(self, path: str, value: object) -> bool:
        """Return true or false."""
        if not isinstance(value, bool):
            self.fault(path, f"{said(value)} is neither true nor false", "write true or false")
        return value is True

    def text(self, path: str, value: object) -> str:
        """Return text without control characters; it may be empty."""
        if not isinstance(value, str):
            self.fault(path, f"{said(value)} is not text", "write it in quotes")
            return ""
        if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\n\t" for letter in value):
            self.fault(path, "the text holds control characters", "take them out")
        return value

    def code(self, path: str, value: object) -> str:
        """Return a code: short, visible, without semicolons."""
        text = self.text(path, value)
        wrong = code_fault(text)
        if wrong and isinstance(value, str):
            self.fault(path, wrong, "use letters, digits and hyphens, such as business-case")
        return text

    def title(self, path: str, value: object) -> Mapping[str, str]:
        """Return a text in one or more languages."""
        texts = self.mapping(path, value)
        if isinstance(value, Mapping) and not texts:
            self.fault(path, "no language is given", 'write at least one, such as {"it": "…"}')
        for language, text in texts.items():
            if not LANGUAGE.fullmatch(language):
                self.fault(within(path, language), "this is not a language code", 'use "it", "en", …')
            if not self.text(within(path, language), text).strip() and isinstance(text, str):
                self.fault(within(path, language), "the text is empty", "write it, or leave the language out")
        return texts

    def mapping(self, path: str, value: object) -> Mapping[str, Any]:
        """Return an object whose keys are free."""
        if not isinstance(value, Mapping):
            self.fault(path, "this is not an object", "write { … }")
            return {}
        return value


def within(path: str, key: str) -> str:
    """Name a key inside a path."""
    return f"{path}.{key}" if path else key
