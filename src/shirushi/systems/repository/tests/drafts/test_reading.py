"""While the files are read: how far it is, and what was found."""

from django.urls import reverse
from django.utils import timezone
from lxml import html

from shirushi.accounts.actors import person
from shirushi.core import services
from shirushi.core.models import DescribeRun
from shirushi.systems.repository.tests.drafts.made import PROPOSALS, TITLE, page_of
from shirushi.systems.repository.views_drafts import seconds_left


def test_reading_polls_until_it_is_over_and_then_opens_the_review(client, make_draft):
    draft = make_draft(*PROPOSALS)
    address = reverse("draft-reading", args=[draft.pk])
    done = client.get(address, headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == reverse("draft-review", args=[draft.pk])
    draft.runs.update(state="running", done=2, total=9, stage="reading", current_file="data/a.csv")
    running = html.fragment_fromstring(client.get(address, headers={"HX-Request": "true"}).content.decode())
    assert running.get("hx-trigger") == "every 1s"
    assert "data/a.csv" in running.text_content()
    draft.runs.update(state="failed", message="the disk is full")
    failed = html.fragment_fromstring(client.get(address, headers={"HX-Request": "true"}).content.decode())
    assert failed.get("hx-trigger") is None
    assert "the disk is full" in failed.text_content()


def test_seconds_left_follow_from_the_time_so_far():
    began = timezone.now() - timezone.timedelta(seconds=10)
    run = DescribeRun(state="running", done=10, total=30, created_at=began)
    assert seconds_left(run) == 20
    assert seconds_left(DescribeRun(state="running", done=1, total=30, created_at=began)) is None
    assert seconds_left(DescribeRun(state="queued", created_at=began)) is None
    assert seconds_left(None) is None


def test_reading_shows_what_was_found_in_the_latest_files(client, make_draft):
    draft = make_draft()
    seen = [
        {"file": "data/sst.csv", "format": "CSV", "counts": {"column": 2, "table": 1}, "problem": ""},
        {"file": "odd\u202e.pdf", "format": "PDF", "counts": {"document-info": 3}, "problem": "encrypted"},
        {"file": "empty.md", "format": "Markdown", "counts": {}, "problem": ""},
    ]
    began = timezone.now() - timezone.timedelta(seconds=30)
    state = {"state": "running", "stage": "reading", "done": 10, "total": 20, "began_at": began}
    draft.runs.update(**state, seen={"facts": 1234, "files": seen})
    page = page_of(client.get(reverse("draft-reading", args=[draft.pk])))
    lines = [" ".join(item.text_content().split()) for item in page.xpath("//ul[contains(@class, 'seen-files')]/li")]
    assert lines[0] == "data/sst.csv CSV, 2 columns"
    assert lines[1].startswith("odd\\u202e.pdf PDF, 3 facts The file is")
    assert lines[2] == "empty.md Markdown"
    text = page.text_content()
    assert "30 seconds so far" in text
    assert "About 30 seconds left" in text


def test_draft_without_files_leads_to_adding_some(client, hanako, space):
    draft = services.create_draft(space=space, by=person(hanako), name="empty")
    files = reverse("draft-files", args=[draft.pk])
    for name in ("draft-review", "draft-reading"):
        page = page_of(client.get(reverse(name, args=[draft.pk])))
        assert "There are no files in this draft yet." in page.text_content()
        assert files in page.xpath("//main//a[contains(., 'Add the files')]/@href")
        assert page.xpath(f"//form[@action='{reverse('draft-read-again', args=[draft.pk])}']") == []
    answer = client.post(reverse("draft-read-again", args=[draft.pk]), follow=True)
    assert answer.redirect_chain == [(files, 302)]
    assert "There are no files to read yet." in answer.content.decode()


def test_reading_that_stopped_names_the_last_file_and_offers_one_button(client, make_draft):
    draft = make_draft(TITLE)
    draft.runs.update(state="failed", message="x", current_file="data/b.csv")
    again = reverse("draft-read-again", args=[draft.pk])
    for name in ("draft-review", "draft-reading"):
        page = page_of(client.get(reverse(name, args=[draft.pk])))
        assert "The last file that was read: data/b.csv" in " ".join(page.text_content().split())
        assert page.xpath("//form/@action").count(again) == 1
