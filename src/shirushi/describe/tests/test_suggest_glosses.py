"""What texts say of columns by name: lists, lines, definition lists, blocks, tables without a codebook's header."""

from collections.abc import Callable

import pytest

from shirushi.describe.evidence import Candidate

Suggest = Callable[..., list[Candidate]]
TABLE = "plot,temp,lai,n_birds\n1,20.5,1.5,3\n2,21.5,2.5,4\n3,22.5,2.0,8\n"


def told(suggest: Suggest, name: str, text: str, table: str = TABLE) -> dict[str, tuple[str | None, str | None]]:
    found = suggest({name: text, "growth.csv": table}, "variables")
    return {c.value["name"]: (c.value.get("description"), c.value.get("unit")) for c in found}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.md", "# Rice\n\n- temp - air temperature (°C)\n- lai = leaf area index (m2/m2)\n"),
        ("README.md", "# Rice\n\n- `temp`: air temperature (°C)\n- **lai** – leaf area index (m2/m2)\n"),
        ("README.md", "# Rice\n\ntemp\n: air temperature (°C)\n\nlai\n: leaf area index (m2/m2)\n"),
        ("README.md", "# Rice\n\n```\ntemp    air temperature (°C)\nlai     leaf area index (m2/m2)\nplot    number of the plot\n```\n"),
        ("README.md", "# Rice\n\n| In the file | |\n|---|---|\n| temp | air temperature (°C) |\n| lai | leaf area index (m2/m2) |\n"),
        ("README.txt", "VARIABLES\n\n    temp: air temperature (°C)\n    lai: leaf area index (m2/m2)\n"),
        ("README.txt", "Rice\n\nWhat is in the file:\n\nplot\tnumber of the plot\ntemp\tair temperature (°C)\nlai\tleaf area index (m2/m2)\n"),
    ],
)  # fmt: skip
def test_names_explained_in_a_text(suggest: Suggest, name: str, text: str) -> None:
    found = told(suggest, name, text)
    assert found["temp"] == ("air temperature (°C)", "°C")
    assert found["lai"] == ("leaf area index (m2/m2)", "m2/m2")


def test_unit_beside_the_name_and_several_names(suggest: Suggest) -> None:
    found = told(
        suggest, "README.md", "## Columns\n\n- temp (°C): of the air\n- plot, n_birds: as counted in the field\n"
    )
    assert found["temp"] == ("of the air", "°C")
    assert found["plot"][0] == found["n_birds"][0] == "as counted in the field"


def test_headers_with_units_are_known_by_their_bare_name(suggest: Suggest) -> None:
    table = "水温（℃）,流速\n15.2,1.1\n15.4,1.2\n"
    found = told(suggest, "README.txt", "変数\n====\n\n水温：表層の水温\n流速：表層の流速（cm/s）\n", table)
    assert found["水温（℃）"] == ("表層の水温", "℃")
    assert found["流速"][1] == "cm/s"


def test_what_is_said_of_the_work_explains_no_column(suggest: Suggest) -> None:
    table = "title,author,year\nOn ice,B. Snow,1999\nOn snow,C. Ice,2001\n"
    found = told(suggest, "README.md", "# Books\n\nTitle: A list of books\nAuthor: Hanako Yamada\n", table)
    assert found["title"][0] is None


def test_a_column_of_sites_is_no_place(suggest: Suggest) -> None:
    text = "VARIABLES\n\n    site: name of the survey site\n    lai: leaf area index\n"
    assert suggest({"README.txt": text, "a.csv": "site,lai\nK1,1.5\nK2,2.5\n"}, "locations") == []


def test_labels_of_axes_give_units_to_what_the_script_reads(suggest: Suggest) -> None:
    script = 'import pandas as pd\nimport matplotlib.pyplot as plt\ndf = pd.read_csv("tank.csv")\nplt.plot(df["t"], df["level"])\n'
    script += 'plt.xlabel("Time (h)")\nplt.ylabel("Water level [m]")\n'
    files = {"plot.py": script, "tank.csv": "t,level,note\n0,1.1,a\n1,1.2,b\n", "other.csv": "t,level\n0,1.5\n1,1.6\n"}
    found = {(c.value["file"], c.value["name"]): c.value.get("unit") for c in suggest(files, "variables")}
    assert (found["tank.csv", "t"], found["tank.csv", "level"], found["tank.csv", "note"]) == ("h", "m", None)
    assert found["other.csv", "level"] is None


def test_what_metadata_state_of_a_column_joins_it(suggest: Suggest) -> None:
    package = '{"resources": [{"path": "a.csv", "schema": {"fields": [{"name": "b", "type": "number", "unit": "kg", "description": "the b"}]}}]}'
    found = suggest({"datapackage.json": package, "a.csv": "a,b\nx,2.5\ny,3.5\n"}, "variables")
    (column,) = [c.value for c in found if c.value["name"] == "b" and c.method.startswith("variables.column")]
    assert (column["unit"], column["description"]) == ("kg", "the b")


def test_a_codebook_speaks_of_columns_under_groups(suggest: Suggest) -> None:
    table = "日付,表層,,底層,\n,水温(℃),DO,水温(℃),DO\n2020-04-01,20.1,8.1,19.1,5.2\n2020-05-01,21.1,8.2,19.2,5.1\n"
    found = told(
        suggest, "README.md", "# 項目\n\n| 項目 | 説明 | 単位 |\n|---|---|---|\n| DO | 溶存酸素量 | mg/L |\n", table
    )
    assert found["底層 DO"] == ("溶存酸素量", "mg/L")


RST = """Streams
=======

What we measured in the field, hourly.

======== ==================== =====
Name     Description          Units
======== ==================== =====
temp     water temperature    deg C
lai      index of leaves,
         above ground         m2/m2
======== ==================== =====

.. list-table:: Other

   * - Column
     - Description
   * - plot
     - number of the plot
"""
GRID = (
    RST.split("====", 2)[0]
    + "ms\n=======\n\nText of some length stands here.\n\n+------+-------+\n| Name | Units |\n+======+=======+\n| temp | deg C |\n+------+-------+\n"
)


def test_tables_of_restructured_text(suggest: Suggest) -> None:
    found = told(suggest, "README.rst", RST)
    assert found["temp"] == ("water temperature", "deg C")
    assert found["plot"][0] == "number of the plot"
    assert told(suggest, "README.rst", GRID)["temp"][1] == "deg C"


def test_tables_of_tex_and_html(suggest: Suggest) -> None:
    tex = "\\documentclass{article}\\title{Slow slip}\\begin{document}\\begin{tabular}{lll}Column & Meaning & Unit \\\\ \\hline n\\_birds & birds counted & km \\\\ temp & air temperature & K \\\\ \\end{tabular}\\end{document}"
    found = told(suggest, "paper.tex", tex)
    assert (found["n_birds"], found["temp"]) == (("birds counted", "km"), ("air temperature", "K"))
    html = "<html><body><h1>Growth</h1><table><tr><th>Field</th><th>Description</th><th>Unit</th></tr><tr><td>temp</td><td>air temperature</td><td>K</td></tr></table></body></html>"
    assert told(suggest, "index.html", html)["temp"] == ("air temperature", "K")
