"""Every answer carries the security headers; the policy allows nothing inline."""

from django.test import Client

from shirushi.web.middleware import CONTENT_SECURITY_POLICY


def test_page_carries_policy(client: Client, db: None) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"


def test_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
