"""The REST interface: what a hit says."""

import pytest

from shirushi.core import followers

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "title"), [("ja", "二つのブイの海面水温"), ("en", "Temperature of two buoys")])
def test_hit_has_its_title_in_the_language_asked_for(publish, client, language, title):
    publish(
        titles=[
            {"text": "Temperature of two buoys", "lang": "en"},
            {"text": "二つのブイの海面水温", "lang": "ja", "type": "TranslatedTitle"},
        ]
    )
    followers.follow("index")
    hits = client.get("/api/records?q=buoys", headers={"Accept-Language": language}).json()["items"]
    assert [hit["title"] for hit in hits] == [title]
