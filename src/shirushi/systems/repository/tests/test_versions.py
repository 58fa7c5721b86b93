"""New versions, what changed between them, and taking one back."""

import pytest
from django.test import Client
from lxml import html

from shirushi.accounts.models import User
from shirushi.core import services
from shirushi.core.models import Draft, Record
from shirushi.systems.repository import changes


@pytest.fixture
def second(record: Record, curator, fill) -> Record:
    """A version with a reworded description, another creator less, and one file more."""
    draft = services.new_version(record=record, by=curator)
    services.put_file(draft=draft, path="CHANGES.txt", content=b"more\n", by=curator)
    fill(
        draft,
        descriptions=[{"text": "Hourly values of three buoys, checked by hand.", "lang": "en"}],
        creators=[{"name": "鈴木 一郎"}],
    )
    return services.publish(draft=draft, by=curator, at_version=draft.version)


def test_unchanged_version_is_not_offered_for_publishing(client: Client, record: Record, curator) -> None:
    draft = services.new_version(record=record, by=curator)
    client.force_login(User.objects.get(pk=curator.user_id))
    shown = client.get(f"/drafts/{draft.pk}/publish").content.decode()
    assert "Nothing differs from the version before" in shown
    assert html.fromstring(shown).cssselect("[data-publish]") == []
    refused = client.post(f"/drafts/{draft.pk}/publish", {"at_version": draft.version})
    assert (refused.status_code, Record.objects.count()) == (409, 1)
    told = client.get(f"/api/drafts/{draft.pk}/readiness").json()
    assert (told["ready"], told["unchanged"]) == (False, True)


def test_draft_that_others_changed_meanwhile_is_not_published_and_says_so(
    client: Client, record: Record, curator
) -> None:
    draft = services.new_version(record=record, by=curator)
    services.put_file(draft=draft, path="CHANGES.txt", content=b"more\n", by=curator)
    client.force_login(User.objects.get(pk=curator.user_id))
    refused = client.post(f"/drafts/{draft.pk}/publish", {"at_version": draft.version - 1})
    assert refused.status_code == 409
    alert = html.fromstring(refused.content.decode()).xpath("string(//*[@role='alert'])")
    assert "Somebody changed this draft after you opened it." in alert


def test_changes_are_readable(client: Client, second: Record) -> None:
    shown = html.fromstring(client.get(f"/records/{second.pk}/changes").content.decode())
    assert [gone.text_content() for gone in shown.cssselect("p del")] == ["two"]
    assert [come.text_content() for come in shown.cssselect("p ins")] == ["three"]
    assert "Yamada, Hanako" in shown.cssselect("li del")[0].text_content()
    assert [code.text_content() for code in shown.cssselect("dd code")] == ["CHANGES.txt"]


def test_first_version_has_no_changes(client: Client, record: Record) -> None:
    assert client.get(f"/records/{record.pk}/changes").status_code == 404


def test_older_version_leads_to_the_newest(client: Client, record: Record, second: Record) -> None:
    shown = html.fromstring(client.get(f"/records/{record.pk}").content.decode())
    assert shown.cssselect(".notice-warning a")[0].get("href") == f"/records/{second.pk}"
    assert not html.fromstring(client.get(f"/records/{second.pk}").content.decode()).cssselect(".notice-warning a")


def test_new_version_begins_a_draft(client: Client, record: Record) -> None:
    client.force_login(User.objects.get())
    response = client.post(f"/records/{record.pk}/new-version")
    draft = Draft.objects.get(state="open")
    assert (response.status_code, response["Location"]) == (302, f"/drafts/{draft.pk}")
    assert client.get(f"/records/{record.pk}/new-version").status_code == 405


def test_withdrawing_asks_for_a_reason(client: Client, record: Record) -> None:
    client.force_login(User.objects.get())
    address = f"/records/{record.pk}/withdraw"
    assert client.get(address).status_code == 200
    refused = client.post(address, {"reason": "  "})
    assert refused.status_code == 422
    assert html.fromstring(refused.content.decode()).get_element_by_id("reason").get("aria-invalid") == "true"
    assert client.post(address, {"reason": "Wrong file"})["Location"] == f"/records/{record.pk}"
    assert client.get(f"/records/{record.pk}").status_code == 410


def test_work_goes_on_from_the_newest_version_that_stands(
    client: Client, record: Record, second: Record, curator
) -> None:
    services.withdraw(record=second, reason="Wrong file", by=curator)
    client.force_login(User.objects.get())
    shown = html.fromstring(client.get(f"/records/{record.pk}").content.decode())
    assert not shown.cssselect(".notice-warning a")
    (form,) = shown.cssselect(".versions form")
    assert client.post(form.get("action")).status_code == 302
    draft = Draft.objects.get(state="open")
    assert draft.base_record == record
    services.put_file(draft=draft, path="AGAIN.txt", content=b"again\n", by=curator)
    third = services.publish(draft=draft, by=curator, at_version=draft.version)
    assert (third.number, third.is_withdrawn) == (3, False)


def test_withdrawn_version_leads_to_the_one_that_stands(
    client: Client, record: Record, second: Record, curator
) -> None:
    services.withdraw(record=second, reason="Wrong file", by=curator)
    gone = html.fromstring(client.get(f"/records/{second.pk}").content.decode())
    assert [link.get("href") for link in gone.xpath("//section[@aria-labelledby='standing']//a")] == [
        f"/records/{record.pk}"
    ]
    assert gone.xpath("string(//section[@aria-labelledby='identifier']//code)") == second.identifiers.get().value
    export = client.get(f"/records/{second.pk}/export/bibtex")
    assert export.status_code == 410
    assert html.fromstring(export.content.decode()).cssselect(f"main a[href='/records/{record.pk}']")


def test_record_withdrawn_altogether_leads_nowhere(client: Client, record: Record, curator) -> None:
    services.withdraw(record=record, reason="Wrong file", by=curator)
    assert "Versions that still stand" not in client.get(f"/records/{record.pk}").content.decode()
    assert "Search for a newer version" in client.get(f"/records/{record.pk}/export/bibtex").content.decode()


def test_stranger_may_neither_withdraw_nor_continue(client: Client, record: Record) -> None:
    client.force_login(User.objects.create_user("stranger@example.org", "a long password", name="Stranger"))
    assert client.post(f"/records/{record.pk}/withdraw", {"reason": "x"}).status_code == 403
    assert client.post(f"/records/{record.pk}/new-version").status_code == 403
    assert Client().post(f"/records/{record.pk}/withdraw", {"reason": "x"}).status_code == 302


def test_reworded_keeps_both_texts() -> None:
    before, after = "海面水温を毎時測りました。", "海面水温を毎日測りました。"
    pieces = changes.reworded(before, after)
    assert "".join(text for kind, text in pieces if kind != "in") == before
    assert "".join(text for kind, text in pieces if kind != "out") == after
    assert ("out", "時") in pieces


def test_text_written_anew_is_shown_whole() -> None:
    before = {"titles": [{"text": "Buoys of Sagami Bay"}]}
    after = {"titles": [{"text": "A survey of forests"}]}
    (change,) = changes.of_fields(before, after, "en")
    assert change.reworded == []
    assert [item.text for item in change.removed + change.added] == ["Buoys of Sagami Bay", "A survey of forests"]


def test_files_are_compared_by_content() -> None:
    found = changes.of_files({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "9", "d": "3"})
    assert (found.added, found.removed, found.changed) == (["d"], ["c"], ["b"])
