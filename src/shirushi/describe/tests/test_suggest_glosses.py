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
