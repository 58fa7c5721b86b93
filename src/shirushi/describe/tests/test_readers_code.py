"""What scripts read and write and draw, and what lock files pin, at the words themselves."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.describe.evidence import Evidence, LinePlace
from shirushi.describe.identify import identify
from shirushi.describe.readers.base import File
from shirushi.describe.readers.lock_files import read_lock, read_requirements
from shirushi.describe.readers.script_facts import Watcher, is_file_name
from shirushi.describe.readers.scripts import read_chunks, read_notebook, read_script


def read(folder: Path, name: str, text: str) -> list[Evidence]:
    """The facts of a script, each place checked: its quote stands there."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    media_type = identify(path, name).media_type
    reader = read_chunks if media_type == "text/markdown" else read_script
    found = list(reader(File(path, name, path.stat().st_size, media_type, "")))
    for evidence in found:
        place = evidence.place
        assert isinstance(place, LinePlace)
        if place.start == place.end:
            assert text.split("\n")[place.start - 1][place.column : place.end_column] == place.quote
    return found


def paths(found: list[Evidence], kind: str) -> list[str]:
    return [e.value["path"] for e in found if e.kind == kind]


def labels(found: list[Evidence]) -> list[dict[str, str]]:
    return [e.value for e in found if e.kind == "plot-label"]


PYTHON = """import pandas as pd
df = pd.read_csv("data/raw/buoys.csv", sep=";")
# pd.read_csv("old.csv")
more = pd.read_csv(f"data/{year}.csv")
web = pd.read_csv("https://example.org/a.csv")
with open("notes.txt") as a, open("out/log.txt", "w") as b:
    pass
df.to_csv("out/means.csv")
ax.set_xlabel("Time (s)")
ax.set_ylabel(r'水温 [℃]')
ax.set_title("Buoys of the bay")
plt.savefig('fig/means.png', dpi=300)
"""


def test_python(tmp_path: Path) -> None:
    found = read(tmp_path, "a.py", PYTHON)
    assert paths(found, "script-reads") == ["data/raw/buoys.csv", "notes.txt"]
    assert paths(found, "script-writes") == ["out/log.txt", "out/means.csv", "fig/means.png"]
    assert labels(found) == [
        {"text": "Time (s)", "axis": "x", "unit": "s"},
        {"text": "水温 [℃]", "axis": "y", "unit": "℃"},
        {"text": "Buoys of the bay"},
    ]


R = """df <- read.csv("data/plots.csv")
x <- readRDS('model.rds')
y <- readxl::read_excel("sheet.xlsx")
ggplot(df) + labs(
  x = "Depth (m)", y = "Count",
  title = "Fish")
z <- list(x = "not a label")
plot(a, b, xlab = "Age (years)", main="Growth")
write.csv(df, "out.csv")
ggsave("p.pdf", width = 5)
"""


def test_r(tmp_path: Path) -> None:
    found = read(tmp_path, "a.R", R)
    assert paths(found, "script-reads") == ["data/plots.csv", "model.rds", "sheet.xlsx"]
    assert paths(found, "script-writes") == ["out.csv", "p.pdf"]
    assert [v["text"] for v in labels(found)] == ["Depth (m)", "Count", "Fish", "Age (years)", "Growth"]
    assert labels(found)[0] == {"text": "Depth (m)", "axis": "x", "unit": "m"}


@pytest.mark.parametrize(
    ("name", "text", "reads", "writes"),
    [
        ("a.m", "load('trial.mat');\nwritetable(t, 'out.csv')\n", ["trial.mat"], ["out.csv"]),
        ("a.jl", 'df = CSV.read("a.csv", DataFrame)\nsavefig("b.png")\n', ["a.csv"], ["b.png"]),
        ("a.do", ('* Purpose: wages\nuse "panel.dta", clear\nmerge 1:1 id using "other.dta"\nuse raw.dta\nsave "clean.dta", replace\n'
            'graph export "fig1.png"\n'), ["panel.dta", "other.dta", "raw.dta"], ["clean.dta", "fig1.png"]),
        ("a.sps", "* Author: Yamada.\nGET FILE='poll.sav'.\nSAVE OUTFILE='new.sav'.\n", ["poll.sav"], ["new.sav"]),
        ("a.Rmd", "# Fish\n\n```{r}\nx <- read.csv('a.csv')\n```\nread.csv('prose.csv')\n", ["a.csv"], []),
    ],
)  # fmt: skip
def test_other_languages(tmp_path: Path, name: str, text: str, reads: list[str], writes: list[str]) -> None:
    found = read(tmp_path, name, text)
    assert paths(found, "script-reads") == reads
    assert paths(found, "script-writes") == writes


def test_header_of_a_do_file(tmp_path: Path) -> None:
    found = read(tmp_path, "a.do", "/*********\n* Author: Yamada Hanako\n*********/\nuse a.dta\n")
    assert [e.value for e in found if e.kind == "key-value"] == [
        {"key": "Author", "value": "Yamada Hanako", "section": ""}
    ]


def test_notebook(tmp_path: Path) -> None:
    data = {
        "cells": [{"cell_type": "code", "source": ["df = pd.read_csv('a.csv')\n", "# pd.read_csv('b.csv')"]}],
        "nbformat": 4,
    }
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(data, indent=1))
    found = list(read_notebook(File(path, "a.ipynb", path.stat().st_size, "", "")))
    assert paths(found, "script-reads") == ["a.csv"]


@pytest.mark.parametrize(
    "text", ["https://a.org/x.csv", "%d.csv", "abc", ".csv", "{x}.csv", "a*.csv", "x" * 400 + ".csv", "1.5", "a\nb.csv"]
)
def test_what_is_no_file_name(text: str) -> None:
    assert not is_file_name(text)


@given(
    st.sampled_from(["text/x-python", "text/x-r", "text/x-stata", "text/x-spss", "text/x-matlab"]),
    st.text(max_size=600),
)
def test_any_line_gives_places_inside_it(media_type: str, line: str) -> None:
    for fact in Watcher(media_type).facts(line):
        assert 0 <= fact.start < fact.end <= len(line)


@pytest.mark.parametrize(
    "line", ["read_csv(" * 50, "labs(" * 90, "'" * 499, "a." * 240 + "(", "use " + "x" * 400, "export a " * 50]
)
def test_hostile_lines_are_quick(line: str) -> None:
    for media_type in ("text/x-python", "text/x-r", "text/x-stata", "text/x-spss"):
        assert list(Watcher(media_type).facts(line)) == []


# ---- lock files


def pins(folder: Path, name: str, text: str) -> dict[str, str | None]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    media_type = identify(path, name).media_type
    reader = read_requirements if media_type == "text/plain" else read_lock
    found = list(reader(File(path, name, path.stat().st_size, media_type, "")))
    for evidence in found:
        assert isinstance(evidence.place, LinePlace)
        assert evidence.place.quote in text.split("\n")[evidence.place.start - 1]
    return {e.value["name"]: e.value.get("version") for e in found}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("requirements.txt", "# pinned\nnumpy==1.26.4\npandas[excel] >= 2.0  # tables\n-r other.txt\nhttps://a.org/x.whl\nscipy\n",
            {"numpy": "1.26.4", "pandas": None, "scipy": None}),
        ("environment.yml", "name: sea\ndependencies:\n  - python=3.11\n  - conda-forge::xarray=2024.1.0=py_0\n  - pip:\n    - rasterio==1.3\n",
            {"python": "3.11", "xarray": "2024.1.0", "rasterio": "1.3"}),
        ("renv.lock", json.dumps({"R": {"Version": "4.3.1"}, "Packages": {"dplyr": {"Package": "dplyr", "Version": "1.1.2"}}}, indent=1),
            {"R": "4.3.1", "dplyr": "1.1.2"}),
        ("Manifest.toml", 'julia_version = "1.9.2"\n\n[[deps.CSV]]\nversion = "0.10.11"\n', {"Julia": "1.9.2", "CSV": "0.10.11"}),
        ("uv.lock", 'version = 1\n\n[[package]]\nname = "polars"\nversion = "0.20.1"\n', {"polars": "0.20.1"}),
        ("session.txt", ("R version 4.2.1 (2022-06-23)\nPlatform: x86_64\n\nattached base packages:\n[1] stats\n\nother attached packages:\n"
            "[1] dplyr_1.0.9   ggplot2_3.4.0\n\nloaded via a namespace (and not attached):\n[1] cli_3.6.0\n"), {"R": "4.2.1", "dplyr": "1.0.9", "ggplot2": "3.4.0"}),
    ],
)  # fmt: skip
def test_pins(tmp_path: Path, name: str, text: str, expected: dict[str, str | None]) -> None:
    assert pins(tmp_path, name, text) == expected


@pytest.mark.parametrize("name", ["environment.yml", "renv.lock", "Manifest.toml", "uv.lock", "Pipfile.lock"])
@pytest.mark.parametrize(
    "text",
    ["{", "[]", "x", "dependencies: 3", '{"Packages": []}', "package = 3", "deps = 1", "- " * 3_000, "[" * 3_000],
)
def test_odd_lock_files_pin_nothing(tmp_path: Path, name: str, text: str) -> None:
    assert pins(tmp_path, name, text) == {}
