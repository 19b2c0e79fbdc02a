"""A real browser before the real server."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import Person

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's chromium, or the one that CHROMIUM names."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright keeps a loop running in this thread
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.exit("There is no chromium: install it, or set CHROMIUM to its path.", returncode=3)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """A function that opens a window: whose, how wide, in which language and scheme. A script error fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def window(
        person: Person | None = None, *, width: int = 1280, language: str = "en", scheme: str = "light", **more: object
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            locale=language,
            color_scheme=scheme,
            base_url=live_server.url,
            **more,
        )
        contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person)
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": live_server.url}
            context.add_cookies([cookie])  # type: ignore[list-item] # a plain dictionary
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield window
    for context in contexts:
        context.close()
    assert errors == []
