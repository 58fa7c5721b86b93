"""Numbers of people in the store, met by a database that may have been made anew."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shirushi.accounts.models import User, people_at


@pytest.mark.django_db
def test_account_made_since_is_not_who_acted_then() -> None:
    joined = timezone.now()
    user = User.objects.create_user("hanako@example.org", None, name="山田 花子", date_joined=joined)
    assert people_at({user.pk: joined + timedelta(minutes=1), user.pk + 1: joined}) == {user.pk: "山田 花子"}
    assert people_at({user.pk: joined.replace(microsecond=0)}) == {user.pk: "山田 花子"}
    assert people_at({user.pk: joined - timedelta(minutes=1)}) == {}
