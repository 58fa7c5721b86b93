"""Rights: a licence file, a deed's address, a badge, a sentence. Where nothing says so, nothing is proposed."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from shirushi.describe.denial import denied
from shirushi.describe.evidence import JSON, Candidate, Evidence
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import attributes, front_weight, key_of, purpose, stated_by
from shirushi.describe.suggesters.parts import CODE, DATA, of_a_part
from shirushi.describe.suggesters.venues import venues
from shirushi.describe.text import LEFT, RIGHT

TARGET = "/rights/-"
_CC_URL = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<kind>by(?:-nc)?(?:-nd|-sa)?)/(?P<version>\d\.\d)|publicdomain/(?P<zero>zero|mark)/1\.0)",
    re.IGNORECASE,
)
_CC_WORDS = re.compile(
    rf"{LEFT}(?:CC|Creative\s+Commons|クリエイティブ・?コモンズ)[\s_\-–]*(?:\(?CC\)?[\s_\-]*)?"
    r"(?P<kind>BY(?:[\s_\-–]*NC)?(?:[\s_\-–]*(?:ND|SA))?|Attribution(?:[\s\-–]*Non-?Commercial)?(?:[\s\-–]*(?:Share-?\s?Alike|No-?\s?Deriv\w*))?|表示(?:[\s\-–]*非営利)?(?:[\s\-–]*(?:継承|改変禁止))?)"
    r"(?:[\s\-–_]*(?:License|Licence|International|Public|Unported|ライセンス|国際|\(CC[\s\-]?BY[\w\s\-]*\)|Int\.?)|[\s,\-–_]*(?:version|v\.?))*[\s\-–_,]*(?P<version>[1-4]\.\d)?",
    re.IGNORECASE,
)
_CC0 = re.compile(
    rf"{LEFT}CC[\s\-]?0{RIGHT}(?![\s\-]*based)|CC[\s\-]?Zero|Creative Commons Zero|public domain dedication",
    re.IGNORECASE,
)
_SPDX_TAG = re.compile(r"SPDX-License-Identifier:\s*([A-Za-z0-9.+\-]+)")
_NAMED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), spdx)
    for pattern, spdx in (
        (
            rf"{LEFT}Apache(?:[\s\-]+(?:Software\s+)?Licen[sc]e)?[\s,\-]*(?:version|v\.?)?\s*2(?:\.0)?{RIGHT}|apache\.org/licenses/LICENSE-2\.0",
            "Apache-2.0",
        ),
        (
            rf"{LEFT}MIT[\s\-]+(?:Licen[sc]e|License)|{LEFT}MIT[\s\-]?ライセンス|opensource\.org/licenses?/mit|licen[sc]e[ds]?[\s:\-]+(?:under\s+)?(?:the\s+)?MIT{RIGHT}|^MIT$",
            "MIT",
        ),
        (rf"{LEFT}(?:GNU\s+)?AGPL[\s\-]*v?3|GNU Affero General Public Licen[sc]e", "AGPL-3.0"),
        (rf"{LEFT}(?:GNU\s+)?LGPL[\s\-]*v?3|GNU Lesser General Public Licen[sc]e", "LGPL-3.0"),
        (
            rf"{LEFT}(?:GNU\s+)?GPL[\s\-]*(?:version\s*|v)?3|GNU General Public Licen[sc]e(?:\s*\(GPL\))?,?\s*(?:version|v)?\s*3|gnu\.org/licenses/gpl-3",
            "GPL-3.0",
        ),
        (
            rf"{LEFT}(?:GNU\s+)?GPL[\s\-]*(?:version\s*|v)?2|GNU General Public Licen[sc]e(?:\s*\(GPL\))?,?\s*(?:version|v)?\s*2",
            "GPL-2.0",
        ),
        (rf"{LEFT}BSD[\s\-]*3|3-?\s?clause BSD|BSD 3-?Clause|New BSD", "BSD-3-Clause"),
        (rf"{LEFT}BSD[\s\-]*2|2-?\s?clause BSD|Simplified BSD", "BSD-2-Clause"),
        (
            rf"{LEFT}ODbL{RIGHT}|Open (?:Data Commons Open )?Database Licen[sc]e|opendatacommons\.org/licenses/odbl",
            "ODbL-1.0",
        ),
        (
            rf"{LEFT}PDDL{RIGHT}|Public Domain Dedication (?:and|&) Licen[sc]e|opendatacommons\.org/licenses/pddl",
            "PDDL-1.0",
        ),
        (rf"{LEFT}ODC[\s\-]?BY{RIGHT}|opendatacommons\.org/licenses/by|Open Data Commons Attribution", "ODC-By-1.0"),
        (rf"{LEFT}MPL[\s\-]*2|Mozilla Public Licen[sc]e", "MPL-2.0"),
        (rf"{LEFT}EUPL{RIGHT}|European Union Public Licen[sc]e", "EUPL-1.2"),
        (
            r"Open Government Licen[sc]e(?:,?\s*(?:version|v)?\s*\.?3(?:\.0)?)?|nationalarchives\.gov\.uk/doc/open-government-licence",
            "OGL-UK-3.0",
        ),
        (r"unlicense\.org|\bThe Unlicense\b", "Unlicense"),
        (rf"{LEFT}CDLA[\s\-]*Permissive[\s\-]*2", "CDLA-Permissive-2.0"),
        (rf"{LEFT}CDLA[\s\-]*Permissive[\s\-]*1", "CDLA-Permissive-1.0"),
        (rf"{LEFT}ISC[\s\-]+Licen[sc]e", "ISC"),
        (rf"{LEFT}CERN[\s\-]?OHL", "CERN-OHL-P-2.0"),
        (rf"{LEFT}SIL Open Font|{LEFT}OFL[\s\-]?1\.1", "OFL-1.1"),
    )
)
_ALIKE = 0.8
_LICENCE_FILE = re.compile(r"(?i)(?:un)?licen[sc]|copying|lizenz|copyright|rights")
_GRANT = re.compile(
    r"licen[sc]|lizenz|licença|licencia|released under|distributed under|available under|published under|made available|shared under|covered by|terms|copyright|rights|waive|public domain|ライセンス|利用条件|公開|許諾|提供|著作権",
    re.IGNORECASE,
)
KEYS = frozenset(
    {
        "license",
        "licence",
        "licenses",
        "licences",
        "rights",
        "data license",
        "usage license",
        "terms of use",
        "copyright",
        "lizenz",
        "licença",
        "licencia",
        "code license",
        "ライセンス",
        "利用条件",
        "利用規約",
        "権利",
        "著作権",
        "データライセンス",
    }
)


# An order to whoever reads: "Set the license to CC0-1.0" states nothing
_TO_SET = re.compile(
    r"\b(?:set|change|switch|put|choose|select|use|write|enter|add)\b(?:\s+\w+){0,4}\s+licen[cs]e\b[^.;。]{0,30}$|ライセンス(?:を|は)[^。]{0,20}(?:にして|に設定|に変更)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A licence named in a text: where, and how sure its version is."""

    spdx: str
    start: int
    versioned: bool = True


def licences_in(text: str) -> list[Found]:
    """SPDX ids of the licences that a text names, in the order in which they stand, each once."""
    found: list[Found] = []
    for match in _CC_URL.finditer(text):
        if match["kind"]:
            found.append(Found(f"CC-{match['kind'].upper()}-{match['version']}", match.start()))
        elif match["zero"].lower() == "zero":
            found.append(Found("CC0-1.0", match.start()))
    found.extend(
        Found(f"CC-{_cc_kind(m['kind'])}-{m['version'] or '4.0'}", m.start(), m["version"] is not None)
        for m in _CC_WORDS.finditer(text)
    )
    found.extend(Found("CC0-1.0", match.start()) for match in _CC0.finditer(text))
    found.extend(Found(_bare(match[1]), match.start()) for match in _SPDX_TAG.finditer(text))
    for pattern, spdx in _NAMED:
        found.extend(Found(spdx, match.start()) for match in pattern.finditer(text))
    if any(f.spdx == "PDDL-1.0" for f in found):
        found = [f for f in found if f.spdx != "CC0-1.0"]
    # "CC BY" beside the deed's address with a version is the same licence said twice
    sure = {re.sub(r"-[\d.]+$", "", f.spdx) for f in found if f.versioned}
    kept = {
        f.spdx: f
        for f in sorted(found, key=lambda f: -f.start)
        if f.versioned or re.sub(r"-[\d.]+$", "", f.spdx) not in sure
    }
    return sorted(kept.values(), key=lambda f: f.start)


def _cc_kind(words: str) -> str:
    text = words.lower()
    kind = "BY"
    if re.search(r"nc|non-?\s?commercial|非営利", text):
        kind += "-NC"
    if re.search(r"sa$|sa\b|share|継承", text):
        kind += "-SA"
    elif re.search(r"nd$|deriv|改変", text):
        kind += "-ND"
    return kind


def _bare(spdx: str) -> str:
    return spdx.removesuffix("-or-later").removesuffix("-only").rstrip("+.")


@suggests("rights", version="2")
def rights(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Licences by file, by statement, by badge and by address."""
    data_licence = any(_about_data(e.place.file) for e in seen.of("licence-text"))
    for item in seen.stated("rights"):
        method = stated_by("rights", item)
        yield Candidate(TARGET, item.value["value"], (item,), method, front_weight(item.place.file))
    filed = [_from_file(item, data_licence=data_licence) for item in seen.of("licence-text")]
    said = [
        candidate
        for item in seen.of("key-value", "paragraph", "list-item", "badge", "link", "table-row", "heading")
        for candidate in _from_text(item)
    ]
    yield from _alike(list(_weighed(filed, said)))
    if not filed and not said:
        for spdx, item in venues(seen):
            yield _candidate(spdx, item, "rights.venue", {"alone": 1.0}, 0.2)
    for item, text in attributes(
        seen, "license", "licence", "rights", "dc.rights", "copyright", "xmp:usageterms", "usage terms"
    ):
        for found in licences_in(text):
            yield _candidate(found.spdx, item, "rights.attribute", {})
    for item, text in attributes(seen, *_IMAGE_RIGHTS):
        for found in licences_in(text):
            yield _candidate(found.spdx, item, "rights.image", {})


# EXIF, XMP and IPTC of photographs: a licence of the picture, perhaps of the whole
_IMAGE_RIGHTS = ("exif:copyright", "xmp:dc:rights", "xmp:xmprights:usageterms", "xmp:xmprights:webstatement", "xmp:cc:license",
    "iptc:copyrightnotice")  # fmt: skip


def _alike(found: list[Candidate]) -> Iterator[Candidate]:
    """Where something tells what two licences cover, whatever else names them says the same; each is told whether the folder
    names one licence only."""
    covers = {c.value["id"]: c.value["covers"] for c in found if c.method == "rights.told-apart"}
    sole = float(len({_family(c.value["id"]) for c in found}) == 1)
    for candidate in found:
        known = covers.get(candidate.value["id"])
        told = candidate if candidate.value.get("covers") else _covering(candidate, known)
        yield replace(told, features={**told.features, "sole": sole})


def _family(spdx: str) -> str:
    return re.sub(r"-[\d.]+$", "", spdx)


def _weighed(filed: list[Candidate], said: list[Candidate]) -> Iterator[Candidate]:
    """A licence file for software beside a sentence that licenses the content: each is told of the other."""
    outspoken = any(
        _is_for_content(c.value["id"])
        and c.method in ("rights.section", "rights.key-value", "rights.prose", "rights.licence-note", "rights.link")
        for c in said
    )
    code_file = any(not _is_for_content(c.value["id"]) for c in filed)
    files = [c.evidence[0].place.file.rsplit("/", 1)[-1] for c in filed]
    parted = any(_CODE_NAME.search(file) for file in files) or any(_DATA_NAME.search(file) for file in files)
    for candidate in _speaking(filed, said):
        if covers := _by_name(candidate, files) if parted else None:
            yield _covering(replace(candidate, method="rights.told-apart"), covers)
            continue
        against = float(outspoken and not _is_for_content(candidate.value["id"]))
        # the folder licenses its content in words, so this text is for the code beside it
        value = {**candidate.value, "covers": "code"} if against else candidate.value
        yield replace(candidate, value=value, features={**candidate.features, "contradicted": against})
    for candidate in said:
        beside = float(code_file and _is_for_content(candidate.value["id"]))
        yield replace(candidate, features={**candidate.features, "beside_code_licence": beside})


_CODE_NAME = re.compile(r"(?:^|[^a-z])(?:code|software|src|scripts?)(?:$|[^a-z])", re.IGNORECASE)
_DATA_NAME = re.compile(r"(?:^|[^a-z])(?:data|dataset|content|docs?)(?:$|[^a-z])", re.IGNORECASE)


def _by_name(candidate: Candidate, files: Sequence[str]) -> str | None:
    """What a licence file is for by its name, LICENSE-DATA beside LICENSE-CODE; the one without a name is for the other."""
    file = candidate.evidence[0].place.file.rsplit("/", 1)[-1]
    if not _LICENCE_FILE.match(file):
        return None
    if _CODE_NAME.search(file):
        return "code"
    if _DATA_NAME.search(file):
        return "data"
    content = _is_for_content(candidate.value["id"])
    if content and any(_CODE_NAME.search(other) for other in files):
        return "data"
    return "code" if not content and any(_DATA_NAME.search(other) for other in files) else None


def _speaking(filed: list[Candidate], said: list[Candidate]) -> Iterator[Candidate]:
    """Licence files that may speak of the whole: a tag inside a file only where no licence file does, a text that is merely
    like a licence only where no words name another."""
    whole = any(c.method == "rights.licence-file" and c.features["top"] for c in filed)
    named = {c.value["id"] for c in said}
    for candidate in filed:
        if candidate.method == "rights.licence-tag" and whole:
            continue
        if candidate.method == "rights.licence-file-alike" and named and candidate.value["id"] not in named:
            continue
        yield candidate


_FOR_DATA = re.compile(rf"{DATA.pattern}|測定|観測|資料", re.IGNORECASE)


_FOR = re.compile(r"\bfor\s+(?:all\s+|the\s+|our\s+)*(\w+(?:\s\w+)?)", re.IGNORECASE)
NEAR = 80  # characters before a licence in which what it covers is named


def _told_apart(text: str, found: Sequence[Found]) -> list[str] | None:
    """What each of two or more licences covers, where the words beside them say ``data`` of one and ``code`` of another: "Data: CC BY
    4.0. Code: MIT License.", "CC0 for the data and MIT for the scripts"."""
    if len(found) < 2:
        return None
    ends = [one.start for one in found[1:]] + [len(text)]
    told = []
    for number, one in enumerate(found):
        before = text[max(found[number - 1].start if number else 0, one.start - NEAR) : one.start]
        before = re.split(r"[.;。；](?=\s|$)|。", before)[-1]
        behind = _FOR.search(text[one.start : ends[number]])
        told.append((_subject(behind[1]) if behind else None) or _subject(before, last=True))
    return told if {"data", "code"} <= set(told) else None  # type: ignore[return-value]


def _subject(text: str, *, last: bool = False) -> str | None:
    """What a piece of text speaks of, data or code: the last mention of it, or the first."""
    marks = [(m.start(), "code") for m in CODE.finditer(text)] + [(m.start(), "data") for m in _FOR_DATA.finditer(text)]
    return (max(marks)[1] if last else min(marks)[1]) if marks else None


def _covering(candidate: Candidate, covers: str | None) -> Candidate:
    return replace(candidate, value={**candidate.value, "covers": covers}) if covers else candidate


def _is_for_content(spdx: str) -> bool:
    return spdx.startswith(("CC", "ODbL", "ODC", "PDDL", "OGL", "etalab", "CDLA", "DL-DE"))


def _depth(file: str) -> int:
    return file.count("/")


def _about_data(file: str) -> bool:
    return re.search(r"data|content|docs?\b|cc[-_]?by", file, re.IGNORECASE) is not None


def _from_file(item: Evidence, *, data_licence: bool) -> Candidate:
    file, spdx = item.place.file, _bare(item.value["spdx"])
    features = {
        "match": float(item.value["score"]),
        "top": float(_depth(file) == 0),
        "named": float(_LICENCE_FILE.match(file.rsplit("/", 1)[-1]) is not None),
        "code": float(bool(CODE.search(file.rsplit("/", 1)[-1]))),
        "data": float(_about_data(file) and data_licence),
        "content": float(_is_for_content(spdx)),
    }
    score = 0.5 ** _depth(file) * (0.4 if features["code"] else 1) * (1.2 if features["data"] else 1)
    return _candidate(spdx, item, _method_of_file(item, features), features, score)


def _method_of_file(item: Evidence, features: dict[str, float]) -> str:
    """A licence file at the top speaks of the whole; one inside of its folder; a tag in another file of that file alone; a
    text that is only like a licence is told by its likeness."""
    if not features["named"]:
        return "rights.licence-tag"
    if not features["top"] and not features["data"]:
        return "rights.licence-file-inside"
    return "rights.licence-file" if features["match"] >= _ALIKE else "rights.licence-file-alike"


def _candidate(
    spdx: str, item: Evidence, method: str, features: dict[str, float], score: float | None = None
) -> Candidate:
    value: dict[str, JSON] = {"id": spdx}
    weight = front_weight(item.place.file) if score is None else score
    return Candidate(
        TARGET, value, (item,), method, score=weight, features={"front": front_weight(item.place.file), **features}
    )


def _from_text(item: Evidence) -> Iterator[Candidate]:
    value = item.value
    text = " ".join(str(value[k]) for k in ("text", "value", "url", "image") if isinstance(value.get(k), str))
    if item.kind == "table-row":
        text = " ".join(value["cells"])
    note = _LICENCE_FILE.match(item.place.file.rsplit("/", 1)[-1]) is not None
    if len(text) > 6_000 or (front_weight(item.place.file) < 0.1 and not (note and item.place.file.count("/") == 0)):
        return
    text = unicodedata.normalize("NFKC", text)
    found = [
        one
        for one in licences_in(text)
        if not _TO_SET.search(text[max(0, one.start - 60) : one.start])
        and not denied(text, one.start)
        and not of_a_part(text, one.start)
    ]
    if not found:
        return
    in_section = purpose(value.get("section", "")) == "licence"
    labelled = item.kind == "key-value" and key_of(item) in KEYS
    says = bool(_GRANT.search(text))
    method = {
        "badge": "rights.badge",
        "link": "rights.link",
        "heading": "rights.heading",
        "table-row": "rights.table",
    }.get(item.kind, "rights.prose")
    if note and item.kind != "badge":
        method = "rights.licence-note"
    elif labelled:
        method = "rights.key-value"
    elif in_section and item.kind != "badge":
        method = "rights.section"
    elif item.kind in ("table-row", "heading", "key-value") and not says:
        return
    elif not says and item.kind in ("paragraph", "list-item"):
        method = "rights.mention"
    apart = _told_apart(text, found[:3])
    for position, licence in enumerate(found[:3]):
        if apart and (says or labelled or in_section):
            yield _covering(
                _candidate(licence.spdx, item, "rights.told-apart", {"versioned": float(licence.versioned)}),
                apart[position],
            )
            continue
        around = text[max(0, licence.start - 120) : licence.start]
        features = {
            "versioned": float(licence.versioned),
            "first": float(position == 0),
            "data_near": float(bool(DATA.search(around))),
            "code_near": float(bool(CODE.search(around)) and not DATA.search(around)),
            "several": float(len(found) > 1),
        }
        yield _candidate(licence.spdx, item, method, features)
