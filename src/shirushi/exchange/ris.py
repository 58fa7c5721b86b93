"""A RIS record from a Publication, for reference managers. One tag a line, lines ended by CR LF."""

from shirushi.exchange.common import best_url, issued, publication_year, registered_doi, rights_name, split_name
from shirushi.exchange.schema_org import first_day
from shirushi.metadata.published import Publication
from shirushi.metadata.work import Creator

# DataCite's general resource type → RIS reference type; GEN for what has none.
TYPES = {
    "Audiovisual": "VIDEO",
    "Book": "BOOK",
    "BookChapter": "CHAP",
    "ComputationalNotebook": "COMP",
    "ConferencePaper": "CPAPER",
    "ConferenceProceeding": "CONF",
    "DataPaper": "JOUR",
    "Dataset": "DATA",
    "Dissertation": "THES",
    "Image": "FIGURE",
    "Journal": "JFULL",
    "JournalArticle": "JOUR",
    "Preprint": "UNPB",
    "Report": "RPRT",
    "Software": "COMP",
    "Sound": "SOUND",
    "Standard": "STAND",
}


def to_ris(publication: Publication) -> bytes:
    work = publication.work
    tags: list[tuple[str, str | None]] = [
        ("TY", TYPES.get(work.resource_type.general, "GEN")),
        *(("AU", _name(creator)) for creator in work.creators),
        *(("A2", _name(editor)) for editor in work.contributors if editor.role == "Editor"),
        ("TI", work.title()),
        *(("TT", title.text) for title in work.titles if title.type == "TranslatedTitle"),
        ("AB", work.description()),
        *(("KW", subject.text) for subject in work.subjects),
        ("PY", publication_year(publication)),
        ("DA", first_day(issued(publication)).replace("-", "/")),
        ("PB", work.publisher.name if work.publisher else None),
        ("ET", work.version),
        ("M3", work.resource_type.text),
        *(("LA", language) for language in work.languages),
        *(("C1", rights_name(rights)) for rights in work.rights),
        ("DO", registered_doi(publication)),
        ("UR", best_url(publication)),
    ]
    lines = [f"{tag}  - {' '.join(value.split())}" for tag, value in tags if value]
    return ("\r\n".join([*lines, "ER  - "]) + "\r\n").encode()


def _name(creator: Creator) -> str:
    family, given = split_name(creator)
    return f"{family}, {given}" if family and given else creator.name
