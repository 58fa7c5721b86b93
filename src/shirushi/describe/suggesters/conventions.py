"""What the global attributes of ACDD state that reading them one by one would miss: names with their roles and institutions,
keyword paths with their vocabulary, dates by kind, the identifier with its authority.

Source: Attribute Convention for Data Discovery 1.3 (ESIP). Attributes of one file belong together; those of several files are asked
one by one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from shirushi.describe.evidence import JSON, Candidate, Evidence
from shirushi.describe.names import creator, is_organisation, looks_like_person, orcid_of, split_people
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import unique
from shirushi.describe.suggesters.dates import read_dates
from shirushi.describe.text import fold

MOST_FILES = 20
MOST_WORDS = 40
_DATES = {"date_created": "Created", "date_issued": "Issued", "date_modified": "Updated"}
_ROLES = {"principal investigator": "ProjectLeader", "principalinvestigator": "ProjectLeader", "editor": "Editor", "data curator": "DataCurator",
    "data manager": "DataManager", "data collector": "DataCollector", "project manager": "ProjectManager", "point of contact": "ContactPerson",
    "contact": "ContactPerson", "researcher": "Researcher", "funder": "Sponsor", "sponsor": "Sponsor", "distributor": "Distributor",
    "producer": "Producer", "rights holder": "RightsHolder", "supervisor": "Supervisor"}  # fmt: skip
_VOCABULARY = re.compile(r"GCMD|Global Change Master Directory", re.IGNORECASE)
_TYPED = ("institution", "group")

Said = Mapping[str, Evidence]


def _files(seen: EvidenceSet) -> Iterator[Said]:
    """The global attributes of each file that follows the convention, by name."""
    files: dict[str, dict[str, Evidence]] = {}
    for item in seen.of("attribute"):
        if not item.value.get("owner") and isinstance(item.value["value"], str) and item.value["value"].strip():
            files.setdefault(item.place.file, {}).setdefault(str(item.value["name"]).lower(), item)
    following = [said for said in files.values() if "acdd" in _text(said, "conventions").lower() or _is_like(said)]
    yield from following[:MOST_FILES]


def _is_like(said: Said) -> bool:
    """Whether a file that does not name the convention uses its words all the same."""
    return sum(name in said for name in ("creator_name", "naming_authority", "keywords_vocabulary", "contributor_name",
        "date_created", "time_coverage_start", "geospatial_lat_min", "creator_institution", "publisher_name")) >= 2  # fmt: skip


def _text(said: Said, name: str) -> str:
    return str(said[name].value["value"]).strip() if name in said else ""


def _parts(text: str, count: int) -> list[str]:
    """The parts of an attribute that runs along another with ``count`` names; one part stands for all."""
    parts = [part.strip() for part in re.split(r"[;；,、|]", text) if part.strip()]
    if len(parts) == count:
        return parts
    return [text] * count if text and count and (count == 1 or len(parts) == 1) else [""] * count


@suggests("creators")
def creators(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """``creator_name`` with its type, institution and ORCID iD."""
    for said in _files(seen):
        if "creator_name" not in said:
            continue
        typed = [part.strip().lower() for part in _text(said, "creator_type").split(",")]
        whole = _text(said, "creator_name")
        if all(kind in _TYPED for kind in typed) and ";" not in whole and len(whole) <= 200:
            value: dict[str, JSON] = {"name": whole, "name_type": "Organizational"}
            yield Candidate("/creators/-", value, (said["creator_name"],), "creators.attribute")
            continue
        names = [name for name in split_people(whole) if looks_like_person(name)]
        places, urls = (_parts(_text(said, key), len(names)) for key in ("creator_institution", "creator_url"))
        for position, (name, place, url) in enumerate(zip(names, places, urls, strict=True)):
            affiliations = [{"name": place}] if 2 < len(place) <= 200 and "://" not in place else []
            value = creator(name, orcid=orcid_of(url), affiliations=affiliations)
            keys = [
                "creator_name",
                *(["creator_institution"] if affiliations else []),
                *(["creator_url"] if orcid_of(url) else []),
            ]
            items = unique(said[key] for key in keys)
            yield Candidate("/creators/-", value, items, "creators.attribute", score=1 - position / 1000)


@suggests("contributors")
def contributors(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """``contributor_name`` with ``contributor_role``."""
    for said in _files(seen):
        names = split_people(_text(said, "contributor_name"))[:50]
        for name, role in zip(names, _parts(_text(said, "contributor_role"), len(names)), strict=True):
            if looks_like_person(name) or is_organisation(name):
                value = {**creator(name), "role": _ROLES.get(fold(role).replace("_", " "), "Other")}
                items = unique(said[key] for key in ("contributor_name", "contributor_role") if key in said)
                yield Candidate("/contributors/-", value, items, "contributors.attribute")


@suggests("subjects")
def subjects(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Keywords that are paths of a vocabulary (``EARTH SCIENCE > OCEANS > SEA SURFACE TEMPERATURE``), whole, with its name."""
    for said in _files(seen):
        vocabulary = _text(said, "keywords_vocabulary")
        for word in _paths(_text(said, "keywords"))[:MOST_WORDS]:
            known = _VOCABULARY.search(vocabulary) or word.upper().startswith("EARTH SCIENCE >")
            value: dict[str, JSON] = {"text": word, "lang": "en"} if word.isascii() else {"text": word}
            value |= {"scheme": "GCMD Science Keywords"} if known else {}
            items = unique(said[key] for key in ("keywords", "keywords_vocabulary") if key in said)
            yield Candidate("/subjects/-", value, items, "subjects.attribute-path")


def _paths(text: str) -> Sequence[str]:
    words = (" > ".join(step.strip() for step in part.split(">")) for part in re.split(r"[,;\n]", text) if ">" in part)
    return [word for word in words if 5 <= len(word) <= 250 and not word.startswith(" >") and not word.endswith("> ")]


@suggests("dates")
def dates(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """When the data were made, issued and changed: for many files, the first creation and the last change."""
    for name, kind in _DATES.items():
        found = [(read[0][0], said[name]) for said in _files(seen) if (read := read_dates(_text(said, name)))]
        if found:
            value, item = (max if kind == "Updated" else min)(found, key=lambda pair: pair[0])
            yield Candidate("/dates/-", {"date": value, "type": kind}, (item,), "dates.attribute-labelled")


@suggests("alternate_identifiers")
def alternate_identifiers(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """``id`` with its ``naming_authority``, which together are unique in the world; only where all files share them."""
    found = {(_text(said, "naming_authority"), _text(said, "id")): said for said in _files(seen)}
    for (authority, own), said in found.items() if len(found) == 1 else ():
        if own and len(own) <= 200 and re.fullmatch(r"[\w.\-]{3,100}", authority):
            items = unique((said["id"], said["naming_authority"]))
            value = {"identifier": f"{authority}:{own}", "type": "ACDD id"}
            yield Candidate("/alternate_identifiers/-", value, items, "alternate_identifiers.attribute")
