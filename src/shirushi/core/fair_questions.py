"""The 17 metrics of FAIRsFAIR 0.8 with their tests: what each asks, what it is worth, and how a record answers it.

Numbers, scores and levels of maturity are F-UJI's (metrics_v0.8.yaml); the words are the house's own. Every answer says what it saw.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from shirushi.exchange.common import access_of, registered, resolver_url
from shirushi.exchange.formats import Format
from shirushi.exchange.schema_org import document
from shirushi.metadata.fields import BY_NAME, Text2
from shirushi.metadata.published import FileEntry, Publication

Mender = Literal["depositor", "operator", "shirushi"]

# Protocols that the web standardises, and those of them that know a way to sign in (F-UJI's standard_uri_protocols)
_STANDARD = frozenset({"http", "https", "ftp", "ftps", "sftp"})
_WITH_SIGN_IN = frozenset({"http", "https", "ftps", "sftp"})
_PERSISTENT = frozenset({"DOI", "Handle", "ARK", "PURL", "URN", "SWHID", "w3id"})
_RDF = frozenset({"application/ld+json", "application/rdf+xml", "text/turtle", "application/n-triples"})
# What is multidisciplinary and listed by the RDA Metadata Standards Catalog, by the names of our formats
_LISTED = frozenset({"datacite", "oai-dc", "dcat", "dcat-turtle", "ro-crate", "datapackage"})
# Vocabularies that every page is written in say nothing about the data (F-UJI's default namespaces)
_EVERYWHERE = ("schema.org", "purl.org/dc", "www.w3.org")

# Formats that anybody can read for long, or that a field of research agreed on; every text format besides
_LASTING = frozenset(
    {
        "application/dicom", "application/epub+zip", "application/fits", "application/geopackage+sqlite3", "application/gml+xml",
        "application/json", "application/mxf", "application/ogg", "application/pdf", "application/vnd.apache.parquet",
        "application/vnd.las", "application/vnd.sqlite3", "application/x-fits", "application/x-grib", "application/x-hdf",
        "application/x-hdf5", "application/x-netcdf", "application/x-netcdf4", "application/x-sqlite3", "application/xml",
        "application/x-ipynb+json", "application/x-nifti", "application/x-zarr", "audio/flac", "audio/mpeg", "audio/ogg", "audio/wav",
        "audio/x-wav", "image/gif", "image/jp2", "image/jpeg", "image/png", "image/svg+xml", "image/tiff", "image/webp", "video/mp4",
        "video/mpeg", "video/ogg", "video/webm", "video/x-matroska", "chemical/x-cif", "chemical/x-pdb", "chemical/x-mdl-sdfile",
    }
)  # fmt: skip
_OPEN_FAMILIES = (
    "text/",
    "application/vnd.oasis.opendocument.",
    "application/vnd.openxmlformats-officedocument.",
    "model/",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A record as it is published. ``page`` is the schema.org description in the head of its page; ``formats`` what its exports are."""

    publication: Publication
    page: Mapping[str, Any]
    formats: Mapping[str, Format]

    @property
    def downloads(self) -> list[FileEntry]:
        return [file for file in self.publication.files if file.url]


@dataclass(frozen=True, slots=True)
class Found:
    met: bool
    seen: Text2
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One test: its number in the metric, points and level of maturity, and who mends it where no field does."""

    number: int
    words: Text2
    score: float
    maturity: int
    ask: Callable[[Standing], Found]
    mender: Mender = field(default="shirushi")


def standing(publication: Publication, formats: Mapping[str, Format]) -> Standing:
    """What the questions look at. Of many variables the first are enough."""
    work = publication.work.model_copy(update={"variables": publication.work.variables[:20]})
    shown = publication.model_copy(update={"work": work})
    return Standing(shown, document(shown) if "schema-org" in formats else {}, formats)


# -- findable


def _unique(seen: Standing) -> Found:
    own, url = seen.publication.identifier, seen.publication.url
    named = [*([f"{own.scheme} {own.value}"] if own else []), *([url] if url else [])]
    return _listed(
        named,
        "It has no identifier or address yet; publishing gives both.",
        "識別子もアドレスもまだありません。公開すると付きます。",
    )


def _has_addresses(seen: Standing) -> Found:
    if seen.downloads:
        return Found(True, _counted(len(seen.downloads)))
    return Found(False, _NO_FILES, ("files",))


def _persistent(seen: Standing) -> Found:
    own = seen.publication.identifier
    if own and own.scheme in _PERSISTENT:
        return Found(True, Text2(f"{own.scheme} {own.value}", f"{own.scheme} {own.value}"))
    return Found(False, Text2("It has no DOI, Handle, ARK or the like.", "DOI・Handle・ARK などがありません。"))


def _registered(seen: Standing) -> Found:
    own = registered(seen.publication.identifier)
    if own:
        return Found(
            True, Text2(f"{own.value} is registered with its agency.", f"{own.value} は登録機関に登録されています。")
        )
    en = "No agency knows the identifier: it is kept in this installation only, and leads nowhere on the web. The record's address does."
    ja = "識別子はこの環境の中だけのもので、登録機関に登録されていません。ウェブからは記録のアドレスでたどれます。"
    return Found(False, Text2(en, ja))


def _persistent_data(_seen: Standing) -> Found:
    return Found(
        False,
        Text2(
            "Files have addresses, and no identifiers of their own.",
            "ファイルにはアドレスがありますが、固有の識別子はありません。",
        ),
    )


_CITED = {
    "creators": "creator",
    "titles": "name",
    "publisher": "publisher",
    "publication_date": "datePublished",
    "resource_type": "@type",
}
_DESCRIBED = {**_CITED, "descriptions": "description", "subjects": "keywords"}


def _cited(seen: Standing) -> Found:
    return _all_there(seen, _CITED)


def _described(seen: Standing) -> Found:
    return _all_there(seen, _DESCRIBED)


def _all_there(seen: Standing, wanted: Mapping[str, str]) -> Found:
    missing = tuple(name for name, key in wanted.items() if not seen.page.get(key))
    labels = [BY_NAME[name].label for name in (missing or wanted)]
    en, ja = ", ".join(label.en for label in labels), "、".join(label.ja for label in labels)
    if missing:
        return Found(False, Text2(f"Missing: {en}", f"足りないもの：{ja}"), missing)
    if not (seen.page.get("identifier") or seen.page.get("url")):
        return Found(False, Text2("The identifier is missing.", "識別子がありません。"))
    return Found(True, Text2(f"There: identifier, {en}", f"あるもの：識別子、{ja}"))


def _searchable(seen: Standing) -> Found:
    if not seen.page.get("@type"):
        return Found(
            False,
            Text2("The page has no description for search engines.", "検索エンジン向けの記述がページにありません。"),
        )
    en, ja = (
        "schema.org and citation tags stand in the page's head",
        "schema.org と citation のタグがページの先頭にあります",
    )
    return Found(True, Text2(f"{en} ({seen.page['@type']}).", f"{ja}（{seen.page['@type']}）。"))


# -- accessible


def _level(seen: Standing) -> Found:
    if "isAccessibleForFree" in seen.page or "conditionsOfAccess" in seen.page:
        rights = access_of(seen.publication).rights
        ja = {"open": "公開", "embargoed": "エンバーゴ（期日に公開）", "restricted": "制限あり"}[rights]
        return Found(True, Text2(f"Access: {rights}", f"アクセス：{ja}"))
    en, ja = "Who may have the files is not told, since there are none.", "ファイルがないため、公開範囲が示されません。"
    return Found(False, Text2(en, ja), ("files", "access"))


def _metadata_answer(seen: Standing) -> Found:
    if seen.publication.url:
        return Found(True, Text2(f"{seen.publication.url} answers.", f"{seen.publication.url} で読めます。"))
    return Found(
        False, Text2("It has no address yet; publishing gives one.", "アドレスがまだありません。公開すると付きます。")
    )


def _data_answer(seen: Standing) -> Found:
    if not seen.downloads:
        return Found(False, _NO_FILES, ("files",))
    access = access_of(seen.publication)
    if access.rights == "open":
        return Found(True, Text2("Everybody is sent the files.", "だれでもファイルを取得できます。"))
    en = (
        f"The files are closed until {access.until}."
        if access.until
        else "The files are only for those who are let in."
    )
    ja = (
        f"ファイルは {access.until} まで非公開です。"
        if access.until
        else "ファイルは、許可された人だけが取得できます。"
    )
    return Found(
        False,
        Text2(f"{en} Where there is a reason, leave it.", f"{ja}理由があれば、このままで構いません。"),
        ("access",),
    )


def _page_protocol(seen: Standing) -> Found:
    return _protocol([seen.publication.url], _STANDARD)


def _page_sign_in(seen: Standing) -> Found:
    return _protocol([seen.publication.url], _WITH_SIGN_IN)


def _file_protocol(seen: Standing) -> Found:
    return _protocol([file.url for file in seen.downloads], _STANDARD, ("files",))


def _file_sign_in(seen: Standing) -> Found:
    return _protocol([file.url for file in seen.downloads], _WITH_SIGN_IN, ("files",))


def _protocol(urls: Sequence[str | None], known: frozenset[str], fields: tuple[str, ...] = ()) -> Found:
    schemes = {urlsplit(url).scheme for url in urls if url}
    if good := sorted(schemes & known):
        return Found(True, Text2(", ".join(good).upper(), "・".join(good).upper()))
    if schemes:
        other = ", ".join(sorted(schemes))
        return Found(False, Text2(f"{other} is no such protocol.", f"{other} は該当しません。"))
    return Found(False, _NO_FILES if fields else Text2("It has no address.", "アドレスがありません。"), fields)


# -- interoperable


def _embedded(seen: Standing) -> Found:
    is_there = bool(seen.page.get("@context"))
    return Found(is_there, Text2("JSON-LD in the page", "ページの中の JSON-LD") if is_there else _NOTHING)


def _negotiated(seen: Standing) -> Found:
    found = [item.name for item in seen.formats.values() if item.media_type.split(";")[0] in _RDF]
    return _listed(found, "No format of RDF is offered.", "RDF の形式がありません。")


def _vocabularies(seen: Standing) -> Found:
    work = seen.publication.work
    addresses = [address for one in work.subjects for address in (one.value_uri, one.scheme_uri) if address]
    hosts = sorted(
        {urlsplit(address).netloc for address in addresses if not any(one in address for one in _EVERYWHERE)}
    )
    if any(one.standard_name for one in work.variables):
        hosts.append("vocab.nerc.ac.uk (CF)")
    en = "No keyword leads to a vocabulary. Choose terms that have an address, like those of NDC, MeSH or AGROVOC."
    ja = "語彙のアドレスを持つキーワードがありません。NDC・MeSH・AGROVOC など、アドレスのある用語を選んでください。"
    return _listed(hosts, en, ja, "subjects")


def _related_words(seen: Standing) -> Found:
    return _related(seen, linked=False)


def _related_links(seen: Standing) -> Found:
    return _related(seen, linked=True)


def _related(seen: Standing, *, linked: bool) -> Found:
    work = seen.publication.work
    named = [one.relation for one in work.related if not linked or resolver_url(one.identifier, one.scheme)]
    named += ["IsFundedBy" for one in work.funding if not linked or one.funder_id or one.award_uri]
    said = [f"{name} ({number})" for name, number in Counter(named).items()]
    en = "No related work is given by an identifier or address." if linked else "No related work is named."
    ja = "識別子やアドレスで示した関連する成果がありません。" if linked else "関連する成果が示されていません。"
    return _listed(
        said,
        f"{en} Add the paper, the source data or the funder.",
        f"{ja}論文、元のデータ、助成を加えてください。",
        "related",
        "funding",
    )


# -- reusable


def _kind(seen: Standing) -> Found:
    kind = seen.page.get("@type")
    return Found(bool(kind), Text2(str(kind), str(kind)) if kind else _NOTHING, () if kind else ("resource_type",))


def _form(seen: Standing) -> Found:
    if not seen.downloads:
        return Found(False, _NO_FILES, ("files",))
    known = [file for file in seen.downloads if file.media_type != "application/octet-stream" and file.size]
    if known:
        return Found(
            True, Text2(f"Size and type, such as {known[0].media_type}", f"大きさと種類（{known[0].media_type} など）")
        )
    return Found(False, Text2("Of no file is it known what it is.", "種類の分かるファイルがありません。"), ("files",))


def _variables(seen: Standing) -> Found:
    number = len(seen.publication.work.variables)
    missing = Text2("No variable is described.", "変数の説明がありません。")
    told = Text2("Variables are described.", "変数の説明があります。")
    return Found(bool(number), told if number else missing, () if number else ("variables",))


def _licence(seen: Standing) -> Found:
    named = (
        [one.id or one.uri or one.text or "" for one in seen.publication.work.rights]
        if seen.page.get("license")
        else []
    )
    short = [name if len(name) <= 60 else f"{name[:60]}…" for name in named]
    en = "Nothing says what may be done with it. Choose a licence by its SPDX id, like CC-BY-4.0."
    ja = "利用の条件がありません。CC-BY-4.0 のように SPDX の ID でライセンスを選んでください。"
    return _listed(short, en, ja, "rights")


def _origin(seen: Standing) -> Found:
    work = seen.publication.work
    kinds = {
        "creators": work.creators,
        "contributors": work.contributors,
        "publisher": work.publisher,
        "dates": work.dates,
    }
    named = [BY_NAME[name].label for name, held in kinds.items() if held]
    if named:
        return Found(True, Text2(", ".join(one.en for one in named), "、".join(one.ja for one in named)))
    en, ja = "Nothing says who made it, or when.", "だれがいつ作ったかが示されていません。"
    return Found(False, Text2(en, ja), ("creators", "contributors", "dates"))


def _prov(seen: Standing) -> Found:
    is_there = "prov" in seen.formats
    return Found(
        is_there,
        Text2("PROV", "PROV")
        if is_there
        else Text2("No format uses PROV or PAV.", "PROV や PAV を使う形式がありません。"),
    )


def _of_the_field(_seen: Standing) -> Found:
    en, ja = (
        "The formats on offer are those of all fields, of none in particular.",
        "分野に固有のメタデータ形式はありません（分野共通の形式です）。",
    )
    return Found(False, Text2(en, ja))


def _of_all_fields(seen: Standing) -> Found:
    labels = [item.label.en for name, item in seen.formats.items() if name in _LISTED]
    return _listed(labels, "No listed standard is offered.", "登録された標準形式がありません。")


def _lasting(seen: Standing) -> Found:
    if not seen.downloads:
        return Found(False, _NO_FILES, ("files",))
    good = sorted({file.media_type for file in seen.downloads if is_lasting(file.media_type)})
    en = "No file is in a format that is open, lasts long or belongs to a field. Add a copy as CSV, PDF/A, netCDF or the like."
    ja = "公開された形式・長期保存向けの形式・分野の形式のファイルがありません。CSV・PDF/A・netCDF などの写しを加えてください。"
    return _listed(good[:5], en, ja, "files")


def is_lasting(media_type: str) -> bool:
    """Whether a format is open, long-lived or agreed on by a field of research."""
    bare = media_type.split(";")[0].strip().lower()
    return bare in _LASTING or bare.startswith(_OPEN_FAMILIES) or bare.endswith(("+json", "+xml"))


# -- words


_NO_FILES = Text2("There are no files.", "ファイルがありません。")
_NOTHING = Text2("There is nothing.", "何もありません。")


def _counted(number: int) -> Text2:
    return Text2(f"Files have addresses of their own ({number}).", f"ファイルごとのアドレスがあります（{number}）。")


def _listed(found: Sequence[str], en: str, ja: str, *fields: str) -> Found:
    """Met by what was found; otherwise the words that say what is missing."""
    if found:
        return Found(True, Text2(", ".join(found), "、".join(found)))
    return Found(False, Text2(en, ja), fields)


# -- the metrics: identifier, principle, name, points, tests

Entry = tuple[str, str, Text2, float, tuple[Question, ...]]


def _q(
    number: int,
    en: str,
    ja: str,
    score: float,
    maturity: int,
    ask: Callable[[Standing], Found],
    mender: Mender = "shirushi",
) -> Question:
    return Question(number, Text2(en, ja), score, maturity, ask, mender)


METRICS: tuple[Entry, ...] = (
    (
        "FsF-F1-01MD", "F1", Text2("Unique identifiers", "一意の識別子"), 1,
        (
            _q(1, "The record has an identifier that no other has", "記録に一意の識別子がある", 1, 3, _unique),
            _q(2, "So has the data", "データにも一意の識別子がある", 0, 3, _has_addresses),
        ),
    ),
    (
        "FsF-F1-02MD", "F1", Text2("Persistent identifiers", "永続的識別子"), 1,
        (
            _q(1, "The identifier has the form of one that stays", "永続的識別子の形式である", 0.5, 1, _persistent, "operator"),
            _q(2, "An agency has registered it", "登録機関に登録されている", 0.5, 3, _registered, "operator"),
            _q(4, "The data's identifier has such a form", "データの識別子が永続的識別子の形式である", 0, 3, _persistent_data),
            _q(5, "An agency has registered the data's identifier", "データの識別子が登録されている", 0, 3, _persistent_data),
        ),
    ),
    (
        "FsF-F2-01M", "F2", Text2("Descriptive core metadata", "基本的な記述"), 2,
        (
            _q(2, "Everything that a citation needs", "引用に必要な項目がそろっている", 1, 2, _cited),
            _q(3, "With a description and keywords", "説明とキーワードもある", 1, 3, _described),
        ),
    ),
    (
        "FsF-F3-01M", "F3", Text2("The metadata name the data", "メタデータがデータを指す"), 1,
        (_q(2, "They hold the address of what can be downloaded", "ダウンロードできるアドレスがある", 1, 3, _has_addresses),),
    ),
    (
        "FsF-F4-01M", "F4", Text2("Searchable metadata", "検索エンジンに届くメタデータ"), 2,
        (_q(1, "The page describes it in a way that search engines read", "検索エンジンが読む形でページに記述がある", 2, 3, _searchable),),
    ),
    (
        "FsF-A1-01M", "A1", Text2("Access information", "アクセスの情報"), 1,
        (_q(1, "The metadata tell who may have the data", "だれが利用できるかが示されている", 1, 3, _level),),
    ),
    (
        "FsF-A1-02MD", "A1", Text2("Metadata and data can be had", "メタデータとデータを取得できる"), 2,
        (
            _q(1, "The identifier leads to the metadata", "識別子からメタデータを取得できる", 1, 3, _metadata_answer),
            _q(2, "The addresses in the metadata lead to the data", "メタデータのアドレスからデータを取得できる", 1, 3, _data_answer),
        ),
    ),
    (
        "FsF-A1.1-01MD", "A1.1", Text2("Standard protocol", "標準の通信手順"), 2,
        (
            _q(1, "To the metadata", "メタデータについて", 1, 3, _page_protocol),
            _q(2, "To the data", "データについて", 1, 3, _file_protocol),
        ),
    ),
    (
        "FsF-A1.2-01MD", "A1.2", Text2("Protocol that knows a sign-in", "認証のできる通信手順"), 2,
        (
            _q(1, "To the metadata", "メタデータについて", 1, 3, _page_sign_in),
            _q(2, "To the data", "データについて", 1, 3, _file_sign_in),
        ),
    ),
    (
        "FsF-I1-01M", "I1", Text2("Formal representation of metadata", "メタデータの形式的な表現"), 2,
        (
            _q(1, "In the page", "ページの中に", 2, 2, _embedded),
            _q(2, "By content negotiation and typed links", "内容交渉や型付きリンクで", 2, 3, _negotiated),
        ),
    ),
    (
        "FsF-I2-01M", "I2", Text2("Terms of registered vocabularies", "登録された語彙の用語"), 2,
        (_q(2, "Terms are named by their addresses", "用語がアドレスで示されている", 2, 3, _vocabularies),),
    ),
    (
        "FsF-I3-01M", "I3", Text2("Qualified references", "関係の種類を示した参照"), 2,
        (
            _q(1, "Related works are named, with the relation", "関連する成果が関係の種類とともに示されている", 2, 2, _related_words),
            _q(2, "By links or identifiers", "リンクや識別子で示されている", 2, 3, _related_links),
        ),
    ),
    (
        "FsF-R1-01M", "R1", Text2("What the data are", "データの内容"), 2,
        (
            _q(1, "The resource type", "資源タイプ", 1, 1, _kind),
            _q(2, "Size and type of the files", "ファイルの大きさと種類", 1, 3, _form),
            _q(3, "The variables", "変数", 0, 3, _variables),
        ),
    ),
    (
        "FsF-R1.1-01M", "R1.1", Text2("Licence", "ライセンス"), 1,
        (_q(1, "The metadata name the licence", "ライセンスが示されている", 1, 3, _licence),),
    ),
    (
        "FsF-R1.2-01M", "R1.2", Text2("Provenance", "来歴"), 1,
        (
            _q(1, "Who made it and when", "だれがいつ作ったか", 1, 2, _origin),
            _q(2, "In a language of provenance (PROV, PAV)", "来歴の語彙（PROV、PAV）で", 1, 3, _prov),
        ),
    ),
    (
        "FsF-R1.3-01M", "R1.3", Text2("Metadata standard of the community", "研究コミュニティのメタデータ標準"), 1,
        (
            _q(1, "One of the field", "分野の標準", 1, 3, _of_the_field),
            _q(3, "One of all fields that is listed", "分野共通の、登録された標準", 1, 1, _of_all_fields),
        ),
    ),
    (
        "FsF-R1.3-02D", "R1.3", Text2("File format of the community", "研究コミュニティのファイル形式"), 1,
        (_q(1, "Open, long-lived or scientific formats", "公開・長期保存・科学分野の形式", 1, 3, _lasting),),
    ),
)  # fmt: skip
