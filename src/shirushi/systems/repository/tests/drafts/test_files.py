"""The files of a draft: names, what goes with them, what no reading has seen."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from shirushi.accounts.actors import person
from shirushi.core import services
from shirushi.systems.repository.tests.drafts.made import PROPOSALS, TITLE, form_of, notices, page_of


def test_files_are_added_and_taken_out(client, make_draft):
    draft = make_draft()
    address = reverse("draft-files", args=[draft.pk])
    client.post(address, {"files": SimpleUploadedFile("b.csv", b"x\n1\n")})
    client.post(address, {"remove": "README.md"})
    assert [file.path for file in draft.files.all()] == ["b.csv"]


VARIABLE = {"name": "sst", "file": "README.md"}


@pytest.mark.parametrize("folder", ["data", " data/ "])
def test_file_is_put_into_a_folder_and_replaces_what_is_there(client, make_draft, folder):
    draft = make_draft()
    address = reverse("draft-files", args=[draft.pk])
    for content in (b"x\n1\n", b"x\n2\n"):
        client.post(address, {"files": SimpleUploadedFile("b.csv", content), "folder": folder})
    assert draft.files.exclude(path="README.md").get().path == "data/b.csv"
    page = page_of(client.get(address))
    assert [option.get("value") for option in page.cssselect("#draft-folders option")] == ["data"]
    assert "data/b.csv was replaced" in page.text_content()


def test_folder_that_leads_out_is_refused(client, make_draft):
    draft = make_draft()
    sent = {"files": SimpleUploadedFile("b.csv", b"x"), "folder": "../up"}
    answer = client.post(reverse("draft-files", args=[draft.pk]), sent, follow=True)
    assert any("path inside the draft" in told for told in notices(answer))
    assert not draft.files.filter(path__endswith="b.csv").exists()


def test_file_taken_out_in_another_window_is_no_error(client, make_draft):
    draft = make_draft(TITLE)
    address = reverse("draft-files", args=[draft.pk])
    for _window in range(2):
        answer = client.post(address, {"remove": "README.md"}, follow=True)
    assert answer.status_code == 200
    assert "README.md was taken out already." in answer.content.decode()


def taken_out(client, draft, hanako):
    """A draft of one variable, whose file was then taken out."""
    services.edit_field(draft=draft, field="variables", value=[VARIABLE], by=person(hanako), at_version=draft.version)
    return client.post(reverse("draft-files", args=[draft.pk]), {"remove": "README.md"}, follow=True)


def test_file_taken_out_is_told_with_what_went_along_and_undone(client, make_draft, hanako):
    draft = make_draft()
    page = page_of(taken_out(client, draft, hanako))
    words = page.xpath("normalize-space(//*[@role='status']/p)")
    assert words == "README.md was taken out. 1 variable that was read from it went with it."
    version = page.xpath("string(//form[.//button[@name='undo']]//input[@name='at_version']/@value)")
    undone = client.post(reverse("draft-files", args=[draft.pk]), {"undo": "1", "at_version": version}, follow=True)
    assert notices(undone)[0] == "README.md is back as it was."
    draft.refresh_from_db()
    assert (draft.files.get().path, draft.metadata["variables"][0]["name"]) == ("README.md", "sst")


def test_undo_of_files_comes_too_late_after_another_change(client, make_draft, hanako):
    draft = make_draft(TITLE)
    taken_out(client, draft, hanako)
    late = client.post(reverse("draft-files", args=[draft.pk]), {"undo": "1", "at_version": draft.version}, follow=True)
    assert "Somebody changed this draft" in notices(late)[0]
    assert draft.files.count() == 0


def test_files_that_no_reading_has_seen_are_told_with_a_button(client, make_draft):
    draft = make_draft(TITLE)
    client.post(reverse("draft-files", args=[draft.pk]), {"files": SimpleUploadedFile("b.csv", b"x\n1\n")})
    for name in ("draft-files", "draft-review", "draft-publish"):
        page = page_of(client.get(reverse(name, args=[draft.pk])))
        again = page.xpath(
            "//*[contains(@class, 'notice-warning')][contains(., 'has not been read since')]//form/@action"
        )
        assert again == [reverse("draft-read-again", args=[draft.pk])]


def test_variables_of_a_file_that_is_not_here_are_told(client, make_draft, hanako):
    draft = make_draft()
    value = [{"name": "x", "file": "lost.csv"}]
    services.edit_field(draft=draft, field="variables", value=value, by=person(hanako), at_version=draft.version)
    page = page_of(client.get(reverse("draft-publish", args=[draft.pk])))
    assert page.xpath("string(//*[contains(@class, 'notice-warning')]//bdi)") == "lost.csv"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("jpg\u202egpj.exe", "changes the direction of writing"),
        ("\u05d0\u200f.csv", "changes the direction of writing"),
        ("line%0Abreak.csv", "holds a line break"),
        ("x" * 300, "The name is too long"),
        ("../up.csv", "without empty parts, . or .. in it"),
    ],
)
def test_name_that_cannot_be_kept_is_refused_not_changed(client, make_draft, name, why):
    draft = make_draft()
    address = reverse("draft-files", args=[draft.pk])
    told = notices(form_of(client, (name, b"x"), ("good.csv", b"x\n1\n"), address=address))
    assert told[0] == "1 file was added."
    assert why in told[1]
    assert [file.path for file in draft.files.all()] == ["README.md", "good.csv"]


@pytest.mark.parametrize("name", ["a&amp;b.csv", "quote%22d.csv", "データ.csv"])
def test_name_that_can_be_kept_is_kept_to_the_letter(client, make_draft, name):
    draft = make_draft()
    form_of(client, (name, b"x\n1\n"), address=reverse("draft-files", args=[draft.pk]))
    sent = name.replace("%22", '"')
    assert draft.files.exclude(path="README.md").get().path == sent


def test_file_in_the_place_of_another_is_told_and_undone(client, make_draft):
    draft = make_draft()
    address = reverse("draft-files", args=[draft.pk])
    response = form_of(client, ("README.md", b"# Another\n"), address=address)
    assert notices(response)[:2] == [
        "README.md was here already: the new one took its place.",
        "README.md was replaced.",
    ]
    draft.refresh_from_db()
    client.post(address, {"undo": "1", "at_version": draft.version})
    assert draft.files.get().size == len(b"# Sea surface temperature\n\nby Yamada, Hanako\n")
    again = form_of(client, ("README.md", b"# Sea surface temperature\n\nby Yamada, Hanako\n"), address=address)
    assert notices(again)[1] == "These files are here already. Nothing was changed."


@pytest.mark.parametrize("number", [1, 3])
def test_files_page_asks_a_fixed_number_of_queries(client, make_draft, hanako, django_assert_num_queries, number):
    draft = make_draft(*PROPOSALS)
    for n in range(number):
        services.put_file(draft=draft, path=f"{n}.csv", content=b"1", by=person(hanako))
    with django_assert_num_queries(16):
        client.get(reverse("draft-files", args=[draft.pk]))


def test_format_in_pronom_is_shown_on_the_file_of_a_draft_and_of_its_record(client, make_draft, hanako):
    draft, by = make_draft(), person(hanako)
    file = draft.files.get()
    found = {"puid": "fmt/1149", "name": "Markdown", "version": "", "by": "extension", "conflict": []}
    address = reverse("draft-files", args=[draft.pk])
    draft.files.update(pronom={**found, "of": "0" * 64})  # of other bytes
    assert "fmt/1149" not in client.get(address).content.decode()
    draft.files.update(pronom={**found, "of": file.sha256})
    link = page_of(client.get(address)).cssselect(".draft-files a.nowrap")[0]
    assert (link.text, link.get("href")) == ("PRONOM fmt/1149", "https://www.nationalarchives.gov.uk/pronom/fmt/1149")
    told = {"puid": "fmt/1149", "pronom_format": "Markdown", "pronom_version": None}
    assert client.get(f"/api/drafts/{draft.pk}/files").json()["items"][0].items() >= told.items()
    needed = {
        "titles": [{"text": "Buoys"}],
        "creators": [{"name": "Yamada, Hanako"}],
        "descriptions": [{"text": "What it is."}],
        "rights": [{"id": "CC0-1.0"}],
    }
    for field, value in needed.items():
        services.edit_field(draft=draft, field=field, value=value, by=by, at_version=draft.version)
    record = services.publish(draft=draft, by=by, at_version=draft.version)
    for shown in (f"/records/{record.pk}", f"/records/{record.pk}/files"):
        words = " ".join(page_of(client.get(shown)).cssselect(".files summary")[0].text_content().split())
        assert words.endswith("Markdown (PRONOM fmt/1149)")
    assert client.get(f"/api/records/{record.pk}/files").json()["items"][0].items() >= told.items()
