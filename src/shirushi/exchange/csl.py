"""CSL JSON from a Publication, and the citation itself as plain text: APA's manner in English, SIST 02's in Japanese."""

import json
import re
from typing import Any

from shirushi.exchange.common import (
    best_url,
    compact,
    issued,
    publication_year,
    registered_doi,
    split_name,
)
from shirushi.exchange.schema_org import first_day
from shirushi.metadata.published import Publication
from shirushi.metadata.work import Creator

# DataCite's general resource type → CSL 1.0.2 item type; "document" for what has none.
TYPES = {
    "Audiovisual": "motion_picture",
    "Book": "book",
    "BookChapter": "chapter",
    "Collection": "collection",
    "ComputationalNotebook": "software",
    "ConferencePaper": "paper-conference",
    "DataPaper": "article-journal",
    "Dataset": "dataset",
    "Dissertation": "thesis",
    "Event": "event",
    "Image": "graphic",
    "Journal": "periodical",
    "JournalArticle": "article-journal",
    "Model": "dataset",
    "PeerReview": "review",
    "Poster": "speech",
    "Preprint": "article",
    "Presentation": "speech",
    "Report": "report",
    "Software": "software",
    "Sound": "song",
    "Standard": "standard",
}

# What stands in brackets after a title in a citation, in English and Japanese.
_KINDS = {
    "Dataset": ("Data set", "データセット"),
    "Software": ("Computer software", "ソフトウェア"),
    "ComputationalNotebook": ("Computational notebook", "計算ノートブック"),
    "Image": ("Image", "画像"),
    "Audiovisual": ("Video", "動画"),
    "Sound": ("Audio", "音声"),
    "Poster": ("Poster", "ポスター"),
    "Presentation": ("Presentation", "発表資料"),
    "Model": ("Model", "モデル"),
    "Workflow": ("Workflow", "ワークフロー"),
    "Preprint": ("Preprint", "プレプリント"),
    "Dissertation": ("Dissertation", "学位論文"),
}
_MANY_EN, _MANY_JA = 20, 3


def to_json(publication: Publication) -> bytes:
    """A CSL JSON list with the record as its only item."""
    return json.dumps([item(publication)], ensure_ascii=False, indent=2).encode()


def item(publication: Publication) -> dict[str, Any]:
    work = publication.work
    identifier = publication.identifier
    return compact(
        {
            "id": identifier.value if identifier else (publication.url or "record"),
            "type": TYPES.get(work.resource_type.general, "document"),
            "title": work.title(),
            "author": [_name(creator) for creator in work.creators],
            "editor": [_name(editor) for editor in work.contributors if editor.role == "Editor"],
            "issued": {"date-parts": [[int(part) for part in first_day(issued(publication)).split("-")]]},
            "publisher": work.publisher.name if work.publisher else None,
            "abstract": work.description(),
            "keyword": ", ".join(subject.text for subject in work.subjects),
            "language": work.languages[0] if work.languages else None,
            "version": work.version,
            "DOI": registered_doi(publication),
            "URL": best_url(publication),
            "genre": work.resource_type.text,
        }
    )


def citation(publication: Publication, lang: str = "en") -> str:
    """How to cite the record, as one line of plain text. ``lang`` chooses the manner and, where there is one, the title."""
    return _japanese(publication) if lang.startswith("ja") else _english(publication)


def _name(creator: Creator) -> dict[str, str]:
    family, given = split_name(creator)
    return {"family": family, "given": given} if family and given else {"literal": creator.name}


def _english(publication: Publication) -> str:
    """APA's manner: Family, G., & Family, G. (Year). Title (Version 1) [Data set]. Publisher. https://doi.org/…"""
    work = publication.work
    authors = _joined([_initials(creator) for creator in work.creators])
    version = f" (Version {work.version})" if work.version else ""
    kind = _KINDS.get(work.resource_type.general)
    bracket = f" [{kind[0]}]" if kind else ""
    head = f"{authors.rstrip('.')}. " if authors else ""
    parts = [
        f"{head}({publication_year(publication)}). {work.title('en')}{version}{bracket}",
        work.publisher.name if work.publisher else "",
    ]
    return _ended(parts, best_url(publication) or "")


def _japanese(publication: Publication) -> str:
    """SIST 02's manner: 姓名, 姓名. タイトル. 版, 公開者, 公開年, データセット. https://doi.org/…"""
    work = publication.work
    names = [_undivided(creator) for creator in work.creators[:_MANY_JA]]
    authors = ", ".join(names) + ("ほか" if len(work.creators) > _MANY_JA else "")
    kind = _KINDS.get(work.resource_type.general)
    imprint = [
        work.version and f"Ver. {work.version}",
        work.publisher.name if work.publisher else "",
        publication_year(publication),
        kind[1] if kind else "",
    ]
    return _ended([authors, work.title("ja"), ", ".join(part for part in imprint if part)], best_url(publication) or "")


def _ended(parts: list[str], link: str) -> str:
    """The parts as sentences, with the link after them bare, so that no full stop becomes part of it."""
    sentences = [part if part.endswith((".", "?", "!", "。")) else f"{part}." for part in parts if part]
    return " ".join([*sentences, link]).strip()


def _initials(creator: Creator) -> str:
    """``Yamada, H.``; a name in Japanese script stays whole."""
    family, given = split_name(creator)
    if not (family and given):
        return creator.name
    if re.search(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", family + given):
        return f"{family}{given}"
    initials = " ".join("-".join(f"{part[0]}." for part in name.split("-") if part) for name in given.split())
    return f"{family}, {initials}"


def _undivided(creator: Creator) -> str:
    """``山田花子`` from 山田 花子; a name in Latin script as it is cited."""
    if re.search(r"[\u3040-\u30ff\u3400-\u9fff]", creator.name) and creator.name_type == "Personal":
        return re.sub(r"[\s,、，]+", "", creator.name)
    return creator.name


def _joined(names: list[str]) -> str:
    if len(names) > _MANY_EN:
        return ", ".join(names[: _MANY_EN - 1]) + f", … {names[-1]}"
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + f", & {names[-1]}"
