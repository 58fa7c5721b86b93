"""NMR-STAR entries of the BMRB.

Source: NMR-STAR dictionary 3.2 (categories Entry, Citation, NMR_spectrometer, Software, Entity_natural_src, Sample_condition_variable).
"""

from collections.abc import Iterator

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import stating
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.star import Value, blocks
from shirushi.describe.readers.streams import Stream

READER = "nmr-star/1"
_WANTED = frozenset((
    "_entry_title", "_entry_id", "_entry_submission_date", "_entry_accession_date", "_entry_nmr_star_version", "_entry_experimental_method",
    "_entry_author_given_name", "_entry_author_family_name", "_entry_author_middle_initials", "_citation_title", "_citation_doi",
    "_citation_class", "_citation_journal_abbrev", "_citation_year", "_citation_author_given_name", "_citation_author_family_name",
    "_citation_keyword_keyword", "_nmr_spectrometer_manufacturer", "_nmr_spectrometer_model", "_nmr_spectrometer_field_strength",
    "_nmr_spectrometer_list_manufacturer", "_nmr_spectrometer_view_manufacturer", "_nmr_spectrometer_view_model", "_nmr_spectrometer_view_field_strength",
    "_software_name", "_software_version", "_entity_natural_src_organism_name_scientific", "_sample_condition_variable_type",
    "_sample_condition_variable_val", "_sample_condition_variable_val_units", "_experiment_name",
))  # fmt: skip


@reads("chemical/x-nmr-star", "application/x-nmr-star+gzip", version=1)
def read_nmr_star(file: File) -> Iterator[Evidence]:
    """Title, authors, article, spectrometers, conditions, programs and organism.

    Raises:
        Unreadable: ``malformed`` when none of its items is known.
    """
    facts, stream = Facts(file, READER), Stream(file)
    count = 0
    for block in blocks(stream, _WANTED.__contains__):
        count += 1
        rows = [*block.loops, [block.items]]
        for row in (row for loop in rows for row in loop):
            for key, read in _READ.items():
                if key in row:
                    yield from read(facts, row, stream.line(row[key].line))
    if trouble := stream.trouble():
        yield facts.problem(*trouble)
    elif not count:
        raise Unreadable("malformed", "no item of NMR-STAR in it")


Row = dict[str, Value]


def _text(row: Row, tag: str) -> str:
    return " ".join(row[tag].text.split()) if tag in row else ""


def _title(facts: Facts, row: Row, line: int | None) -> Iterator[Evidence]:
    text = _text(row, "_entry_title")
    yield from facts.state("titles", {"text": text}, "_Entry.Title", quote=text, line=line)
    yield from facts.attribute("method", _text(row, "_entry_experimental_method"), path="_Entry.Experimental_method")
    number = _text(row, "_entry_id")
    if number.isdigit():
        identifier: dict[str, JSON] = {"identifier": number, "type": "BMRB"}
        yield from facts.state("alternate_identifiers", identifier, "_Entry.ID", quote=number, line=line)
    submitted = _text(row, "_entry_submission_date")
    date = {"date": stating.date(submitted), "type": "Submitted"}
    yield from facts.state("dates", date, "_Entry.Submission_date", quote=submitted, line=line)


def _author(facts: Facts, row: Row, line: int | None) -> Iterator[Evidence]:
    family, given = _text(row, "_entry_author_family_name"), _text(row, "_entry_author_given_name")
    who = stating.person(family=family, given=given)
    yield from facts.state("creators", who, "_Entry_author", quote=family, line=line)


def _citation(facts: Facts, row: Row, line: int | None) -> Iterator[Evidence]:
    title, doi = _text(row, "_citation_title"), _text(row, "_citation_doi")
    if _text(row, "_citation_class").lower() not in ("", "entry citation"):
        return
    said: dict[str, JSON] = {
        "title": title,
        "doi": doi,
        "journal": _text(row, "_citation_journal_abbrev"),
        "year": _text(row, "_citation_year"),
    }
    yield from facts.reference(said, "_Citation.Title", quote=title, line=line)
    value = stating.related(doi, "IsDescribedBy", title=title, kind="JournalArticle")
    yield from facts.state("related", value, "_Citation.DOI", quote=doi, line=line)


def _spectrometer(facts: Facts, row: Row, line: int | None) -> Iterator[Evidence]:
    view = "_nmr_spectrometer_view_" if "_nmr_spectrometer_view_manufacturer" in row else "_nmr_spectrometer_"
    maker, model = _text(row, f"{view}manufacturer"), _text(row, f"{view}model")
    yield from facts.instrument(
        "_NMR_spectrometer", {"manufacturer": maker, "model": model, "type": "NMR spectrometer"}, line=line
    )
    strength = _text(row, f"{view}field_strength")
    yield from facts.attribute(
        "field strength", f"{strength} MHz" if strength else "", path="_NMR_spectrometer.Field_strength", line=line
    )


def _software(facts: Facts, row: Row, line: int | None) -> Iterator[Evidence]:
    yield from facts.software(
        _text(row, "_software_name"), _text(row, "_software_version"), path="_Software.Name", line=line
    )


def _organism(facts: Facts, row: Row, line: int | None) -> Iterator[Evidence]:
    name = _text(row, "_entity_natural_src_organism_name_scientific")
    yield from facts.attribute("organism", name, path="_Entity_natural_src.Organism_name_scientific", line=line)
    yield from facts.state(
        "subjects", {"text": name}, "_Entity_natural_src.Organism_name_scientific", quote=name, line=line
    )


def _condition(facts: Facts, row: Row, line: int | None) -> Iterator[Evidence]:
    kind, value = _text(row, "_sample_condition_variable_type"), _text(row, "_sample_condition_variable_val")
    unit = _text(row, "_sample_condition_variable_val_units")
    if value:
        said = f"{value} {unit}".strip()
        yield from facts.attribute(kind, said, owner="sample conditions", path="_Sample_condition_variable", line=line)


_READ = {
    "_entry_title": _title,
    "_entry_author_family_name": _author,
    "_citation_title": _citation,
    "_nmr_spectrometer_manufacturer": _spectrometer,
    "_nmr_spectrometer_view_manufacturer": _spectrometer,
    "_software_name": _software,
    "_entity_natural_src_organism_name_scientific": _organism,
    "_sample_condition_variable_type": _condition,
}
