"""Files dropped: a draft is made of those that can be kept."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from shirushi.systems.repository.tests.drafts.made import form_of, notices, page_of


def test_drop_without_scripts_makes_a_draft_of_the_files(client, hanako):
    files = [SimpleUploadedFile("README.md", b"# A title\n"), SimpleUploadedFile("a.csv", b"x\n1\n")]
    response = client.post(reverse("drop"), {"files": files})
    draft = hanako.drafts.get()
    assert response.url == reverse("draft-reading", args=[draft.pk])
    assert [file.path for file in draft.files.all()] == ["README.md", "a.csv"]
    assert client.get(response.url).status_code == 200


def test_drop_of_nothing_says_what_to_do(client, hanako):
    page = page_of(client.post(reverse("drop"), {}))
    assert "Choose at least one" in page.text_content()
    assert hanako.drafts.count() == 0


def test_several_files_of_one_name_are_refused(client, hanako):
    told = notices(form_of(client, ("a.csv", b"1"), ("a.csv", b"2"), ("b.csv", b"3"), address=reverse("drop")))
    draft = hanako.drafts.get()
    assert [file.path for file in draft.files.all()] == ["b.csv"]
    assert told[0].startswith("a.csv: 2 files have this name")


def test_drop_of_nothing_but_refused_files_makes_no_draft(client, hanako):
    told = notices(form_of(client, ("../up.csv", b"1"), address=reverse("drop")))
    assert (hanako.drafts.count(), len(told)) == (0, 1)
