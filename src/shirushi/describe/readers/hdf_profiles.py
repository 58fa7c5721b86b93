"""What the field's own layouts of HDF5 say of a whole: NWB (neurophysiology), NeXus (neutrons, X-rays, muons), AnnData (single cells).

Only what such a file states outright about the work becomes a statement; a run's own title or a session's description stays an
attribute of that part. Nothing is said of a person or an animal that was studied: NWB's ``subject`` group is not looked at.

Sources: NWB 2.8 core schema, ``NWBFile`` and ``general``; NeXus NXentry and NXuser base classes; AnnData on-disk format 0.1.0, and
the CELLxGENE schema's ``uns["title"]``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers import cf
from shirushi.describe.readers.placing import Statements
from shirushi.describe.readers.stating import doi_of, person, related

READER = "hdf-profile/1"
MOST_PEOPLE = 30
_SUBJECT = "/general/subject"
_ROLES = {"principal_investigator": "ProjectLeader", "principal investigator": "ProjectLeader", "experimenter": "DataCollector",
    "local_contact": "ContactPerson", "local contact": "ContactPerson", "proposer": "ProjectMember", "coworker": "ProjectMember"}  # fmt: skip


def is_nwb(root: Mapping[str, JSON]) -> bool:
    return "nwb_version" in root


def is_private(path: str) -> bool:
    """Whether a path of an NWB file is about the individual that was studied."""
    return path == _SUBJECT or path.startswith(_SUBJECT + "/")


def stated(
    file: str,
    root: Mapping[str, JSON],
    groups: Mapping[str, Mapping[str, JSON]],
    texts: Mapping[str, str],
    lists: Mapping[str, list[str]],
) -> Iterator[Evidence]:
    """Statements about the work. ``texts`` and ``lists`` are the text datasets by path: single ones, and several in one."""
    say = Statements(file, READER)
    if is_nwb(root):
        yield from _nwb(say, texts, lists)
    for path, attributes in groups.items():
        if attributes.get("NX_class") == "NXuser":
            yield from _user(say, path, texts)
        elif attributes.get("NX_class") == "NXentry" and (title := texts.get(f"{path}/title")):
            # of the run; the whole has it as its title where there is no other
            value = {"name": "title", "value": title, "owner": ""}
            yield Evidence("attribute", value, _place(file, f"{path}/title", title), READER)
        elif attributes.get("NX_class") == "NXinstrument" and (name := texts.get(f"{path}/name")):
            yield Evidence("instrument", {"name": name[:300]}, _place(file, f"{path}/name", name), READER)
    if root.get("encoding-type") == "anndata" and (title := texts.get("/uns/title")):
        yield from say.evidence("titles", {"text": title}, _place(file, "/uns/title", title))


def _place(file: str, path: str, quote: str) -> AttributePlace:
    return AttributePlace(file, path, quote=quote[: cf.MAX_QUOTE])


def _said(path: str, texts: Mapping[str, str], lists: Mapping[str, list[str]]) -> list[str]:
    return lists.get(path) or ([texts[path]] if path in texts else [])


def _nwb(say: Statements, texts: Mapping[str, str], lists: Mapping[str, list[str]]) -> Iterator[Evidence]:
    institutions = _said("/general/institution", texts, lists)
    for name in _said("/general/experimenter", texts, lists)[:MOST_PEOPLE]:
        value = person(name, affiliations=[{"name": place} for place in institutions[:1]])
        yield from say.evidence("creators", value, _place(say.file, "/general/experimenter", name))
    for word in _words(_said("/general/keywords", texts, lists)):
        yield from say.evidence("subjects", {"text": word}, _place(say.file, "/general/keywords", word))
    for text in _said("/general/related_publications", texts, lists)[:MOST_PEOPLE]:
        if doi := doi_of(text):
            value = related(doi, "IsDescribedBy")
            yield from say.evidence("related", value, _place(say.file, "/general/related_publications", text))
    if start := cf.iso_date(texts.get("/session_start_time")):
        value = {"start": start, "end": start, "count": 0}
        place = _place(say.file, "/session_start_time", texts["/session_start_time"])
        yield Evidence("time-range", value, place, READER)


def _words(items: Iterable[str]) -> list[str]:
    return [word for item in items for part in re.split(r"[,;、；]", item) if 2 <= len(word := part.strip()) <= 100][
        :50
    ]


def _user(say: Statements, path: str, texts: Mapping[str, str]) -> Iterator[Evidence]:
    """An NXuser takes part in a measurement; the role tells how."""
    name = texts.get(f"{path}/name", "")
    if not name:
        return
    role = _ROLES.get(texts.get(f"{path}/role", "").strip().lower(), "Other")
    affiliation = texts.get(f"{path}/affiliation", "")
    orcid = texts.get(f"{path}/ORCID", "")
    value = {**person(name, orcid=orcid, affiliations=[{"name": affiliation}] if affiliation else []), "role": role}
    yield from say.evidence("contributors", value, _place(say.file, f"{path}/name", name))
