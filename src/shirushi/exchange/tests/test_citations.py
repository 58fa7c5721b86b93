"""BibTeX, RIS, CSL and the citation as text."""

import json
import re

import pytest
from hypothesis import given, settings

from shirushi.exchange import bibtex, csl, csl_styles, ris
from shirushi.metadata.published import Publication
from shirushi.metadata.work import Creator, ResourceType, Title, Work

KINDS = ["minimal", "titled", "rich", "registered", "unpublished"]
# Item types of CSL 1.0.2, appendix III.
CSL_TYPES = {
    "article", "article-journal", "article-magazine", "article-newspaper", "bill", "book", "broadcast", "chapter", "classic", "collection", "dataset", "document", "entry", "entry-dictionary", "entry-encyclopedia", "event", "figure", "graphic", "hearing", "interview", "legal_case", "legislation", "manuscript", "map", "motion_picture", "musical_score", "pamphlet", "paper-conference", "patent", "performance", "periodical", "personal_communication", "post", "post-weblog", "regulation", "report", "review", "review-book", "software", "song", "speech", "standard", "thesis", "treaty", "webpage",
}  # fmt: skip


def test_bibtex_of_rich_record(made):
    assert bibtex.entry(made.rich) == (
        "@misc{abcd12342026sst,\n"
        "  author = {山田, 花子 and Suzuki, Ichirō and {海洋観測グループ}},\n"
        "  title = {{相模湾の海面水温 2021–2025}},\n"
        "  year = {2026},\n"
        "  month = {11},\n"
        "  publisher = {例大学},\n"
        "  version = {1.2.0},\n"
        "  type = {observational data},\n"
        "  keywords = {海面水温, Oceanography, 自然科学一般, 452.5},\n"
        "  url = {https://repo.example/records/x1}\n"
        "}"
    ).replace("abcd12342026sst", bibtex.key(made.rich))


def test_a_doi_is_given_once_an_agency_knows_it(made):
    for publication, doi in ((made.registered, "10.5072/abcd-1234"), (made.rich, None)):
        assert re.findall(r"doi = \{(.*)\}", bibtex.entry(publication)) == ([doi] if doi else [])
        assert re.findall(r"DO  - (.*)\r", ris.to_ris(publication).decode()) == ([doi] if doi else [])
        assert csl.item(publication).get("DOI") == doi


def test_bibtex_key_is_ascii_and_never_empty(made):
    assert bibtex.key(made.rich) == "abcd123420262021" + "2025"
    named = Publication(work=Work(titles=[Title(text="The Sea of Sagami")], creators=[Creator(name="Müller, Änne")]))
    assert re.fullmatch(r"muller20\d\dthe", bibtex.key(named))


def test_any_bibtex_is_balanced(made):
    @settings(max_examples=50, deadline=None)
    @given(made.publications)
    def check(publication):
        entry = bibtex.entry(publication)
        depth = 0
        for brace in re.findall(r"(?<!\\)[{}]", entry.replace(r"\textbackslash{}", "")):
            depth += 1 if brace == "{" else -1
            assert depth >= 0
        assert depth == 0
        assert re.fullmatch(r"[a-z0-9]+", bibtex.key(publication))

    check()


def test_any_ris_has_one_tag_a_line(made):
    @settings(max_examples=50, deadline=None)
    @given(made.publications)
    def check(publication):
        text = ris.to_ris(publication).decode()
        lines = text.split("\r\n")
        assert lines[0].startswith("TY  - ")
        assert lines[-2:] == ["ER  - ", ""]
        assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines[:-1])

    check()


def test_ris_of_rich_record(made):
    lines = ris.to_ris(made.rich).decode().split("\r\n")
    assert lines[:5] == [
        "TY  - DATA",
        "AU  - 山田, 花子",
        "AU  - Suzuki, Ichirō",
        "AU  - 海洋観測グループ",
        "TI  - 相模湾の海面水温 2021–2025",
    ]
    assert "DA  - 2026/11/23" in lines


@pytest.mark.parametrize("kind", KINDS)
def test_csl_has_known_types_and_whole_dates(made, kind):
    (item,) = json.loads(csl.to_json(getattr(made, kind)))
    assert item["type"] in CSL_TYPES
    assert all(isinstance(part, int) for part in item["issued"]["date-parts"][0])


def test_every_csl_type_exists():
    assert set(csl.TYPES.values()) <= CSL_TYPES


def test_citation_in_both_manners(made):
    assert csl.citation(made.registered, "en") == (
        "山田花子, Suzuki, I., & 海洋観測グループ. (2026). Sea surface temperature of Sagami Bay, 2021–2025 (Version 1.2.0) "
        "[Data set]. 例大学. https://doi.org/10.5072/abcd-1234"
    )
    assert csl.citation(made.registered, "ja") == (
        "山田花子, Suzuki, Ichirō, 海洋観測グループ. 相模湾の海面水温 2021–2025. Ver. 1.2.0, 例大学, 2026, データセット. "
        "https://doi.org/10.5072/abcd-1234"
    )


def test_citation_of_what_no_agency_knows_leads_to_its_page(made):
    assert made.rich.identifier.state == "local"
    assert csl.citation(made.rich, "en").endswith(f" 例大学. {made.rich.url}")


def test_citation_shortens_many_names():
    names = [Creator(name=f"Name{n}, Given{n}") for n in range(25)]
    publication = Publication(
        work=Work(titles=[Title(text="T")], creators=names, resource_type=ResourceType(general="Text"))
    )
    assert csl.citation(publication, "en").startswith("Name0, G., Name1, G., ")
    assert ", … Name24, G. (" in csl.citation(publication, "en")
    assert csl.citation(publication, "ja").startswith("Name0, Given0, Name1, Given1, Name2, Given2ほか. T.")


def test_citation_of_nothing_has_a_year_at_least(made):
    assert re.fullmatch(r"\(20\d\d\)\.  ?\[Data set\]\.", csl.citation(made.minimal, "en"))


@pytest.mark.parametrize(
    ("style", "locale", "words"),
    [
        ("apa", "en-US", "(Version "),
        ("apa", "ja", "山田 花子, Suzuki, I., & 海洋観測グループ. (20"),
        ("ieee", "de", "Verfügbar unter"),
        ("nature", "fr-FR", "(20"),
    ],
)
def test_citation_in_a_style_and_locale_of_csl(made, style, locale, words):
    shown = csl_styles.bibliography(made.rich, style, locale)
    assert words in shown
    assert "\n" not in shown


@pytest.mark.parametrize(
    ("style", "locale"),
    [("no-such-style", "en"), ("../../apa", "en"), ("/etc/passwd", "en"), ("apa", "tlh"), ("apa", "../x")],
)
def test_unknown_style_or_locale_is_named(made, style, locale):
    with pytest.raises(csl_styles.UnknownStyle, match="there is no"):
        csl_styles.bibliography(made.rich, style, locale)


@pytest.mark.parametrize("style", ["apa", "ieee", "chicago-author-date"])
def test_citation_of_any_publication_is_text_or_refused(made, style):
    def cited(publication):
        try:
            return csl_styles.bibliography(publication, style, "ja-JP")
        except csl_styles.UnknownStyle as refusal:
            return f"REFUSED {refusal}"

    @settings(max_examples=25, deadline=None)
    @given(made.publications)
    def check(publication):
        text = cited(publication)
        assert text
        assert not text.startswith("REFUSED") or "nothing to say" in text

    check()
