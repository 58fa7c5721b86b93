"""Links for anonymous review, made and revoked on the draft's own page, which tells what may still name somebody."""

from django.test import Client
from django.urls import reverse

from shirushi.accounts.actors import person
from shirushi.core import services
from shirushi.core.models import SecretLink
from shirushi.systems.repository.tests.drafts.made import TITLE, page_of


def typed(draft, by, **fields):
    for field, value in fields.items():
        draft.refresh_from_db()
        services.edit_field(draft=draft, field=field, value=value, by=person(by), at_version=draft.version)
    draft.refresh_from_db()
    return draft


def test_owner_makes_a_link_and_revokes_it_and_reviewers_learn_no_name(client, make_draft, hanako):
    draft = typed(
        make_draft(TITLE),
        hanako,
        titles=[{"text": "Buoys"}],
        creators=[{"name": "Yamada, Hanako", "affiliations": [{"name": "Example University"}]}],
        funding=[{"funder": "JSPS", "award": "JP21K12345"}],
        instruments=[{"name": "CTD", "serial_number": "SN-4711", "identifier": "https://example.org/ctd"}],
        software=[{"name": "clean.py", "identifier": "https://github.com/hyamada/clean"}],
    )
    address = reverse("draft-sharing", args=[draft.pk])
    assert f'href="{address}"' in client.get(reverse("draft-review", args=[draft.pk])).content.decode()
    made = page_of(client.post(address, {"label": "Reviewer 2", "days": "14"}))
    secret = made.xpath("string(//*[@id='secret'])").rpartition("/")[2]
    seen = Client().get(f"/shared/{secret}")
    assert seen.status_code == 200
    shown = seen.content.decode()
    assert "CTD" in shown
    assert "clean.py" in shown
    for word in (
        "Yamada",
        "Hanako",
        "Example University",
        "JSPS",
        "JP21K12345",
        "SN-4711",
        "hyamada",
        "example.org/ctd",
    ):
        assert word not in shown, word
    link = SecretLink.objects.get()
    again = client.get(address).content.decode()
    assert secret not in again
    assert client.get(reverse("draft-link-revoke", args=[draft.pk, link.pk])).status_code == 302
    client.post(reverse("draft-link-revoke", args=[draft.pk, link.pk]))
    assert Client().get(f"/shared/{secret}").status_code == 410


def test_names_in_file_names_and_texts_are_told_with_the_place_to_mend_them(client, make_draft, hanako):
    draft = typed(
        make_draft(TITLE),
        hanako,
        titles=[{"text": "Buoys of the Yamada group"}],
        creators=[{"name": "Yamada, Hanako", "other_names": [{"name": "山田 花子", "lang": "ja"}]}],
        descriptions=[{"text": "Nothing to see; Yamadanishiki is a rice."}],
        instruments=[{"name": "Yamada Lab microscope", "identifier": "https://example.org/yamada"}],
        locations=[{"place": "Garden of Hanako"}],
        related=[{"identifier": "10.5072/yamada", "scheme": "DOI", "relation": "IsCitedBy"}],
    )
    for path in ("yamada_2021/sst.csv", "山田.csv", "sst.csv"):
        services.put_file(draft=draft, path=path, content=b"a\n1\n", by=person(hanako))
    page = page_of(client.get(reverse("draft-sharing", args=[draft.pk])))
    told = [
        (line.xpath("string(a)"), line.xpath("string(mark)"))
        for line in page.xpath("//section[@aria-labelledby='telling']//li")
    ]
    assert told == [
        ("Title", "Yamada"), ("Places", "Hanako"), ("Instruments", "Yamada"), ("Files", "yamada"), ("Files", "山田"),
    ]  # fmt: skip


def test_days_that_are_none_are_told_and_nothing_is_made(client, make_draft):
    address = reverse("draft-sharing", args=[make_draft(TITLE).pk])
    refused = client.post(address, {"days": "0", "label": "Reviewer"})
    assert refused.status_code == 422
    assert page_of(refused).xpath("string(//input[@name='label']/@value)") == "Reviewer"
    assert not SecretLink.objects.exists()


def test_nobody_else_shares_it(make_draft):
    address = reverse("draft-sharing", args=[make_draft(TITLE).pk])
    assert Client().get(address).status_code == 302  # to the sign-in
