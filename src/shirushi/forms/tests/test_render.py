"""The page a form makes: every input has a label, every text its two languages, and nothing typed becomes markup."""

import re

from lxml import html
from pydantic import BaseModel

from shirushi.forms import FormDefinition, render, work_form
from shirushi.forms.definition import DIALECT, resolved
from shirushi.forms.render import render_choices
from shirushi.forms.validate import FormError
from shirushi.metadata.fields import Text2
from shirushi.metadata.labels import term_label
from shirushi.metadata.work import Work

FULL = {
    "titles": [{"text": "海面水温", "lang": "ja"}],
    "creators": [{"name": "山田 花子", "affiliations": [{"name": "東京大学"}]}],
    "locations": [{"box": {"west": 139.1, "south": 34.9, "east": 139.7, "north": 35.3}}],
    "languages": ["ja"],
    "variables": [{"name": "sst", "sampled": True}],
}


def full_page(lang="en"):
    return html.document_fromstring(render(work_form(), Work.model_validate(FULL).model_dump(mode="json"), lang=lang))


def test_every_input_has_a_label_and_its_descriptions_exist():
    page = full_page()
    ids = [element.get("id") for element in page.xpath("//*[@id]")]
    labelled = set(page.xpath("//label/@for"))
    inputs = page.xpath("//input[not(@type='hidden')] | //select | //textarea")
    assert len(ids) == len(set(ids))
    assert {element.get("id") for element in inputs} == labelled
    described = {
        name for element in page.xpath("//*[@aria-describedby]") for name in element.get("aria-describedby").split()
    }
    assert described - set(ids) == set()


def test_every_list_and_entry_is_a_fieldset_with_a_legend():
    page = full_page("ja")
    assert all(fieldset.find("legend") is not None for fieldset in page.iter("fieldset"))
    legends = [legend.text_content().strip() for legend in page.iter("legend")]
    assert legends[:4] == ["タイトル", "タイトル 1", "作成者", "作成者 1"]


def test_summary_of_errors_names_each_field_and_takes_the_focus():
    found = [
        FormError("/creators/1/orcid", Text2("Not an ORCID iD.", "ORCID iDではありません。")),
        FormError("/creators/1/affiliations/0/ror", Text2("Not a ROR.", "RORではありません。")),
        FormError("/publisher/name", Text2("Missing.", "空です。")),
    ]
    data = {"creators": [{"name": "A"}, {"name": "B", "affiliations": [{"name": "C"}]}], "publisher": {}}
    page = html.document_fromstring(render(work_form(), data, errors=found))
    (summary,) = page.find_class("form-errors")
    assert (summary.get("tabindex"), summary.get("autofocus") is not None) == ("-1", True)
    links = {link.text_content(): link.get("href")[1:] for link in summary.iter("a")}
    assert list(links) == [
        "Creator 2 › ORCID iD: Not an ORCID iD.",
        "Creator 2 › Affiliation 1 › ROR: Not a ROR.",
        "Publisher › Name: Missing.",
    ]
    assert all(page.get_element_by_id(target).get("aria-invalid") for target in links.values())


def test_row_buttons_say_what_they_add_and_remove():
    page = full_page()
    buttons = [(b.get("name"), b.get("value"), b.text) for b in page.iter("button")][:4]
    assert buttons == [
        ("_remove", "/titles/0", "Remove title 1"),
        ("_add", "/titles", "Add title"),
        ("_remove", "/creators/0/affiliations/0", "Remove affiliation 1"),
        ("_add", "/creators/0/affiliations", "Add affiliation"),
    ]


def test_japanese_form_has_no_english_words_but_names_of_things():
    words = " ".join(
        full_page("ja").xpath("//label/text() | //legend/text() | //option/text() | //button/text() | //h2/text()")
    )
    english = set(re.findall(r"[A-Za-z]{3,}", words))
    schemes = set(work_form().whole["properties"]["related"]["items"]["properties"]["scheme"]["enum"])
    assert english - schemes <= {"ORCID", "ROR"}


def test_every_term_of_every_list_has_a_japanese_label():
    terms = set(_enums(work_form().whole))
    schemes = set(work_form().whole["properties"]["related"]["items"]["properties"]["scheme"]["enum"])
    assert sorted(term for term in terms - schemes if term_label(term).ja == term) == []


def _enums(node):
    if isinstance(node, dict):
        if "enum" in node:
            yield from node["enum"]
        for child in node.values():
            yield from _enums(child)


def test_what_was_typed_never_becomes_markup():
    page = render(work_form().at("/titles/0"), {"text": '"><script>alert(1)</script>', "lang": "</textarea>"})
    assert "<script>" not in page
    assert "</textarea>" not in page


def test_term_that_is_not_in_the_list_is_shown_as_it_is():
    page = render(work_form().at("/resource_type"), {"general": "Cake"})
    assert '<option value="Cake" selected>Cake</option>' in page


def test_choices_name_languages_in_the_language_of_the_page():
    assert '<option value="ja" label="日本語">' in render_choices("ja")
    assert '<option value="ja" label="Japanese">' in render_choices("en")


def test_schema_of_a_form_is_of_2020_12_and_has_no_references():
    whole = work_form().whole
    assert whole["$schema"] == DIALECT
    assert "$ref" not in str(whole)
    assert whole["properties"]["publisher"]["required"] == ["name"]


class Telescope(BaseModel):
    aperture: float
    site: str | None = None


def test_form_of_an_operator_needs_no_words_to_work():
    schema = resolved(Telescope.model_json_schema())
    page = render(FormDefinition("telescope", schema, {}), {"aperture": 8.2})
    assert '<label for="f-aperture">aperture <span class="form-required">required</span></label>' in page
    assert 'value="8.2"' in page
