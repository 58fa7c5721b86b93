"""What is rendered, posted and parsed is the same Work: the one promise that everything else here serves."""

import string

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html

from shirushi.forms import parse, render, validate, work_form
from shirushi.metadata.identifiers import orcid_checksum
from shirushi.metadata.work import Box, Creator, Location, Variable, Work

# What HTML can carry: no control characters (a browser has no way to type them), no lone surrogates. A text area ends
# its lines with CR LF, whatever they ended with before.
TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cn"), include_characters="\n"), min_size=1, max_size=40
)
LINE = TEXT.map(str.strip).filter(bool)


@st.composite
def orcids(draw):
    digits = draw(st.text(string.digits, min_size=15, max_size=15))
    whole = digits + orcid_checksum(digits)
    return "-".join(whole[start : start + 4] for start in range(0, 16, 4))


LANGUAGES = st.sampled_from(["ja", "en", "zh-Hant", "ryu"])
DAYS = st.sampled_from(["2026", "2026-11", "2026-11-23"])
DATES = DAYS | st.sampled_from(["2021-04-01/..", "2020/2021-03"])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
st.register_type_strategy(
    Box,
    st.builds(
        lambda west, east, one, other: Box(west=west, east=east, south=min(one, other), north=max(one, other)),
        st.floats(-180, 180), st.floats(-180, 180), st.floats(-90, 90), st.floats(-90, 90),
    ),
)  # fmt: skip


def maybe(strategy):
    return st.none() | strategy


ROR = st.just("https://ror.org/057zh3y96")
AFFILIATIONS = st.lists(st.fixed_dictionaries({"name": LINE, "ror": maybe(ROR)}), max_size=2)
PERSON = {
    "name": LINE, "name_type": st.sampled_from(["Personal", "Organizational"]), "given_name": maybe(LINE), "orcid": maybe(orcids()),
    "lang": maybe(LANGUAGES), "affiliations": AFFILIATIONS,
}  # fmt: skip
NAMES = st.sampled_from
WORKS = st.fixed_dictionaries(
    {
        "resource_type": st.fixed_dictionaries({"general": NAMES(["Dataset", "Software", "Other"]), "text": maybe(LINE)}),
        "titles": st.lists(st.fixed_dictionaries({"text": LINE, "lang": maybe(LANGUAGES), "type": maybe(st.just("Subtitle"))}), max_size=3),
        "creators": st.lists(st.fixed_dictionaries(PERSON), max_size=3),
        "contributors": st.lists(st.fixed_dictionaries({**PERSON, "role": NAMES(["Other", "DataCurator"])}), max_size=2),
        "publisher": maybe(st.fixed_dictionaries({"name": LINE, "ror": maybe(ROR)})),
        "publication_date": maybe(DAYS),
        "descriptions": st.lists(st.fixed_dictionaries({"text": LINE, "type": NAMES(["Abstract", "Methods"])}), max_size=2),
        "subjects": st.lists(st.fixed_dictionaries({"text": LINE, "code": maybe(LINE)}), max_size=3),
        "dates": st.lists(st.fixed_dictionaries({"date": DATES, "type": NAMES(["Created", "Coverage"])}), max_size=2),
        "languages": st.lists(LANGUAGES, max_size=3),
        "rights": st.lists(st.fixed_dictionaries({"id": NAMES(["CC-BY-4.0", "MIT", "X11"]), "covers": NAMES(["all", "code"])}), max_size=2),
        "version": maybe(LINE),
        "locations": st.lists(
            st.one_of(
                st.builds(Location, place=LINE, box=maybe(st.from_type(Box))), st.builds(Location, box=st.from_type(Box))
            ),
            max_size=2,
        ),
        "funding": st.lists(st.fixed_dictionaries({"funder": LINE, "award": maybe(LINE)}), max_size=2),
        "variables": st.lists(
            st.builds(
                Variable, name=LINE, type=maybe(NAMES(["string", "number"])), minimum=maybe(st.one_of(NUMBERS, TEXT, st.just("12"), st.just(""))),
                maximum=maybe(st.one_of(NUMBERS, LINE)), missing=maybe(st.integers(0, 10**12)), sampled=st.booleans(), description=maybe(LINE),
            ),
            max_size=3,
        ),
        "custom": st.dictionaries(LINE, st.one_of(NUMBERS, LINE, st.lists(LINE, max_size=2)), max_size=2),
    }
).map(Work.model_validate)  # fmt: skip


def press_save(page: str) -> list[tuple[str, str]]:
    """What a browser would post: the successful controls of the form, in order, lines ended by CR LF."""
    root = html.document_fromstring(f"<form>{page}</form>")
    pairs = []
    for control in root.xpath("//input | //select | //textarea"):
        if control.tag == "input" and control.get("type") == "checkbox":
            pairs += [(control.get("name"), control.get("value"))] if control.get("checked") is not None else []
        elif control.tag == "select":
            chosen = control.xpath("option[@selected]") or control.xpath("option")
            pairs.append((control.get("name"), chosen[0].get("value")))
        elif control.tag == "textarea":
            text = (control.text or "").removeprefix("\n")
            pairs.append((control.get("name"), text.replace("\n", "\r\n")))
        else:
            text = control.get("value")
            assert "\n" not in text, "a browser takes line ends out of a one-line input"
            pairs.append((control.get("name"), text))
    return pairs


@given(work=WORKS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
def test_work_rendered_and_posted_unchanged_is_equal(work):
    form = work_form()
    page = render(form, work.model_dump(mode="json"))
    submission = parse(form, press_save(page))
    assert validate(form, submission.data or {}) == []
    assert Work.model_validate(submission.data or {}) == work


def test_creator_posted_alone_keeps_its_affiliations():
    creator = Creator(name="山田 花子", affiliations=[{"name": "東京大学"}, {"name": "海洋研究所"}])
    form = work_form().at("/creators/0")
    page = render(form, creator.model_dump(mode="json"), lang="ja")
    submission = parse(form, press_save(page))
    assert Creator.model_validate(submission.data) == creator
