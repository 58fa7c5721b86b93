"""Every answer carries the security headers; the policy allows nothing inline."""

from django.templatetags.static import static
from django.test import Client

from shirushi.accounts.models import User
from shirushi.web.middleware import CONTENT_SECURITY_POLICY


def test_page_carries_policy(client: Client, db: None) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"


def test_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_what_somebody_got_who_is_known_is_kept_by_no_cache_on_the_way(client: Client, db: None) -> None:
    assert "Cache-Control" not in client.get("/api/records").headers
    bearer = client.get("/api/records", headers={"Authorization": "Bearer nothing"})
    assert bearer.headers["Cache-Control"] == "private, no-cache"
    client.force_login(User.objects.create_user("a@example.org", None, name="A"))
    assert client.get("/api/records").headers["Cache-Control"] == "private, no-cache"
    assert client.get(static("shirushi/app.css")).headers["Cache-Control"] != "private, no-cache"
