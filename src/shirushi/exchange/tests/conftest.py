"""Publications for the tests of every format: the smallest, a rich one in two languages, and any that hypothesis thinks of."""

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import strategies as st
from lxml import etree

from shirushi.metadata.published import FileEntry, Identifier, Publication
from shirushi.metadata.vocabularies import (
    ContributorRole,
    DateType,
    DescriptionType,
    IdentifierScheme,
    NameType,
    RelationType,
    ResourceTypeGeneral,
    TitleType,
    VariableType,
    terms,
)
from shirushi.metadata.work import (
    STORED,
    Access,
    Affiliation,
    AlternateIdentifier,
    Box,
    Contributor,
    Creator,
    DateEntry,
    DescriptionText,
    Funding,
    Instrument,
    Location,
    NameForm,
    Publisher,
    Related,
    ResourceType,
    Rights,
    SoftwareUsed,
    Subject,
    Title,
    Variable,
    Work,
)

RICH = Work(
    resource_type=ResourceType(general="Dataset", text="observational data"),
    titles=[
        Title(text="相模湾の海面水温 2021–2025", lang="ja"),
        Title(text="Sea surface temperature of Sagami Bay, 2021–2025", lang="en", type="TranslatedTitle"),
        Title(text="Sagami SST", lang="en", type="AlternativeTitle"),
    ],
    creators=[
        Creator(
            name="山田 花子",
            family_name="山田",
            given_name="花子",
            lang="ja",
            orcid="0000-0002-1825-0097",
            affiliations=[Affiliation(name="東京大学", ror="https://ror.org/057zh3y96")],
        ),
        Creator(name="Suzuki, Ichirō", lang="en", affiliations=[Affiliation(name="Example & Sons <Ltd>")]),
        Creator(name="海洋観測グループ", name_type="Organizational", ror="https://ror.org/057zh3y96"),
    ],
    contributors=[Contributor(name="佐藤 次郎", lang="ja", role="DataCurator"), Contributor(name="Buoy crew", role="RightsHolder")],
    publisher=Publisher(name="例大学", lang="ja", ror="https://ror.org/057zh3y96"),
    publication_date="2026-11-23",
    descriptions=[
        DescriptionText(text="12 本のブイによる毎時の水温です。\n手作業で確認しました。", lang="ja"),
        DescriptionText(text="Hourly temperatures of twelve buoys, checked by hand.", lang="en"),
        DescriptionText(text="Sea-Bird 39plus sensors, 5 % noise", lang="en", type="Methods"),
    ],
    subjects=[
        Subject(text="海面水温", lang="ja"),
        Subject(text="Oceanography", scheme="LCSH", value_uri="http://id.loc.gov/authorities/subjects/sh85093910"),
        Subject(text="自然科学一般", lang="ja", scheme="e-Rad_field"),
        Subject(text="452.5", lang="ja", scheme="NDC", code="452.5"),
    ],
    dates=[
        DateEntry(date="2021-04-01/2025-03-31", type="Coverage"),
        DateEntry(date="2021-04/..", type="Collected", information="still running"),
        DateEntry(date="2026-11-23", type="Issued"),
    ],
    languages=["ja", "en"],
    rights=[Rights(id="CC-BY-4.0"), Rights(text="図の利用はお問い合わせください。", lang="ja", covers="data")],
    version="1.2.0",
    alternate_identifiers=[AlternateIdentifier(identifier="GSE12345", type="GEO")],
    related=[
        Related(
            identifier="10.1234/abcd", scheme="DOI", relation="IsSupplementTo", resource_type="JournalArticle", title="Warm bays"
        ),
        Related(identifier="https://example.org/code?a=1&b=2", scheme="URL", relation="IsCompiledBy"),
        Related(identifier="2434-1234", scheme="ISSN", relation="Other", relation_information="shown in"),
    ],
    locations=[
        Location(place="相模湾", box=Box(west=139.1, south=34.9, east=139.7, north=35.3)),
        Location(place="Buoy 3", box=Box(west=139.25, south=35.1, east=139.25, north=35.1)),
        Location(place="Pacific Ocean"),
    ],
    funding=[
        Funding(
            funder="日本学術振興会",
            funder_id="https://doi.org/10.13039/501100001691",
            award="JP21K12345",
            award_title="湾の水温",
            award_uri="https://kaken.nii.ac.jp/ja/grant/KAKENHI-PROJECT-21K12345/",
        ),
        Funding(funder="JST", award="JPMJPF9999"),
    ],
    variables=[
        Variable(name="time", file="data/sst.csv", type="datetime", description="UTC"),
        Variable(name="sst", file="data/sst.csv", type="number", unit="degC", label="海面水温", minimum=9.5, maximum=31.0, missing=4, count=35000),
        Variable(name="sst", file="data/sst.csv", type="number"),
        Variable(name="水深 (m)", file="data/sst.csv", type="integer", minimum=1, maximum=900),
        Variable(name="temp", file="model.nc", part="/ocean", type="number", unit="K", standard_name="sea_water_temperature"),
    ],
)  # fmt: skip

FILES = [
    FileEntry(path="README.md", size=1200, media_type="text/markdown", sha256="a" * 64, url="https://repo.example/records/x1/files/README.md"),
    FileEntry(path="data/sst.csv", size=852950, media_type="text/csv", sha256="b" * 64, sha512="c" * 128, url="https://repo.example/records/x1/files/data/sst.csv"),
    FileEntry(path="図 1 (前).png", size=12, media_type="image/png", sha256="d" * 64),
    FileEntry(path="model.nc", size=10_000_000, media_type="application/x-netcdf4", sha256="e" * 64),
]  # fmt: skip

RICH_PUBLICATION = Publication(
    work=RICH,
    identifier=Identifier(scheme="DOI", value="10.5072/abcd-1234"),
    concept_identifier=Identifier(scheme="DOI", value="10.5072/abcd-0000"),
    previous=Identifier(scheme="DOI", value="10.5072/abcd-1111", url="https://repo.example/records/x0"),
    url="https://repo.example/records/x1",
    number=2,
    published_at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    files=FILES,
)


# The same after an agency took the identifiers; those of the rich one are known to this installation only.
REGISTERED_PUBLICATION = RICH_PUBLICATION.model_copy(
    update={
        "identifier": Identifier(scheme="DOI", value="10.5072/abcd-1234", state="registered"),
        "concept_identifier": Identifier(scheme="DOI", value="10.5072/abcd-0000", state="registered"),
        "previous": Identifier(scheme="DOI", value="10.5072/abcd-1111", state="registered"),
    }
)


_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # a Work takes them out


def related(identifier: str, **rest: Any) -> Related:
    """As it may have been stored before addresses had to be whole."""
    return Related.model_validate({"identifier": identifier, **rest}, context=STORED)


def texts() -> st.SearchStrategy[str]:
    """Words as people and machines produce them: any script, markup, control characters, line breaks."""
    alphabet = st.characters(blacklist_categories=("Cs",))
    awkward = st.sampled_from(
        ["a\x00b", "\x0b", "]]>", "<b>&amp;</b>", "é\r\nx", "日本語\x1f", "{\\LaTeX}", "\ufffe", ":", "-", "名前,"]
    )
    return (st.text(alphabet, min_size=1, max_size=30) | awkward).filter(
        lambda text: bool(_CONTROLS.sub("", text).strip())
    )


def optional(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


LANGS = optional(st.sampled_from(["ja", "en", "zh-Hans", "ko", "fra", "ja-Kana"]))
DAYS = st.dates().map(lambda day: day.isoformat()) | st.sampled_from(["1999", "2026-11"])
PERIODS = st.tuples(DAYS, DAYS).map(lambda ends: "/".join(sorted(ends)))
DATES = DAYS | PERIODS | st.builds("{}/..".format, DAYS) | st.builds("../{}".format, DAYS)
URLS = st.sampled_from(
    ["https://example.org/a b?q=日本#x", "http://[bad", "urn:x:y", "x", "https://creativecommons.org/licenses/by/4.0/"]
)
TOOLS = optional(
    st.sampled_from(
        [
            "10.5442/ni000001",
            "https://doi.org/10.5442/a-(1)",
            "21.T11998/0000-001A",
            "RRID:SCR_001905",
            "https://example.org/x?a=1&b=2",
        ]
    )
)
RORS = optional(st.sampled_from(["https://ror.org/057zh3y96", "https://ror.org/043kfff89"]))
ORCIDS = optional(st.sampled_from(["0000-0002-1825-0097", "0000-0001-5727-2427"]))


def old(part):
    """Parts as they may have been stored before addresses had to be addresses: the formats write what is there."""

    def build(**values):
        return part.model_validate({key: value for key, value in values.items() if value is not None}, context=STORED)

    return build


def some(strategy: st.SearchStrategy) -> st.SearchStrategy[list]:
    return st.lists(strategy, max_size=3)


def agents(model: type, **more: st.SearchStrategy) -> st.SearchStrategy:
    return st.builds(
        model,
        name=texts(),
        name_type=st.sampled_from(terms(NameType)),
        given_name=optional(texts()),
        family_name=optional(texts()),
        lang=LANGS,
        orcid=ORCIDS,
        other_names=some(st.builds(NameForm, name=texts(), lang=LANGS)),
        ror=RORS,
        affiliations=some(st.builds(Affiliation, name=texts(), ror=RORS)),
        **more,
    )


def boxes() -> st.SearchStrategy[Box]:
    longitude, latitude = st.floats(-180, 180), st.floats(-90, 90)
    box = st.builds(
        lambda w, e, n: Box(west=w, east=e, south=min(n), north=max(n)),
        longitude,
        longitude,
        st.tuples(latitude, latitude),
    )
    point = st.builds(lambda x, y: Box(west=x, east=x, south=y, north=y), longitude, latitude)
    return box | point


def accesses() -> st.SearchStrategy[Access]:
    embargo = st.builds(
        lambda day, note: Access(rights="embargoed", until=day.isoformat(), note=note), st.dates(), optional(texts())
    )
    return embargo | st.builds(Access, rights=st.sampled_from(["open", "restricted"]), note=optional(texts()))


def works() -> st.SearchStrategy[Work]:
    general = st.sampled_from(terms(ResourceTypeGeneral))
    numbers = optional(st.floats(allow_nan=False, allow_infinity=False))
    return st.builds(
        Work,
        resource_type=st.builds(ResourceType, general=general, text=optional(texts())),
        titles=some(st.builds(Title, text=texts(), lang=LANGS, type=optional(st.sampled_from(terms(TitleType))))),
        creators=some(agents(Creator)),
        contributors=some(agents(Contributor, role=st.sampled_from(terms(ContributorRole)))),
        publisher=optional(st.builds(Publisher, name=texts(), ror=RORS, lang=LANGS)),
        publication_date=optional(DAYS),
        access=optional(accesses()),
        descriptions=some(
            st.builds(DescriptionText, text=texts(), lang=LANGS, type=st.sampled_from(terms(DescriptionType)))
        ),
        subjects=some(
            st.builds(
                old(Subject),
                text=texts(),
                lang=LANGS,
                scheme=optional(texts()),
                scheme_uri=optional(URLS),
                value_uri=optional(URLS),
                code=optional(texts()),
            )
        ),
        dates=some(
            st.builds(DateEntry, date=DATES, type=st.sampled_from(terms(DateType)), information=optional(texts()))
        ),
        languages=st.lists(st.sampled_from(["ja", "en", "de-CH", "fra"]), max_size=2),
        rights=some(
            st.builds(old(Rights), id=optional(st.sampled_from(["CC-BY-4.0", "MIT", "Zlib"])), text=texts(), uri=optional(URLS))
            | st.builds(Rights, id=st.sampled_from(["CC0-1.0", "ODbL-1.0", "X11"]), lang=LANGS)
        ),
        version=optional(texts()),
        alternate_identifiers=some(st.builds(AlternateIdentifier, identifier=texts(), type=texts())),
        related=some(
            st.builds(
                related,
                identifier=texts() | URLS | st.just("10.1234/x"),
                scheme=st.sampled_from(terms(IdentifierScheme)),
                relation=st.sampled_from(terms(RelationType)),
                resource_type=optional(general),
                title=optional(texts()),
                relation_information=optional(texts()),
            )
        ),
        locations=some(
            st.builds(Location, place=texts(), box=optional(boxes())) | st.builds(Location, box=boxes())
        ),
        funding=some(
            st.builds(
                old(Funding),
                funder=texts(),
                funder_id=optional(URLS | st.sampled_from(["https://ror.org/00097mb19", "1025"])),
                award=optional(texts() | st.just("JP21K12345")),
                award_title=optional(texts()),
                award_uri=optional(URLS),
            )
        ),
        instruments=some(
            st.builds(
                Instrument,
                name=texts(),
                manufacturer=optional(texts()),
                model=optional(texts()),
                serial_number=optional(texts()),
                type=optional(texts()),
                identifier=TOOLS,
            )
        ),
        software=some(
            st.builds(SoftwareUsed, name=texts(), version=optional(texts()), purpose=optional(texts()), identifier=TOOLS)
        ),
        variables=some(
            st.builds(
                Variable,
                name=texts(),
                file=optional(st.sampled_from(["data/sst.csv", "gone.csv", "model.nc"])),
                part=optional(texts()),
                type=optional(st.sampled_from(terms(VariableType))),
                unit=optional(texts()),
                label=optional(texts()),
                description=optional(texts()),
                minimum=numbers,
                maximum=numbers,
                missing=optional(st.integers(0, 10)),
                count=optional(st.integers(0, 10)),
            )
        ),
    )  # fmt: skip


def publications() -> st.SearchStrategy[Publication]:
    identifiers = st.builds(
        Identifier,
        scheme=st.just("DOI"),
        value=st.sampled_from(["10.5072/a-1", "10.5072/日本(x)<y>"]),
        state=st.sampled_from(["local", "registered"]),
    )
    return st.builds(
        Publication,
        work=works(),
        identifier=optional(identifiers),
        url=st.sampled_from([None, "https://repo.example/records/x1"]),
        published_at=optional(st.just(datetime(2026, 1, 2, tzinfo=UTC))),
        files=st.sampled_from([[], FILES]),
    )


class _Offline(etree.Resolver):
    """Answers every XSD that imports xml.xsd from the web with the copy beside the schemas."""

    def __init__(self, xml_xsd: Path) -> None:
        self.xml_xsd = xml_xsd

    def resolve(self, url, public_id, context):
        if url and url.startswith("http") and url.endswith("/xml.xsd"):
            return self.resolve_filename(str(self.xml_xsd), context)
        return None


@pytest.fixture(scope="session")
def xsd(shared):
    """``xsd("datacite/4.7/metadata.xsd")``: an official schema, loaded without the network."""

    def load(path: str) -> etree.XMLSchema:
        parser = etree.XMLParser(no_network=True)
        parser.resolvers.add(_Offline(shared / "schemas/common/xml.xsd"))
        return etree.XMLSchema(etree.parse(str(shared / "schemas" / path), parser))

    return load


@pytest.fixture(scope="session")
def made() -> SimpleNamespace:
    """The publications that every format is tried on, and the hypothesis strategies."""
    return SimpleNamespace(
        minimal=Publication(work=Work()),
        titled=Publication(work=Work(titles=[Title(text="Only a title")]), files=FILES[:1]),
        rich=RICH_PUBLICATION,
        registered=REGISTERED_PUBLICATION,
        unpublished=Publication(work=RICH, files=FILES),
        works=works(),
        publications=publications(),
    )
