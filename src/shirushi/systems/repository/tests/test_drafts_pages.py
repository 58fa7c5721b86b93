"""The pages of those who make records: what they show, what they refuse, and how few queries they need."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from shirushi.accounts.actors import person
from shirushi.accounts.models import Membership, Role, Space, User
from shirushi.core import services
from shirushi.core.home import home as current_home
from shirushi.core.models import DescribeRun, Draft
from shirushi.describe.description import Description
from shirushi.describe.evidence import Evidence, LinePlace
from shirushi.describe.evidence import Suggestion as Proposal
from shirushi.systems.repository.views_drafts import seconds_left


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path):
    """A home that no other test sees; jobs wait in the database."""
    settings.SHIRUSHI_HOME = tmp_path / "home"
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "asking"]}}
    current_home().make_folders()


@pytest.fixture
def space(db):
    return Space.objects.create(slug="uni", name_en="Example University", name_ja="例大学")


@pytest.fixture
def hanako(space):
    user = User.objects.create_user("hanako@example.org", None, name="Hanako")
    Membership.objects.create(space=space, user=user, role=Role.DEPOSITOR)
    return user


@pytest.fixture
def client(client, hanako):
    client.force_login(hanako)
    client.cookies["shirushi_language"] = "en"
    return client


def proposal(target, value, confidence=0.95, *, line=1, **more):
    place = LinePlace("README.md", line, line, quote="what stands there")
    evidence = (Evidence("heading", {"text": "x", "level": 1}, place, "markdown/1"),)
    return Proposal(target, value, confidence, evidence, f"{target.split('/')[1]}.test", "1", **more)


TITLE = proposal("/titles/-", {"text": "Sea surface temperature"}, 0.97)
PROPOSALS = [
    TITLE,
    proposal("/titles/-", {"text": "Buoys"}, 0.4, order=1, alternative=True),
    proposal("/creators/-", {"name": "Yamada, Hanako"}, 0.8, line=3),
    proposal("/rights/-", {"id": "CC-BY-4.0"}, 0.5),
]


@pytest.fixture
def make_draft(space, hanako):
    def make(*proposals, name="buoys"):
        actor = person(hanako)
        draft = services.create_draft(space=space, by=actor, name=name)
        readme = b"# Sea surface temperature\n\nby Yamada, Hanako\n"
        services.put_file(draft=draft, path="README.md", content=readme, by=actor)
        run = services.start_describing(draft=draft, by=actor)
        services.save_description(run=run, description=Description(name, suggestions=list(proposals), file_count=1))
        draft.refresh_from_db()
        return draft

    return make


def page_of(response):
    return html.document_fromstring(response.content.decode())


def decide(client, draft, action="accept", field="titles", at_version=None, **headers):
    suggestion = draft.suggestions.filter(field=field, state="open").first()
    data = {"suggestion": suggestion.pk, "action": action, "at_version": at_version or draft.version}
    return client.post(reverse("draft-decide", args=[draft.pk]), data, headers=headers)


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


def test_many_suggestions_of_a_field_are_accepted_together_and_those_of_others_stay(client, make_draft):
    words = [proposal("/subjects/-", {"text": f"word {n}"}, order=n) for n in range(4)]
    draft = make_draft(TITLE, *words)
    page = page_of(client.get(reverse("draft-review", args=[draft.pk])))
    (form,) = page.xpath("//section[@id='field-subjects']//form[.//input[@name='field']]")
    assert form.xpath("string(.//button)") == "Accept the 4 sure or likely here"
    assert page.xpath("//section[@id='field-titles']//form[.//input[@name='field']]") == []
    sent = {"above": "likely", "at_version": draft.version, "field": "subjects"}
    client.post(form.get("action"), sent)
    draft.refresh_from_db()
    assert len(draft.metadata["subjects"]) == 4
    assert "titles" not in draft.metadata
    assert client.post(form.get("action"), {**sent, "field": "nonsense"}).status_code == 404


def test_review_says_what_is_missing_and_why(client, make_draft):
    page = page_of(client.get(reverse("draft-review", args=[make_draft(TITLE).pk])))
    lines = {item.xpath("string(a)"): item.xpath("string(span)") for item in page.xpath("//header//li")}
    assert lines["Creators"] == "Credit goes to those named here."
    title = page.xpath("//header//li[a='Title']")[0]
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
        with django_assert_num_queries(16):
            client.get(reverse("draft-review", args=[draft.pk]))


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_drafts_asks_a_fixed_number_of_queries(client, make_draft, django_assert_num_queries, number):
    for n in range(number):
        make_draft(*PROPOSALS, name=f"folder {n}")
    with django_assert_num_queries(7):
        page = page_of(client.get(reverse("drafts")))
    assert len(page.xpath("//article")) == number
    assert "4 suggestions to decide" in page.xpath("string(//article)")


def test_decision_without_scripts_leads_back_to_its_field(client, make_draft):
    draft = make_draft(*PROPOSALS)
    response = decide(client, draft)
    assert (response.status_code, response.url) == (302, f"/drafts/{draft.pk}#field-titles")
    draft.refresh_from_db()
    assert draft.metadata["titles"] == [{"text": "Sea surface temperature"}]


def test_decision_by_htmx_gives_the_left_side_at_its_new_version(client, make_draft):
    draft = make_draft(*PROPOSALS)
    response = decide(client, draft, "reject", **{"HX-Request": "true"})
    fragment, news = html.fragments_fromstring(response.content.decode())
    assert (fragment.get("id"), news.get("id"), news.text_content().strip()) == ("review", "news", "")
    assert set(fragment.xpath("//input[@name='at_version']/@value")) == {str(draft.version + 1)}


def test_decision_on_an_old_version_changes_nothing_and_says_so(client, make_draft):
    draft = make_draft(*PROPOSALS)
    version = draft.version
    decide(client, draft, "reject")
    late = decide(client, draft, "accept", field="creators", at_version=version)
    assert late.status_code == 409
    assert "Somebody changed this draft" in page_of(late).xpath("string(//*[@role='alert'])")
    draft.refresh_from_db()
    assert draft.metadata.get("creators") is None


def test_news_by_htmx_is_put_where_the_person_is_looking(client, make_draft):
    draft = make_draft(*PROPOSALS)
    version = draft.version
    decide(client, draft, "reject")
    late = decide(client, draft, "accept", field="creators", at_version=version, **{"HX-Request": "true"})
    review, news = html.fragments_fromstring(late.content.decode())
    assert (late.status_code, news.get("id"), news.get("hx-swap-oob")) == (200, "news", "innerHTML")
    told = news.xpath("string(.//*[@role='alert'])")
    assert "You now see the draft as it is" in told
    assert "Reload" not in told
    assert review.xpath(".//*[@role='alert']") == []


def test_undo_is_offered_only_while_there_is_something_to_undo(client, make_draft):
    draft = make_draft(*PROPOSALS)
    address = reverse("draft-review", args=[draft.pk])
    button = "//form[@data-undo]/button"
    assert page_of(client.get(address)).xpath(f"{button}/@disabled") == ["disabled"]
    decide(client, draft)
    assert page_of(client.get(address)).xpath(f"{button}/@disabled") == []


def test_nothing_to_undo_is_said_as_no_fault(client, make_draft):
    draft = make_draft(*PROPOSALS)
    data, headers = {"at_version": draft.version}, {"HX-Request": "true"}
    answer = client.post(reverse("draft-undo", args=[draft.pk]), data, headers=headers)
    _review, news = html.fragments_fromstring(answer.content.decode())
    assert news.xpath("string(.//*[@role='status']/p)") == "There is nothing left to undo."
    assert news.xpath(".//*[@role='alert']") == []


def test_review_says_how_fair_the_draft_is_and_what_would_raise_it(client, make_draft):
    draft = make_draft(*PROPOSALS)
    page = page_of(client.get(reverse("draft-review", args=[draft.pk])))
    assert page.xpath("normalize-space(//*[contains(@class, 'fair')]/summary)") == (
        "FAIR: 3 of 13 points Findable 1/4 · Accessible 1/2 · Interoperable 1/2 · Reusable 0/5"
    )
    wanted = page.xpath("//*[contains(@class, 'fair')]/ul[1]/li")
    assert len(wanted) == 10
    for target in page.xpath("//*[contains(@class, 'fair')]/ul[1]//a/@href"):
        assert page.xpath(f"//*[@id='{target.removeprefix('#')}']")


@pytest.mark.parametrize(("lang", "shown"), [("ja", ["ja"]), ("en", []), (None, [])])
def test_title_names_its_language_where_it_is_another(client, make_draft, lang, shown):
    title = {"text": "相模湾の海面水温"} | ({"lang": lang} if lang else {})
    draft = make_draft(proposal("/titles/-", title))
    decide(client, draft)
    assert page_of(client.get(reverse("draft-review", args=[draft.pk]))).xpath("//h1/@lang") == shown


@pytest.mark.parametrize("wanted", ["", "abc", "-1", "9" * 30, "999999"])
def test_decision_on_no_suggestion_is_not_found(client, make_draft, wanted):
    draft = make_draft(*PROPOSALS)
    data = {"suggestion": wanted, "action": "accept", "at_version": draft.version}
    assert client.post(reverse("draft-decide", args=[draft.pk]), data).status_code == 404


def test_accept_all_above_is_undone_together(client, make_draft):
    draft = make_draft(*PROPOSALS)
    client.post(reverse("draft-accept-all", args=[draft.pk]), {"above": "likely", "at_version": draft.version})
    draft.refresh_from_db()
    assert (len(draft.metadata["titles"]), len(draft.metadata["creators"])) == (1, 1)
    client.post(reverse("draft-undo", args=[draft.pk]), {"at_version": draft.version})
    draft.refresh_from_db()
    assert (draft.metadata.get("titles"), draft.metadata.get("creators")) == (None, None)
    again = client.post(reverse("draft-undo", args=[draft.pk]), {"at_version": draft.version}, follow=True)
    assert "nothing left to undo" in again.content.decode()


def test_edit_of_a_suggestion_takes_it_with_the_change(client, make_draft):
    draft = make_draft(*PROPOSALS)
    suggestion = draft.suggestions.get(field="creators")
    address = reverse("draft-edit", args=[draft.pk, "creators"])
    form = page_of(client.get(address, {"suggestion": suggestion.pk}))
    assert form.xpath("string(//input[@name='/creators/0/name']/@value)") == "Yamada, Hanako"
    data = {"suggestion": suggestion.pk, "at_version": draft.version, "/creators/0/name": "Yamada, H."}
    assert client.post(address, data).status_code == 302
    suggestion.refresh_from_db()
    draft.refresh_from_db()
    assert (suggestion.state, draft.metadata["creators"][0]["name"]) == ("edited", "Yamada, H.")


def test_edit_keeps_what_was_typed_when_it_is_wrong_or_late(client, make_draft):
    draft = make_draft()
    address = reverse("draft-edit", args=[draft.pk, "publication_date"])
    wrong = client.post(address, {"at_version": draft.version, "/publication_date": "last week"})
    assert wrong.status_code == 422
    assert page_of(wrong).xpath("string(//input[@name='/publication_date']/@value)") == "last week"
    late = client.post(address, {"at_version": draft.version - 1, "/publication_date": "2026-11-23"})
    assert late.status_code == 409
    assert page_of(late).xpath("string(//input[@name='/publication_date']/@value)") == "2026-11-23"
    assert page_of(late).xpath("string(//input[@name='at_version']/@value)") == str(draft.version)


def test_edit_of_an_empty_list_opens_with_an_entry_to_type_into(client, make_draft):
    draft = make_draft()
    address = reverse("draft-edit", args=[draft.pk, "creators"])
    form = page_of(client.get(address))
    assert form.xpath("//input[@name='/creators/0/name']/@autofocus") == [""]
    assert form.xpath("//*[@name='/creators/1/name']") == []
    assert client.post(address, {"at_version": draft.version, "/creators/0/name": ""}).status_code == 302


def test_edit_keeps_the_version_that_was_seen_when_the_form_is_drawn_again(client, make_draft, hanako):
    draft = make_draft()
    services.edit_field(draft=draft, field="version", value="2", by=person(hanako), at_version=draft.version)
    address = reverse("draft-edit", args=[draft.pk, "creators"])
    typed = {"at_version": draft.version - 1, "/creators/0/name": "Yamada"}
    again = page_of(client.post(address, typed | {"_add": "/creators"}))
    assert again.xpath("string(//input[@name='at_version']/@value)") == str(draft.version - 1)


def test_edit_puts_back_what_was_typed_and_says_that_it_is_not_saved(client, make_draft):
    draft = make_draft()
    address = reverse("draft-edit", args=[draft.pk, "creators"])
    typed = {"at_version": draft.version, "/creators/0/name": "Yamada", "/creators/1/name": "鈴木", "_put_back": "1"}
    page = page_of(client.post(address, typed))
    assert page.xpath("//input[contains(@name, '/name') and @type='text']/@value")[:2] == ["Yamada", "鈴木"]
    assert "It is not saved yet." in page.text_content()
    assert page.xpath("//form[@data-typed]/@data-keep") == [f"{draft.pk}/creators"]
    draft.refresh_from_db()
    assert "creators" not in draft.metadata


def test_edit_of_a_suggestion_says_what_was_saved_so_that_it_is_no_longer_kept(client, make_draft):
    draft = make_draft(*PROPOSALS)
    suggestion = draft.suggestions.get(field="creators")
    address = f"{reverse('draft-edit', args=[draft.pk, 'creators'])}?suggestion={suggestion.pk}"
    form = page_of(client.get(address)).xpath("//form[@data-keep]")[0]
    assert (form.get("action"), form.get("data-keep")) == (address, f"{draft.pk}/creators/{suggestion.pk}")
    data = {"suggestion": suggestion.pk, "at_version": draft.version, "/creators/0/name": "Yamada, H."}
    page = page_of(client.post(address, data, follow=True))
    assert page.xpath("//*[@data-saved]/@data-saved") == [form.get("data-keep")]
    assert "Saved: Creators" in page.xpath("string(//*[@data-saved])")


def test_edit_of_a_field_that_does_not_exist_is_not_found(client, make_draft):
    assert client.get(reverse("draft-edit", args=[make_draft().pk, "colour"])).status_code == 404


def test_place_alone_is_the_viewer_and_without_scripts_the_whole_page(client, make_draft):
    draft = make_draft(*PROPOSALS)
    suggestion = draft.suggestions.get(field="creators")
    address = reverse("draft-place", args=[draft.pk, suggestion.pk])
    alone = html.fragment_fromstring(client.get(address, headers={"HX-Request": "true"}).content.decode())
    assert alone.xpath("string(//*[@class='is-marked'])") == "3by Yamada, Hanako"
    whole = client.get(address, follow=True)
    assert whole.redirect_chain == [(f"/drafts/{draft.pk}?s={suggestion.pk}#viewer", 302)]
    assert page_of(whole).xpath("string(//*[@id='viewer']//*[@class='is-marked'])") == "3by Yamada, Hanako"


def test_draft_of_somebody_else_does_not_exist_for_me(client, make_draft, space):
    draft = make_draft(*PROPOSALS)
    other = User.objects.create_user("taro@example.org", None, name="Taro")
    Membership.objects.create(space=space, user=other, role=Role.DEPOSITOR)
    client.force_login(other)
    for name in ("draft-review", "draft-reading", "draft-files", "draft-publish"):
        assert client.get(reverse(name, args=[draft.pk])).status_code == 404
    assert decide(client, draft).status_code == 404


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


def test_files_are_added_and_taken_out(client, make_draft):
    draft = make_draft()
    address = reverse("draft-files", args=[draft.pk])
    client.post(address, {"files": SimpleUploadedFile("b.csv", b"x\n1\n")})
    client.post(address, {"remove": "README.md"})
    assert [file.path for file in draft.files.all()] == ["b.csv"]


def test_draft_put_away_is_taken_up_again(client, make_draft):
    draft = make_draft(*PROPOSALS)
    address = reverse("draft-discard", args=[draft.pk])
    assert client.post(address).url == address
    assert "was put away" in client.get(address).content.decode()
    assert "This draft was put away." in client.get(reverse("draft-review", args=[draft.pk])).content.decode()
    client.post(address, {"restore": "1"})
    draft.refresh_from_db()
    assert draft.state == "open"
    assert client.get(address).url == reverse("draft-review", args=[draft.pk])


@pytest.mark.parametrize("name", ["decide", "accept-all", "undo", "read-again"])
def test_address_that_only_takes_forms_leads_to_the_draft(client, make_draft, name):
    draft = make_draft()
    assert client.get(reverse(f"draft-{name}", args=[draft.pk])).url == reverse("draft-review", args=[draft.pk])


def test_session_that_is_over_asks_htmx_to_sign_in_and_come_back(client, make_draft):
    draft = make_draft(*PROPOSALS)
    client.logout()
    here = reverse("draft-review", args=[draft.pk])
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{here}"}
    answers = [
        decide(client, draft, **headers),
        client.post(reverse("draft-accept-all", args=[draft.pk]), headers=headers),
        client.post(reverse("draft-undo", args=[draft.pk]), headers=headers),
        client.get(reverse("draft-place", args=[draft.pk, draft.suggestions.first().pk]), headers=headers),
        client.get(reverse("draft-reading", args=[draft.pk]), headers=headers),
    ]
    assert {answer.headers.get("HX-Redirect") for answer in answers} == {f"/sign-in?next={here}"}


def test_no_page_of_drafts_is_shown_to_a_stranger(client, make_draft):
    draft = make_draft()
    client.logout()
    for name, args in (("drop", []), ("drafts", []), ("draft-review", [draft.pk])):
        response = client.get(reverse(name, args=args))
        assert (response.status_code, response.url.partition("?")[0]) == (302, reverse("sign-in"))


# -- files: names, what goes with them, what no reading has seen

FORM = "multipart/form-data; boundary=here"


def form_of(client, *named, address):
    """Sends files under names exactly as a browser writes them, which the test client would clean."""
    parts = [
        f'--here\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, content in named
    ]
    return client.post(address, b"".join(parts) + b"--here--\r\n", content_type=FORM, follow=True)


def notices(response):
    return [text.strip() for text in page_of(response).xpath("//*[starts-with(@class, 'notice')]/p/text()")]


VARIABLE = {"name": "sst", "file": "README.md"}


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


@pytest.mark.parametrize("name", ["back\\\\slash.csv", "a&amp;b.csv", "quote%22d.csv", "データ.csv"])
def test_name_that_can_be_kept_is_kept_to_the_letter(client, make_draft, name):
    draft = make_draft()
    form_of(client, (name, b"x\n1\n"), address=reverse("draft-files", args=[draft.pk]))
    sent = name.replace("\\\\", "\\").replace("%22", '"')
    assert draft.files.exclude(path="README.md").get().path == sent


def test_several_files_of_one_name_are_refused(client, hanako):
    told = notices(form_of(client, ("a.csv", b"1"), ("a.csv", b"2"), ("b.csv", b"3"), address=reverse("drop")))
    draft = hanako.drafts.get()
    assert [file.path for file in draft.files.all()] == ["b.csv"]
    assert told[0].startswith("a.csv: 2 files have this name")


def test_drop_of_nothing_but_refused_files_makes_no_draft(client, hanako):
    told = notices(form_of(client, ("../up.csv", b"1"), address=reverse("drop")))
    assert (hanako.drafts.count(), len(told)) == (0, 1)


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


def test_form_without_its_token_is_refused(hanako, make_draft):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(hanako)
    for address in (reverse("drop"), reverse("draft-files", args=[make_draft().pk])):
        assert form_of(strict, ("a.csv", b"1"), address=address).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_files_page_asks_a_fixed_number_of_queries(client, make_draft, hanako, django_assert_num_queries, number):
    draft = make_draft(*PROPOSALS)
    for n in range(number):
        services.put_file(draft=draft, path=f"{n}.csv", content=b"1", by=person(hanako))
    with django_assert_num_queries(12):
        client.get(reverse("draft-files", args=[draft.pk]))


def test_name_of_a_draft_cannot_disturb_the_page(client, make_draft):
    draft = make_draft(name="sea\u202etxt\nfolder")
    assert draft.name == "seatxt folder"
    draft.metadata["titles"] = [{"text": "sea \u202etxt"}]
    draft.save()
    for name, args in (("drafts", []), ("home", []), ("draft-review", [draft.pk]), ("draft-files", [draft.pk])):
        text = client.get(reverse(name, args=args)).content.decode()
        assert "\u202e" not in text
        assert "<bdi>sea \\u202etxt</bdi>" in text


def test_drafts_put_away_are_listed_and_taken_up_again(client, make_draft):
    kept, away = make_draft(name="kept"), make_draft(name="away")
    client.post(reverse("draft-discard", args=[away.pk]))
    assert page_of(client.get(reverse("drafts"))).xpath("//article//h2/a/bdi/text()") == ["kept"]
    page = page_of(client.get(reverse("drafts"), {"state": "discarded"}))
    assert page.xpath("//article//h2/a/bdi/text()") == ["away"]
    form = page.xpath("//article//form")[0]
    client.post(form.get("action"), {"restore": form.xpath("string(.//button/@value)")})
    assert {draft.pk for draft in (kept, away)} == set(Draft.objects.filter(state="open").values_list("pk", flat=True))


# -- reading


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


def test_field_kept_blank_shows_its_suggestions_when_asked(client, hanako, space, settings):
    settings.SHIRUSHI_BLANK_SHARE = 1.0
    draft = services.create_draft(space=space, by=person(hanako), name="x")
    services.put_file(draft=draft, path="README.md", content=b"# Sea\n", by=person(hanako))
    run = services.start_describing(draft=draft, by=person(hanako), blank=1.0)
    services.save_description(run=run, description=Description("x", suggestions=[TITLE], file_count=1))
    address = reverse("draft-review", args=[draft.pk])
    page = client.get(address).content.decode()
    assert "what stands there" not in page
    assert "keep our suggestions back" in page
    (button,) = html.fromstring(page).xpath("//form[contains(@action, '/show/titles')]//button")
    assert button.get("aria-describedby") == "label-titles"
    assert "split" not in button.xpath("ancestor::div[1]/@class")[0]  # beside the text it is a letter wide
    draft.refresh_from_db()
    answer = client.post(
        reverse("draft-show-held", args=[draft.pk, "titles"]), {"at_version": draft.version}, follow=True
    )
    assert "what stands there" in answer.content.decode()
    assert "keep our suggestions back" not in answer.content.decode()
    assert client.post(reverse("draft-show-held", args=[draft.pk, "nothing"]), {"at_version": 1}).status_code == 404


def test_automatic_accepting_is_offered_only_when_proven(client, make_draft, settings):
    draft = make_draft(TITLE)
    from shirushi.core import ranking

    address = reverse("draft-review", args=[draft.pk])
    assert "automatically" not in client.get(address).content.decode()
    proof = {"threshold": 0.95, "judged": 300, "wrong": 2, "bound": 0.03, "field": "titles"}
    other = {"threshold": 0.5, "judged": 300, "wrong": 90, "bound": 0.4, "field": "creators"}
    ranking.write(
        "ranking", {"proofs": [other, proof], "model": {"methods": {}, "weights": {}, "prior": {}, "winner": {}}}
    )
    page = client.get(address).content.decode()
    assert "Accept 1 automatically" in page
    assert "at most 5\u00a0% of values so sure are wrong" in page
    draft.refresh_from_db()
    client.post(reverse("draft-accept-all", args=[draft.pk]), {"at_version": draft.version, "above": "safe"})
    draft.refresh_from_db()
    assert draft.metadata["titles"] == [{"text": "Sea surface temperature"}]
    settings.SHIRUSHI_ACCEPT_ERROR = 0.01
    assert "automatically" not in client.get(address).content.decode()


def test_format_in_pronom_is_shown_on_the_file_of_a_draft_and_of_its_record(client, make_draft, hanako):
    draft, by = make_draft(), person(hanako)
    file = draft.files.get()
    found = {"puid": "fmt/1149", "name": "Markdown", "version": "", "by": "extension", "conflict": []}
    address = reverse("draft-files", args=[draft.pk])
    draft.files.update(pronom={**found, "of": "0" * 64})  # of other bytes
    assert "fmt/1149" not in client.get(address).content.decode()
    draft.files.update(pronom={**found, "of": file.sha256})
    link = page_of(client.get(address)).cssselect(".draft-files a")[0]
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
