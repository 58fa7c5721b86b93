"""A full disk and a store that does not answer are told as what they are, wherever they show."""

import errno

import pytest
from django.db import OperationalError
from django.test import Client
from lxml import html

from shirushi.storage import StoreUnreachable
from shirushi.web import views

FULL = OperationalError("database or disk is full")
NO_SPACE = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (FULL, 507, "There is no space left"),
        (NO_SPACE, 507, "There is no space left"),
        (
            StoreUnreachable("It is silent.", "応答しません。", where="s3://bucket"),
            503,
            "The files cannot be reached just now",
        ),
        (OperationalError("no such table: core_record"), 500, "We made a mistake"),
    ],
)
def test_page_says_what_is_the_matter(error, status, title, monkeypatch):
    def broken(*_args: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(views, "render", broken)
    answer = Client(raise_request_exception=False).get("/", headers={"Accept-Language": "en"})
    assert (answer.status_code, html.fromstring(answer.content).xpath("string(//h1)")) == (status, title)


@pytest.mark.django_db
def test_full_disk_while_a_form_is_read(monkeypatch):
    def no_room(*_args: object) -> None:
        raise NO_SPACE

    monkeypatch.setattr("django.middleware.csrf.CsrfViewMiddleware._check_token", no_room)
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    assert client.post("/sign-in", {"username": "a", "password": "b"}).status_code == 507
