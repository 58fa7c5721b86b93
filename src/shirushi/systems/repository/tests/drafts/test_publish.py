"""The last page before a record: what is missing is said, and who comes twice is led to the record."""

from django.urls import reverse

from shirushi.accounts.actors import person
from shirushi.core import services
from shirushi.systems.repository.tests.drafts.made import PROPOSALS, page_of, proposal


def test_publish_shows_what_is_needed_and_refuses_until_it_is_there(client, make_draft):
    draft = make_draft(*PROPOSALS)
    address = reverse("draft-publish", args=[draft.pk])
    assert page_of(client.get(address)).xpath("//*[@data-publish]") == []
    refused = client.post(address, {"at_version": draft.version})
    assert refused.status_code == 422
    assert "Credit goes to those named here." in refused.content.decode()


def test_publish_leads_to_the_record_and_a_second_time_too(client, make_draft, hanako):
    draft = make_draft(*PROPOSALS)
    client.post(reverse("draft-accept-all", args=[draft.pk]), {"above": "likely", "at_version": draft.version})
    for field, value in (("descriptions", [{"text": "Hourly."}]), ("rights", [{"id": "CC0-1.0"}])):
        draft.refresh_from_db()
        services.edit_field(draft=draft, field=field, value=value, by=person(hanako), at_version=draft.version)
    draft.refresh_from_db()
    address = reverse("draft-publish", args=[draft.pk])
    published = client.post(address, {"at_version": draft.version})
    draft.refresh_from_db()
    assert published.url == reverse("record", args=[draft.record_id])
    assert client.post(address, {"at_version": draft.version}).url == published.url
    assert client.get(reverse("draft-review", args=[draft.pk])).url == published.url


def test_identifier_is_set_aside_by_its_button_and_shown(client, make_draft):
    draft = make_draft(*PROPOSALS)
    address = reverse("draft-publish", args=[draft.pk])
    button = page_of(client.get(address)).xpath("//*[@id='identifier']/following-sibling::dd[1]//form")[0]
    assert client.post(button.get("action")).url == f"{address}#identifier"
    shown = page_of(client.get(address)).xpath("//*[@id='identifier']/following-sibling::dd[1]")[0]
    told = client.post(f"/api/drafts/{draft.pk}/identifiers", content_type="application/json")
    assert [code.text for code in shown.xpath(".//code")] == [
        told.json()["identifier"],
        told.json()["concept_identifier"],
    ]
    assert client.get(f"/api/drafts/{draft.pk}").json()["reserved"] == told.json()


def test_publish_tells_what_harvesters_of_jpcoar_will_say_and_where_to_mend_it(client, make_draft):
    page = page_of(client.get(reverse("draft-publish", args=[make_draft(*PROPOSALS).pk])))
    assert page.xpath("//*[@aria-labelledby='jpcoar']") == []  # nothing decided yet, nothing to say
    draft = make_draft(*PROPOSALS, proposal("/version", "v1.0"))
    client.post(reverse("draft-accept-all", args=[draft.pk]), {"above": "likely", "at_version": draft.version})
    page = page_of(client.get(reverse("draft-publish", args=[draft.pk])))
    (line,) = page.xpath("//*[@aria-labelledby='jpcoar']//li")
    assert line.xpath("normalize-space()") == "missed Version: Write the number alone, like 1.2. /jpcoar/version"
    assert line.xpath("a/@href") == [f"/drafts/{draft.pk}#field-version"]
