"""Programs that speak to the API."""

from collections.abc import Callable
from typing import Any, TypeAlias

from knox.models import AuthToken
from rest_framework.test import APIClient

from accounts.models import Person
from tests.cast import Cast, person

ROOT = "/api/v1"
Answer: TypeAlias = Any  # a response, and what the test client hung on it
Stage = Callable[..., Cast]
Size = Callable[[int, int], int]


class Caller(APIClient):
    """A client that speaks JSON under /api/v1, with somebody's token or without one."""

    default_format = "json"

    def __init__(self, who: Person | str | None = None, token: str = "") -> None:
        super().__init__(raise_request_exception=False)
        who = person(who) if isinstance(who, str) else who
        if who is not None:
            token = AuthToken.objects.create(who)[1]
        if token:
            self.credentials(HTTP_AUTHORIZATION=f"Token {token}")

    def generic(self, method: str, path: str, *args: Answer, **more: Answer) -> Answer:  # type: ignore[override] # any answer will do
        """Send a request to an address of the API."""
        return super().generic(method, path if path.startswith(ROOT) else f"{ROOT}{path}", *args, **more)
