"""The review: what it shows of values, places and files, and how few queries it needs."""

import pytest
from django.urls import reverse
from lxml import html

from shirushi.systems.repository.tests.drafts.made import PROPOSALS, TITLE, decide, page_of, proposal


def test_review_shows_value_confidence_place_and_the_file_opened_there(client, make_draft):
    page = page_of(client.get(reverse("draft-review", args=[make_draft(*PROPOSALS).pk])))
    first = page.xpath("//*[@data-suggestion]")[0]
    assert first.xpath("string(.//*[@class='said']/span)") == "Sea surface temperature"
    assert first.xpath("normalize-space(.//*[contains(@class, 'is-sure')])") == "sure confidence 0.97 0.97"
    assert first.xpath("string(.//a[@data-place])") == "seen in README.md line 1"
    marked = page.xpath("//*[@id='viewer']//*[@class='is-marked']")
    assert [row.text_content() for row in marked] == ["1# Sea surface temperature"]


def test_review_puts_suggestions_that_disagree_side_by_side(client, make_draft):
    page = page_of(client.get(reverse("draft-review", args=[make_draft(*PROPOSALS).pk])))
    assert len(page.xpath("//*[contains(@class, 'side-by-side')]/*[@data-suggestion]")) == 2


def test_head_of_the_review_leads_to_the_first_suggestion_and_to_the_remarks(client, make_draft):
    draft = make_draft(TITLE)
    run = draft.runs.last()
    run.problems = [{"code": "truncated", "file": "a.h5", "message": "", "detail": "5,000 / 9,000 bytes"}]
    run.save()
    page = page_of(client.get(reverse("draft-review", args=[draft.pk])))
    first = page.xpath("//*[@data-suggestion]")[0].get("id")
    assert page.xpath("//header//a[@data-first]/@href") == [f"#{first}"]
    (remarks,) = page.xpath("//details/*[@id='remarks']")  # inside, so that a browser opens what the link leads to
    assert page.xpath("//header//a[@href='#remarks']/text()") == ["1 remark on the files"]
    assert "cut off: its end is missing. (5,000 / 9,000 bytes) Copy or download it again" in remarks.text_content()


GAPS = "//header//li[not(ancestor::*[@id='fair'])]"


def test_review_says_what_is_missing_and_why(client, make_draft):
    page = page_of(client.get(reverse("draft-review", args=[make_draft(TITLE).pk])))
    lines = {item.xpath("string(a)"): item.xpath("string(span)") for item in page.xpath(GAPS)}
    assert lines["Creators"] == "Credit goes to those named here."
    title = page.xpath(f"{GAPS}[a='Title']")[0]
    assert [span.text for span in title.xpath("span")] == [
        "Without a title nobody can find or cite it.",
        "1 suggestion waits.",
    ]


def test_review_where_nothing_was_found_says_so_and_offers_the_form(client, make_draft):
    response = client.get(reverse("draft-review", args=[make_draft().pk]))
    assert "We read the files and found nothing to propose." in response.content.decode()
    assert len(page_of(response).xpath("//a[contains(@aria-label, 'Fill in by hand')]")) >= 10


def test_review_asks_as_few_queries_for_many_suggestions_as_for_one(client, make_draft, django_assert_num_queries):
    many = [proposal("/subjects/-", {"text": f"word {n}"}, order=n) for n in range(30)]
    for draft in (make_draft(TITLE), make_draft(*PROPOSALS, *many)):
        client.get(reverse("draft-review", args=[draft.pk]))
        with django_assert_num_queries(15):
            client.get(reverse("draft-review", args=[draft.pk]))


def test_review_says_how_fair_the_draft_will_be_and_leads_to_the_fields_that_raise_it(client, make_draft):
    draft = make_draft(*PROPOSALS)
    page = page_of(client.get(reverse("draft-review", args=[draft.pk])))
    assert page.xpath("normalize-space(//*[@id='fair']/summary)") == (
        "FAIR score: 71.15 % 18.5 of 26 points · Findable 4.5/7 · Accessible 7/7 · Interoperable 2/6 · Reusable 5/6"
    )
    wishes = page.xpath("//*[contains(@class, 'fair-wishes')]//a/@href")
    assert "#field-rights" in wishes
    for target in wishes:
        assert page.xpath(f"//*[@id='{target.removeprefix('#')}' and @tabindex='-1']"), target
    assert len(page.xpath("//table[contains(@class, 'fair-table')]//th[@scope='row']")) == 17


@pytest.mark.parametrize(("lang", "shown"), [("ja", ["ja"]), ("en", []), (None, [])])
def test_title_names_its_language_where_it_is_another(client, make_draft, lang, shown):
    title = {"text": "相模湾の海面水温"} | ({"lang": lang} if lang else {})
    draft = make_draft(proposal("/titles/-", title))
    decide(client, draft)
    assert page_of(client.get(reverse("draft-review", args=[draft.pk]))).xpath("//h1/@lang") == shown


def test_place_alone_is_the_viewer_and_without_scripts_the_whole_page(client, make_draft):
    draft = make_draft(*PROPOSALS)
    suggestion = draft.suggestions.get(field="creators")
    address = reverse("draft-place", args=[draft.pk, suggestion.pk])
    alone = html.fragment_fromstring(client.get(address, headers={"HX-Request": "true"}).content.decode())
    assert alone.xpath("string(//*[@class='is-marked'])") == "3by Yamada, Hanako"
    whole = client.get(address, follow=True)
    assert whole.redirect_chain == [(f"/drafts/{draft.pk}?s={suggestion.pk}#viewer", 302)]
    assert page_of(whole).xpath("string(//*[@id='viewer']//*[@class='is-marked'])") == "3by Yamada, Hanako"
