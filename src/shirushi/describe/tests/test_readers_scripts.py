"""Scripts and notebooks: header, packages, Markdown cells, each at its line."""

import json
from pathlib import Path

import pytest

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.scripts import read_notebook, read_script

PYTHON = '''#!/usr/bin/env python3
"""Reads the buoys of Sagami Bay.

Author: Yamada Hanako
See https://doi.org/10.1234/abc.
"""

import os, numpy as np
from scipy.stats import norm
__version__ = "1.2"
'''
R = "# Title: 水温の解析\n# Author: 山田 花子\n\nlibrary(ggplot2)\nx <- dplyr::filter(y)\n"


def read(folder: Path, text: str, media_type: str) -> list[Evidence]:
    path = folder / "file"
    path.write_text(text, encoding="utf-8")
    return list(read_script(File(path, "file", path.stat().st_size, media_type, "")))


def values(found: list[Evidence], kind: str) -> list[object]:
    return [e.value for e in found if e.kind == kind]


def test_python_header_and_packages(tmp_path: Path) -> None:
    found = read(tmp_path, PYTHON, "text/x-python")
    assert values(found, "paragraph")[0] == {"text": "Reads the buoys of Sagami Bay.", "section": ""}
    assert values(found, "key-value") == [
        {"key": "Author", "value": "Yamada Hanako", "section": ""}, {"key": "version", "value": "1.2", "section": ""},
    ]  # fmt: skip
    assert [v["url"] for v in values(found, "link")] == ["https://doi.org/10.1234/abc"]
    assert [v["name"] for v in values(found, "software-used")] == ["numpy", "scipy"]
    [author] = [e.place for e in found if e.value.get("key") == "Author"]
    assert (author.start, author.quote) == (4, "Yamada Hanako")


def test_r_header_and_packages(tmp_path: Path) -> None:
    found = read(tmp_path, R, "text/x-r")
    assert values(found, "key-value") == [
        {"key": "Title", "value": "水温の解析", "section": ""}, {"key": "Author", "value": "山田 花子", "section": ""},
    ]  # fmt: skip
    assert [v["name"] for v in values(found, "software-used")] == ["ggplot2", "dplyr"]


@pytest.mark.parametrize("text", ["", "#", '"""', "\n\n\n", '"""open\n' * 3, "import"])
def test_odd_scripts_say_little(tmp_path: Path, text: str) -> None:
    assert values(read(tmp_path, text, "text/x-python"), "software-used") == []


def test_notebook(tmp_path: Path) -> None:
    data = {
        "cells": [
            {"cell_type": "markdown", "source": ["# 水温\n", "\n", "毎時の値です。 https://example.org/a\n"]},
            {"cell_type": "code", "source": "import os\nimport pandas as pd"},
        ],
        "metadata": {"language_info": {"name": "python", "version": "3.11.7"}}, "nbformat": 4,
    }  # fmt: skip
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")
    found = list(read_notebook(File(path, "a.ipynb", path.stat().st_size, "", "")))
    assert values(found, "heading") == [{"text": "水温", "level": 1}]
    assert values(found, "paragraph") == [{"text": "毎時の値です。 https://example.org/a", "section": "水温"}]
    assert values(found, "software-used") == [{"name": "python", "version": "3.11.7"}, {"name": "pandas"}]
    [heading] = [e.place for e in found if e.kind == "heading"]
    assert (heading.path, heading.line, heading.quote) == ("/cells/0/source/0", 6, "# 水温\\n")


def test_notebook_that_is_no_json_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text("{")
    with pytest.raises(Unreadable) as raised:
        list(read_notebook(File(tmp_path / "a.ipynb", "a.ipynb", 1, "", "")))
    assert raised.value.code == "malformed"
