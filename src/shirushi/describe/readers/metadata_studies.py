"""Metadata of studies in XML: DDI Codebook, Darwin Core archives, GEO's MINiML.

Sources: DDI Codebook 2.5 (its field-level documentation; 1.2 and 2.1 share the elements used); Darwin Core Text Guide (TDWG);
MINiML as NCBI GEO describes it.
"""

import re
from collections.abc import Iterator
from typing import Any

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import placing, stating
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.metadata_geographic import number
from shirushi.describe.readers.metadata_xml import first_words, lang_of
from shirushi.describe.readers.placing import Tree
from shirushi.describe.readers.safe_xml import text

MOST_VARIABLES = 2_000
_SIMPLE: tuple[tuple[str, str, JSON], ...] = (
    ("citation/titlStmt/titl", "titles", {}),
    ("citation/titlStmt/subTitl", "titles", {"type": "Subtitle"}),
    ("citation/titlStmt/altTitl", "titles", {"type": "AlternativeTitle"}),
    ("citation/titlStmt/parTitl", "titles", {"type": "TranslatedTitle"}),
    ("stdyInfo/abstract", "descriptions", {"type": "Abstract"}),
    ("method/dataColl/sampProc", "descriptions", {"type": "Methods"}),
    ("method/dataColl/collMode", "descriptions", {"type": "Methods"}),
    ("stdyInfo/subject/keyword", "subjects", {}),
    ("stdyInfo/subject/topcClas", "subjects", {}),
    ("stdyInfo/sumDscr/nation", "locations", {}),
    ("stdyInfo/sumDscr/geogCover", "locations", {}),
)


@reads("application/x-ddi+xml", version=1)
def read_ddi(file: File) -> Iterator[Evidence]:
    """What a DDI codebook says of its study, and the variables with their labels, questions and ranges."""
    tree = placing.tree(file, "ddi/1")
    study = tree.root.find("{*}stdyDscr")
    if study is not None:
        for path, field, more in _SIMPLE:
            for element in study.findall(_any(path)):
                said = stating.prose(text(element))
                value = (
                    {"place": said[:500]} if field == "locations" else {"text": said, "lang": lang_of(element), **more}
                )
                if field == "subjects":
                    value["scheme"] = element.get("vocab")
                yield from tree.say(field, value, element)
        yield from _ddi_people(tree, study)
        yield from _ddi_single(tree, study)
        yield from _ddi_coverage(tree, study)
    yield from _ddi_variables(tree)


def _any(path: str) -> str:
    """A path whose steps may be in any namespace: DDI 2.5 has one, 1.2 has none."""
    return "/".join(f"{{*}}{step}" for step in path.split("/"))


def _ddi_people(tree: Tree, study: Any) -> Iterator[Evidence]:
    for element in study.findall(_any("citation/rspStmt/AuthEnty")):
        yield from tree.say("creators", _ddi_party(element), element)
    for path, role in (
        ("citation/rspStmt/othId", element_role),
        ("citation/prodStmt/producer", "Producer"),
        ("citation/distStmt/contact", "ContactPerson"),
    ):
        for element in study.findall(_any(path)):
            who = _ddi_party(element)
            named = role if isinstance(role, str) else role(element)
            yield from tree.say("contributors", {**who, "role": named} if who else {}, element)
    for element in study.findall(_any("citation/prodStmt/fundAg")):
        award = study.find(_any("citation/prodStmt/grantNo"))
        alone = len(study.findall(_any("citation/prodStmt/fundAg"))) == 1
        yield from tree.say("funding", {"funder": text(element), "award": text(award) if alone else ""}, element)


def element_role(element: Any) -> str:
    """The role that an ``othId`` names, or Other."""
    return stating.role(element.get("role") or element.get("type"))


def _ddi_party(element: Any) -> dict[str, JSON]:
    orcid = element.get("URI", "") if "orcid" in element.get("URI", "") else ""
    return stating.person(text(element), orcid=orcid, affiliations=[element.get("affiliation", "")])


def _ddi_single(tree: Tree, study: Any) -> Iterator[Evidence]:
    for element in study.findall(_any("citation/titlStmt/IDNo")):
        doi = stating.doi_of(text(element))
        yield from tree.say("alternate_identifiers", {"identifier": doi, "type": "DOI"} if doi else {}, element)
    for element in study.findall(_any("citation/verStmt/version")):
        yield from tree.say("version", text(element), element)
    for element in study.findall(_any("citation/distStmt/distrbtr")):
        yield from tree.say("publisher", {"name": text(element)}, element)
    for element in study.findall(_any("citation/distStmt/distDate")):
        yield from tree.say("publication_date", stating.date(element.get("date") or text(element)), element)
    for path in ("citation/prodStmt/copyright", "dataAccs/useStmt/conditions", "dataAccs/setAvail/conditions"):
        for element in study.findall(_any(path)):
            found = stating.rights(text(element))
            yield from tree.say("rights", found if found.get("id") else {}, element)


def _ddi_coverage(tree: Tree, study: Any) -> Iterator[Evidence]:
    for tag, kind in (("timePrd", "Coverage"), ("collDate", "Collected")):
        begin = None
        for element in study.findall(_any(f"stdyInfo/sumDscr/{tag}")):
            event, said = element.get("event", "single"), element.get("date") or text(element)
            if event == "start":
                begin = (said, element)
            elif event == "end" and begin is not None:
                yield from tree.say("dates", {"date": stating.period(begin[0], said), "type": kind}, begin[1])
                begin = None
            elif event == "single":
                yield from tree.say("dates", {"date": stating.date(said), "type": kind}, element)
    for element in study.findall(_any("stdyInfo/sumDscr/geoBndBox")):
        edges = [text(element.find(f"{{*}}{side}BL")) for side in ("west", "south", "east", "north")]
        yield from tree.say("locations", {"box": stating.box(*edges)}, first_words(element))


def _ddi_variables(tree: Tree) -> Iterator[Evidence]:
    files = {e.get("ID"): text(e.find("{*}fileTxt/{*}fileName")) for e in tree.root.findall("{*}fileDscr")[:500]}
    for element in tree.root.findall(_any("dataDscr/var"))[:MOST_VARIABLES]:
        label, form = element.find("{*}labl"), element.find("{*}varFormat")
        question = text(element.find("{*}qstn/{*}qstnLit")) or text(element.find("{*}txt"))
        limits = element.find("{*}valrng/{*}range")
        kind = None if form is None else {"numeric": "number", "character": "string"}.get(form.get("type", ""))
        value = {"name": element.get("name"), "file": files.get(element.get("files", ""), ""), "label": text(label), "description": question,
            "type": kind, "unit": limits.get("UNITS") if limits is not None and limits.get("UNITS") not in ("INT", "REAL") else "",
            "minimum": number(limits.get("min", "")) if limits is not None else None,
            "maximum": number(limits.get("max", "")) if limits is not None else None}  # fmt: skip
        yield from tree.say("variables", value, element, "name")


# ---- Darwin Core


@reads("application/x-dwca+xml", version=1)
def read_darwin_core(file: File) -> Iterator[Evidence]:
    """The columns of the tables of a Darwin Core archive, each with the term that it holds (its URI as standard name).

    A column's name is the term's last part, as archives write their header lines.
    """
    tree = placing.tree(file, "dwca/1")
    left = MOST_VARIABLES
    for table in tree.root.findall("{*}core") + tree.root.findall("{*}extension"):
        location = text(table.find("{*}files/{*}location"))
        for element in table.findall("{*}field"):
            term = element.get("term", "")
            if not re.match(r"https?://", term) or element.get("index") is None or (left := left - 1) < 0:
                continue
            value = {"name": re.split(r"[/#]", term)[-1], "file": location, "standard_name": term}
            yield from tree.say("variables", value, element, "term")


# ---- MINiML


@reads("application/x-miniml+xml", version=1)
def read_miniml(file: File) -> Iterator[Evidence]:
    """What a MINiML file says of its series: title, summary, design, contributors, platform, accession."""
    tree = placing.tree(file, "miniml/1")
    people = {e.get("iid"): e for e in tree.root.findall("{*}Contributor")[:500]}
    for series in tree.root.findall("{*}Series"):
        for element in series.findall("{*}Title"):
            yield from tree.say("titles", {"text": text(element)}, element)
        for tag, kind in (("Summary", "Abstract"), ("Overall-Design", "Methods")):
            for element in series.findall(f"{{*}}{tag}"):
                yield from tree.say("descriptions", {"text": stating.prose(text(element)), "type": kind}, element)
        for element in series.findall("{*}Contributor-Ref"):
            named = people.get(element.get("ref"))
            person = None if named is None else named.find("{*}Person")
            if person is not None:
                given = " ".join(text(person.find(f"{{*}}{part}")) for part in ("First", "Middle")).strip()
                last = person.find("{*}Last")
                yield from tree.say(
                    "creators", stating.person(given=given, family=text(last)), person if last is None else last
                )
        for element in series.findall("{*}Accession"):
            yield from tree.say(
                "alternate_identifiers", {"identifier": text(element), "type": "GEO accession"}, element
            )
        for element in series.findall("{*}Pubmed-ID"):
            value = {"identifier": text(element), "scheme": "PMID", "relation": "IsSupplementTo"}
            yield from tree.say("related", value, element)
    organisms = {text(e): e for e in tree.root.iter("{*}Organism")}
    for said, element in list(organisms.items())[:20]:
        yield from tree.say("subjects", {"text": said, "scheme": "NCBI Taxonomy"}, element)
