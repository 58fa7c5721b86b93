"""Instruments, software and methods: from a folder's evidence to values."""

from datetime import date

from shirushi.describe.evidence import AttributePlace, Evidence, FilePlace, LinePlace
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import propose


def line(kind, value, file="README.md", number=1, reader="t/1"):
    return Evidence(kind, value, LinePlace(file, number, number, 0, 5, str(value)[:20]), reader)


def attribute(name, value, file="a.nc", kind="attribute"):
    return Evidence(
        kind,
        {"name": name, "value": value, **({"owner": ""} if kind == "attribute" else {})},
        AttributePlace(file, name),
        "t/1",
    )


def pair(key, value, file="README.md", number=1, section=""):
    return line("key-value", {"key": key, "value": value, "section": section}, file, number)


def proposed(field, *evidence):
    found = propose(EvidenceSet(evidence), Context(today=date(2026, 11, 25)))
    return [(c.value, c.method.partition("/")[0]) for c in found if c.target.split("/")[1] == field]


def test_camera_of_photos_is_one_instrument():
    shots = [
        attribute(name, value, f"{n}.jpg", "exif")
        for n in (1, 2)
        for name, value in (("Make", "Example"), ("Model", "X100"))
    ]

    assert proposed("instruments", *shots) == [
        ({"name": "Example X100", "manufacturer": "Example", "model": "X100"}, "instruments.attribute")
    ]


def test_attributes_of_a_fits_or_netcdf_file_name_it():
    assert proposed("instruments", attribute("INSTRUME", "WFC"), attribute("TELESCOP", "Big Dish")) == [
        ({"name": "Big Dish", "type": "telescope"}, "instruments.attribute"),
        ({"name": "WFC"}, "instruments.attribute"),
    ]


def test_labelled_line_with_its_serial_number():
    assert proposed("instruments", pair("測定装置", "分光光度計 UX-20"), pair("製造番号", "A1", number=2)) == [
        ({"name": "分光光度計 UX-20", "serial_number": "A1"}, "instruments.key-value")
    ]


def test_model_of_something_else_is_no_instrument():
    assert proposed("instruments", pair("Model", "linear regression"), pair("System", "WGS 84", number=2)) == []


def test_export_speaks_of_instrument_people_and_days():
    said = [
        ("analyst", "Hanako Yamada"),
        ("analyst", "admin"),
        ("time", "20260301 101500"),
        ("time", "2026-03-04T10:00:00"),
    ]
    evidence = [
        line("instrument", {"model": "R-1", "serial_number": "S1"}, "x.txt"),
        *(line("measurement", {"property": name, "value": value}, "x.txt") for name, value in said),
    ]

    assert proposed("instruments", *evidence) == [
        ({"name": "R-1", "model": "R-1", "serial_number": "S1"}, "instruments.export")
    ]
    assert proposed("dates", *evidence) == [
        ({"date": "2026-03-01/2026-03-04", "type": "Collected"}, "dates.instrument")
    ]
    assert proposed("contributors", *evidence) == [
        ({"name": "Hanako Yamada", "role": "DataCollector"}, "contributors.instrument")
    ]


def test_packages_are_those_that_scripts_load_with_the_pinned_version():
    evidence = [
        *(line("software-used", {"name": "numpy"}, f"{n}.py") for n in (1, 2)),
        line("software-used", {"name": "pytest"}, "1.py"),
        line("software-used", {"name": "scipy.signal"}, "1.py"),
        line("software-used", {"name": "numpy", "version": "2.1"}, "requirements.txt"),
        line("software-used", {"name": "certifi", "version": "1"}, "requirements.txt"),
    ]

    assert proposed("software", *evidence) == [
        ({"name": "numpy", "version": "2.1"}, "software.loaded"),
        ({"name": "scipy"}, "software.loaded"),
    ]


def test_module_of_the_folder_is_no_software():
    files = Evidence("file", {"path": "mymodule.py", "size": 1}, FilePlace("mymodule.py"), "files/1")
    assert proposed("software", files, line("software-used", {"name": "mymodule"}, "run.py")) == []


def test_software_line_is_parted_into_names_and_versions():
    assert proposed("software", pair("Software used", "R 4.4.1, ImageJ (version 1.53)")) == [
        ({"name": "R", "version": "4.4.1"}, "software.key-value"),
        ({"name": "ImageJ", "version": "1.53"}, "software.key-value"),
    ]


def test_section_on_methods_is_quoted():
    text = "Samples were taken weekly with a Niskin bottle at three depths and filtered on board."
    evidence = [
        line("paragraph", {"text": text, "section": "2. Materials and Methods"}),
        line(
            "paragraph",
            {"text": "Something else that is long enough to be a paragraph of its own.", "section": "Results"},
            number=3,
        ),
    ]

    assert ({"text": text, "type": "Methods", "lang": "en"}, "descriptions.methods-section") in proposed(
        "descriptions", *evidence
    )


def test_japanese_section_on_methods_is_quoted():
    text = "試料は毎週三つの深さで採水し、船上でろ過したのち、実験室で分光光度計により測定した。"
    evidence = line("paragraph", {"text": text, "section": "材料と方法"})

    assert ({"text": text, "type": "Methods", "lang": "ja"}, "descriptions.methods-section") in proposed(
        "descriptions", evidence
    )


def test_protocol_documents_the_work():
    link = line("link", {"url": "https://doi.org/10.17504/protocols.io.abc123", "text": "protocol", "section": ""})

    assert (
        {"identifier": "10.17504/protocols.io.abc123", "scheme": "DOI", "relation": "IsDocumentedBy"},
        "related.protocol",
    ) in proposed("related", link)


def test_who_and_what_a_fits_file_names():
    cards = [
        Evidence("attribute", {"name": name, "value": value, "owner": ""}, AttributePlace(file, f"/@{name}"), "fits/1")
        for file, target in (("a.fits", "M31"), ("dark1.fits", "DARK"))
        for name, value in (("OBJECT", target), ("OBSERVER", "N. Sato"))
    ]
    told = proposed("contributors", *cards)
    assert [(value["name"], value["role"], method) for value, method in told] == [
        ("Sato, N.", "DataCollector", "contributors.attribute")
    ]
    assert [v["text"] for v, method in proposed("subjects", *cards) if method == "subjects.target"] == ["M31"]
