"""What is composed, looked up or read from marked-up texts where nobody wrote it as metadata."""

import json
from collections.abc import Callable

import pytest

from shirushi.describe.evidence import Candidate
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters.bylines import bylines

Suggest = Callable[..., list[Candidate]]
TABLE = "station,depth_m,temperature_degC\nA,1,12.5\nB,2,11.0\n"


def values(found: list[Candidate], method: str) -> list[object]:
    return [c.value for c in found if c.method.partition("/")[0] == method]


def test_description_is_composed_of_what_the_tables_hold(suggest: Suggest) -> None:
    found = suggest({"casts.csv": TABLE}, "descriptions")
    composed = next(c for c in found if c.method.startswith("descriptions.composed/"))
    assert (
        "casts.csv is a table of 2 rows and 3 columns: station, depth (m), temperature (degC)."
        in composed.value["text"]
    )
    assert {e.kind for e in composed.evidence} == {"file", "table", "column"}
    assert all(e.place.file == "casts.csv" for e in composed.evidence)


def test_description_is_composed_in_the_wanted_language(suggest: Suggest) -> None:
    found = suggest({"casts.csv": TABLE}, "descriptions", Context(language="ja"))
    text = next(c.value["text"] for c in found if c.method.startswith("descriptions.composed/"))
    assert "casts.csv は2 行、3 列の表" in text


def test_composed_description_stands_behind_a_written_one(suggest: Suggest) -> None:
    readme = "# Casts\n\nTemperatures of a lake measured from a boat in the summer of 2020.\n"
    methods = {c.method.partition("/")[0] for c in suggest({"README.md": readme, "casts.csv": TABLE}, "descriptions")}
    assert methods == {"descriptions.opening", "descriptions.composed-beside"}


def test_nothing_is_composed_of_nothing(suggest: Suggest) -> None:
    assert suggest({"notes.bin": b"\x00\x01\x02"}, "descriptions") == []


def test_opening_takes_the_list_that_its_paragraph_announces(suggest: Suggest) -> None:
    readme = "# Areas\n\nFor each of the participants the following areas of the brain were localised:\n\n- face area\n- place area\n\n## License\n\nThese data may be used by everybody for any purpose.\n"
    text = next(c.value["text"] for c in suggest({"README.md": readme}, "descriptions") if "opening" in c.method)
    assert text.endswith("localised:\n- face area\n- place area")


def test_entry_that_r_prints_has_no_key_and_stands_behind_marks(suggest: Suggest) -> None:
    readme = (
        '# lakes\n\n## Citation\n\n``` r\ncitation("lakes")\n#> A BibTeX entry for LaTeX users is\n#> \n#>   @Manual{,\n'
        "#>     title = {lakes: Temperatures of Mountain Lakes},\n#>     author = {Jane Doe and Ana Roe},\n#>   }\n```\n"
    )
    assert values(suggest({"README.md": readme}, "titles"), "titles.bibtex") == [
        {"text": "lakes: Temperatures of Mountain Lakes", "lang": "en"}
    ]
    names = [c.value["name"] for c in suggest({"README.md": readme}, "creators")]
    assert names == ["Doe, Jane", "Roe, Ana"]


def test_page_on_citing_tells_the_title(suggest: Suggest) -> None:
    citing = (
        "Citing\n======\n\n    @article{x,\n      title = {A friend of lakes},\n      author = {Jane Doe},\n    }\n"
    )
    found = suggest(
        {"docs/citing.rst": citing, "README.md": "# lakes\n\nSome words on the package of lakes.\n"}, "titles"
    )
    assert [v["text"] for v in values(found, "titles.bibtex")] == ["A friend of lakes"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (
            "Ana Januario, Jon Auler, Eva Viol, and Max Rabosky",
            ["Ana Januario", "Jon Auler", "Eva Viol", "Max Rabosky"],
        ),
        ("Ana Januario1, Jon Auler2,*", ["Ana Januario", "Jon Auler"]),
        ("Ana Januario a,b, Jon Auler b", ["Ana Januario", "Jon Auler"]),
    ],
)
def test_last_letter_of_a_name_is_no_mark(see: Callable[..., EvidenceSet], line: str, names: list[str]) -> None:
    seen = see({"README.md": f"# Evolution of lakes\n\n{line}\n\n1 University of Example\n\nWords.\n"})
    assert [author.name for byline in bylines(seen) for author in byline.authors] == names


ITEM = {
    "type": "Feature", "stac_version": "1.0.0", "id": "x", "collection": "lakes-30", "bbox": [10, 45, 11, 46],
    "geometry": None, "assets": {},
    "properties": {"datetime": None, "start_datetime": "2022-02-10T00:00:00Z", "end_datetime": "2022-02-12T00:00:00Z", "platform": "terra",
                   "instruments": ["modis"]},
    "links": [{"rel": "collection", "href": "../collection.json", "title": "Lake Surface Temperature 30 m"},
              {"rel": "handbook", "href": "https://example.org/handbook.pdf", "title": "Handbook"}],
}  # fmt: skip


def test_stac_item_tells_of_its_collection(suggest: Suggest) -> None:
    files = {"items/x.json": json.dumps(ITEM, indent=1)}
    assert values(suggest(files, "titles"), "titles.collection") == [{"text": "Lake Surface Temperature 30 m"}]
    assert values(suggest(files, "dates"), "dates.data") == [{"date": "2022-02-10/2022-02-12", "type": "Coverage"}]
    assert {c.value["text"] for c in suggest(files, "subjects")} == {"terra", "modis"}
    assert [c.value["relation"] for c in suggest(files, "related")] == ["IsDocumentedBy"]


TEI = '<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:lang="sl">\n<teiHeader/>\n<text><body xml:lang="sl"><p>Bilo je konec julija.</p></body></text></TEI>'


def test_language_of_a_marked_up_text_is_that_of_the_content(suggest: Suggest) -> None:
    files = {"level1/novel.xml": TEI, "README.md": "# Novels\n\nA collection of novels of the nineteenth century.\n"}
    assert values(suggest(files, "languages"), "languages.of-text") == ["sl"]


JATS = (
    '<article article-type="research-article" xml:lang="en"><front/>\n<body><sec><title>Introduction</title>\n'
    "<p>Lakes warm faster than the air above them, as many have shown.</p></sec></body>\n"
    "<back><ack><p>This work was supported by JSPS KAKENHI Grant Number JP21K12345.</p></ack></back></article>"
)


def test_body_of_an_article_is_read_where_its_front_is_empty(suggest: Suggest) -> None:
    awards = [c.value["award"] for c in suggest({"paper.xml": JATS}, "funding")]
    assert awards == ["JP21K12345"]


@pytest.mark.parametrize(
    ("files", "licence"),
    [
        ({"README.md": "# Scans\n\nSee https://openneuro.org/datasets/ds000001 for all of it.\n"}, "CC0-1.0"),
        ({"corpus/journal.pone.0000001.xml": JATS}, "CC-BY-4.0"),
    ],
)
def test_venue_that_allows_one_licence(suggest: Suggest, files: dict[str, str], licence: str) -> None:
    assert [v["id"] for v in values(suggest(files, "rights"), "rights.venue")] == [licence]  # type: ignore[index]


def test_what_the_folder_says_stands_before_what_a_venue_would_give(suggest: Suggest) -> None:
    readme = "# Scans\n\nBased on https://openneuro.org/datasets/ds000001.\n\n## License\n\nCC BY 4.0\n"
    assert [v["id"] for v in (c.value for c in suggest({"README.md": readme}, "rights"))] == ["CC-BY-4.0"]  # type: ignore[index]


def test_no_venue_no_licence(suggest: Suggest) -> None:
    assert suggest({"README.md": "# Scans\n\nSee https://zenodo.org/records/1 for all of it.\n"}, "rights") == []


def test_doi_in_the_address_of_a_joss_badge(suggest: Suggest) -> None:
    readme = "# lakes\n\n[![JOSS](http://joss.theoj.org/papers/10.21105/joss.00001/status.svg)](http://joss.theoj.org/papers/10.21105/joss.00001)\n"
    assert [c.value["identifier"] for c in suggest({"README.md": readme}, "related")] == ["10.21105/joss.00001"]
