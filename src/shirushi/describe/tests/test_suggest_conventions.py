"""ACDD 1.3: a netCDF file that states everything by the convention's names, and what is made of it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import netCDF4
import pytest

from shirushi.describe.evidence import Candidate
from shirushi.metadata.work import Work

ACDD = {
    "Conventions": "CF-1.11, ACDD-1.3",
    "title": "Daily sea surface temperature of Sagami Bay",
    "summary": "Sea surface temperature merged from two satellites and five buoys, on a grid of one kilometre, every day.",
    "id": "sagami-sst-daily",
    "naming_authority": "org.example.sea",
    "keywords": "EARTH SCIENCE > OCEANS > OCEAN TEMPERATURE > SEA SURFACE TEMPERATURE, Sagami Bay",
    "keywords_vocabulary": "GCMD Science Keywords",
    "creator_name": "Hanako Sato, Ichiro Suzuki",
    "creator_type": "person, person",
    "creator_institution": "Institute of the Sea",
    "creator_email": "sato@example.org",
    "creator_url": "https://orcid.org/0000-0002-1825-0097, https://example.org",
    "contributor_name": "Ken Ito; Mai Kato",
    "contributor_role": "editor; principalInvestigator",
    "publisher_name": "Archive of the Sea",
    "license": "CC-BY-4.0",
    "references": "https://doi.org/10.5555/sea.1",
    "date_created": "2023-05-01T00:00:00Z",
    "date_modified": "2024-02-03",
    "product_version": "2.1",
    "geospatial_lat_min": 34.9,
    "geospatial_lat_max": 35.3,
    "geospatial_lon_min": 139.1,
    "geospatial_lon_max": 139.7,
    "time_coverage_start": "2021-04-01T00:00:00Z",
    "time_coverage_end": "2022-03-31T23:59:59Z",
}

Propose = Callable[..., list[Candidate]]


def nc(path: Path, attributes: Mapping[str, Any]) -> bytes:
    with netCDF4.Dataset(path, "w", format="NETCDF3_CLASSIC") as data:
        data.setncatts(attributes)
    return path.read_bytes()


@pytest.fixture
def values(suggest: Propose, tmp_path: Path) -> Callable[..., list[Any]]:
    def run(field: str, **changes: Any) -> list[Any]:
        said = {key: value for key, value in {**ACDD, **changes}.items() if value is not None}
        return [c.value for c in suggest({"a.nc": nc(tmp_path / "made.nc", said)}, field)]

    return run


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("titles", {"text": ACDD["title"]}),
        ("rights", {"id": "CC-BY-4.0"}),
        ("publisher", {"name": "Archive of the Sea"}),
        ("locations", {"box": {"west": 139.1, "south": 34.9, "east": 139.7, "north": 35.3}}),
        ("dates", {"date": "2021-04-01/2022-03-31", "type": "Coverage"}),
        ("dates", {"date": "2023-05-01", "type": "Created"}),
        ("dates", {"date": "2024-02-03", "type": "Updated"}),
        ("related", {"identifier": "10.5555/sea.1"}),
        ("alternate_identifiers", {"identifier": "org.example.sea:sagami-sst-daily", "type": "ACDD id"}),
        ("contributors", {"family_name": "Ito", "role": "Editor"}),
        ("contributors", {"family_name": "Kato", "role": "ProjectLeader"}),
        ("subjects", {"text": "EARTH SCIENCE > OCEANS > OCEAN TEMPERATURE > SEA SURFACE TEMPERATURE", "scheme": "GCMD Science Keywords"}),
        ("subjects", {"text": "Sagami Bay"}),
    ],
)  # fmt: skip
def test_what_the_convention_states(field: str, expected: dict[str, Any], values: Callable[..., list[Any]]) -> None:
    found = values(field)
    assert any(expected.items() <= value.items() for value in found), found


def test_version(values: Callable[..., list[Any]]) -> None:
    assert "2.1" in values("version")


def test_creators_have_their_institution_and_orcid(values: Callable[..., list[Any]]) -> None:
    found = [value for value in values("creators") if value.get("affiliations")]
    assert [v["family_name"] for v in found] == ["Sato", "Suzuki"]
    assert {v["affiliations"][0]["name"] for v in found} == {"Institute of the Sea"}
    assert [v.get("orcid") for v in found] == ["0000-0002-1825-0097", None]
    assert Work.model_validate({"titles": [{"text": "x"}], "creators": found}).creators


def test_an_institution_as_creator_is_an_organisation(values: Callable[..., list[Any]]) -> None:
    found = values("creators", creator_name="Sagami Sea Watch", creator_type="institution", creator_url=None)
    assert {"name": "Sagami Sea Watch", "name_type": "Organizational"} in found


@pytest.mark.parametrize("role", [None, "editor; x; y; z", ""])
def test_roles_that_do_not_run_along_with_the_names_are_not_guessed(
    role: str | None, values: Callable[..., list[Any]]
) -> None:
    assert {v["role"] for v in values("contributors", contributor_role=role)} == {"Other"}


def test_files_with_ids_of_their_own_give_the_whole_none(suggest: Propose, tmp_path: Path) -> None:
    files = {f"{n}.nc": nc(tmp_path / "made.nc", {**ACDD, "id": f"day-{n}"}) for n in (1, 2)}
    assert suggest(files, "alternate_identifiers") == []


def test_words_that_only_look_like_the_convention(suggest: Propose, tmp_path: Path) -> None:
    assert suggest({"a.nc": nc(tmp_path / "made.nc", {"date_created": "2020-01-01"})}, "dates") == []
