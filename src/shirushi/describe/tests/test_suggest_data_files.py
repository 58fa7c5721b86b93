"""What headers of data files lead to: only what the files of a folder agree on is proposed for the whole."""

import io
import json
from collections.abc import Callable

import pytest
from PIL import Image

from shirushi.describe.evidence import Candidate
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.composing import composed
from shirushi.describe.tests.made import gzipped, nifti

Suggest = Callable[..., list[Candidate]]
See = Callable[..., EvidenceSet]
CIF = """data_x
_publ_section_title '{title}'
_journal_paper_doi {doi}
_audit_creation_date {date}
_diffrn_measurement_device_type 'Example diffractometer'
loop_
_publ_author_name
'{author}'
"""


def cif(
    title: str = "An example", doi: str = "10.5555/x.1", date: str = "2020-01-02", author: str = "Mori, Jun"
) -> str:
    return CIF.format(title=title, doi=doi, date=date, author=author)


def values(found: list[Candidate], method: str) -> list[object]:
    return [c.value for c in found if c.method.partition("/")[0] == method]


def test_crystal_structures_of_one_article_agree(suggest: Suggest) -> None:
    files = {f"{n}.cif": cif() for n in range(4)}
    assert {c.value["text"] for c in suggest(files, "titles") if c.method.startswith("titles.data-file")} == {
        "An example"
    }
    assert {c.value["name"] for c in suggest(files, "creators")} == {"Mori, Jun"}
    assert {c.value["identifier"] for c in suggest(files, "related")} == {"10.5555/x.1"}
    assert values(suggest(files, "dates"), "dates.data-file") == [{"date": "2020-01-02", "type": "Created"}]


def test_collection_of_structures_is_not_called_by_any_of_them(suggest: Suggest) -> None:
    files = {f"{n}.cif": cif(f"Structure number {n}", f"10.5555/x.{n}", f"20{10 + n}-01-02") for n in range(9)}
    assert values(suggest(files, "titles"), "titles.data-file") == []
    assert values(suggest(files, "related"), "related.data-file") == []
    assert values(suggest(files, "dates"), "dates.data-file") == []


def test_article_in_a_metadata_file_stands_beside_many_structures(suggest: Suggest) -> None:
    files = {f"{n}.cif": cif(doi=f"10.5555/x.{n}") for n in range(9)}
    files["CITATION.cff"] = (
        "cff-version: 1.2.0\ntitle: Ours\nauthors: [{family-names: Mori}]\nidentifiers: [{type: doi, value: 10.5555/own}]\n"
    )
    assert values(suggest(files, "titles"), "titles.stated") == [{"text": "Ours"}]


def test_one_value_from_a_thousand_places_shows_a_few(suggest: Suggest) -> None:
    files = {f"{n:04d}.fa": f">s [Escherichia coli]\nACGT{'A' * n}\n" for n in range(60)}
    found = [c for c in suggest(files, "subjects") if c.method.startswith("subjects.data-file")]
    assert {c.value["text"] for c in found} == {"Escherichia coli"}
    assert len(found) == 5


def test_days_of_measurement_are_one_period(suggest: Suggest) -> None:
    run = '<mzML><run startTimeStamp="{}"><spectrumList count="1">'
    files = {f"{n}.mzML": run.format(f"2021-03-{n:02d}T00:00:00Z") for n in (4, 2, 9)}
    assert values(suggest(files, "dates"), "dates.data-file") == [
        {"date": "2021-03-02/2021-03-09", "type": "Collected"}
    ]


BIDS = {
    "sub-01/ses-a/func/sub-01_ses-a_task-stop_bold.nii.gz": gzipped(nifti()),
    "sub-01/ses-b/func/sub-01_ses-b_task-rest_bold.nii.gz": gzipped(nifti()),
    "sub-02/ses-a/anat/sub-02_ses-a_T1w.nii.gz": gzipped(nifti((9, 9, 9))),
    "derivatives/x/sub-99/func/sub-99_task-other_bold.nii.gz": gzipped(nifti()),
}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "2 subjects in 2 sessions, with the tasks rest, stop: Functional MRI, Structural MRI."),
        ("ja", "被験者 2 名、セッション 2 種、課題 rest、stop。測定：Functional MRI、Structural MRI。"),
    ],
)
def test_names_of_bids_are_counted(see: See, language: str, sentence: str) -> None:
    told = composed(see(BIDS), language)
    assert told is not None
    assert sentence in told.text


def test_names_of_bids_say_how_it_was_measured(suggest: Suggest) -> None:
    assert values(suggest(BIDS, "subjects"), "subjects.bids") == [
        {"text": "Functional MRI", "lang": "en"},
        {"text": "Structural MRI", "lang": "en"},
    ]


def test_images_are_no_variables_and_signals_are_told_once(suggest: Suggest) -> None:
    assert suggest(BIDS, "variables") == []
    spectrum = "##TITLE=s{}\n##JCAMP-DX=4.24\n##XUNITS=1/CM\n##YUNITS=ABSORBANCE\n##END=\n"
    found = suggest({f"{n}.jdx": spectrum.format(n) for n in range(5)}, "variables")
    assert [(c.value["name"], c.value["unit"]) for c in found] == [("x", "1/CM"), ("y", "ABSORBANCE")]


def test_instruments_are_told_in_a_composed_description(see: See) -> None:
    told = composed(see({"a.cif": cif()}), "en")
    assert told is not None
    assert "Made with Example diffractometer (diffractometer)." in told.text


@pytest.mark.parametrize(
    ("days", "sentence"),
    [(("2018-09-10", "2018-09-10"), "The data are of 2018-09-10."), (("2018-09-10", "2018-09-12"), "to 2018-09-12.")],
)
def test_period_of_one_day_is_a_day(see: See, days: tuple[str, str], sentence: str) -> None:
    told = composed(
        see({"a.csv": "".join(f"{line}\n" for line in ("date,depth", *(f"{day},5.5" for day in days)))}), "en"
    )
    assert told is not None
    assert told.text.endswith(sentence)


def test_header_of_variants_is_no_text_that_speaks_for_the_folder(suggest: Suggest) -> None:
    vcf = '##fileformat=VCFv4.3\n##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
    [depth] = [c for c in suggest({"v.vcf": vcf}, "variables") if c.value["name"] == "DP"]
    assert (depth.value["description"], depth.value["type"]) == ("Depth", "integer")


def test_sidecars_alone_name_their_task(suggest: Suggest) -> None:
    said = json.dumps({"TaskName": "stop signal", "RepetitionTime": 2})
    assert values(suggest({"sub-01_task-stop_bold.json": said}, "subjects"), "subjects.data-file") == [
        {"text": "stop signal"}
    ]


def photograph(artist: str) -> bytes:
    exif = Image.Exif()
    exif[0x013B], exif[0x8298] = artist, "CC BY 4.0"
    buffer = io.BytesIO()
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag><rdf:li>gecko</rdf:li><rdf:li>Okinawa</rdf:li></rdf:Bag>'
        "</dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    Image.new("RGB", (4, 4)).save(buffer, "JPEG", exif=exif, xmp=packet.encode())
    return buffer.getvalue()


def test_photographs_name_artist_rights_and_keywords(suggest: Suggest) -> None:
    files = {f"{n}.jpg": photograph("Hanako Yamada") for n in range(3)}
    assert [value["name"] for value in values(suggest(files, "creators"), "creators.image")] == ["Yamada, Hanako"]
    assert {value["id"] for value in values(suggest(files, "rights"), "rights.image")} == {"CC-BY-4.0"}
    assert [value["text"] for value in values(suggest(files, "subjects"), "subjects.image")] == ["gecko", "Okinawa"]


def test_photographs_of_many_artists_name_no_creator(suggest: Suggest) -> None:
    names = ("Hanako Yamada", "Jun Mori", "Kei Sato", "Taro Abe", "Anna Suzuki")
    files = {f"{n}.jpg": photograph(name) for n, name in enumerate(names)}
    assert values(suggest(files, "creators"), "creators.image") == []
