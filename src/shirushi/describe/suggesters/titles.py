"""Titles: stated, written as ``Title: …``, a README's first heading, a document's own title."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from shirushi.describe.evidence import JSON, Candidate, Evidence
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.bylines import bylines
from shirushi.describe.suggesters.cited_people import attributions
from shirushi.describe.suggesters.common import (
    TITLE_KEYS,
    attributes,
    citing,
    front_weight,
    fronts,
    is_generic,
    language,
    pairs,
    sentences,
    stated_by,
    statements,
)
from shirushi.describe.suggesters.echo import Echo
from shirushi.describe.suggesters.naming import called, cited, data_files, first_lines, table_titles
from shirushi.describe.text import fold, has_cjk, letters

TARGET = "/titles/-"
_WRITTEN_IN = {"meta": "titles.html-title", "front matter": "titles.front-matter", "manifest": "titles.manifest"}
_NOT_TITLE = re.compile(
    r"^(?:licen[sc]es?|contribut\w*|code of conduct|list of|how to|installation|install|usage|citing|citation|acknowledg\w*|thanks|contact|changelog|"
    r"requirements|instructions?|guidelines?|version|references?|additional|exercise|chapter|section|part|step|table of|news|what.s new|official website|"
    r"utf-?8|doi|contributor|pull request|security|governance|support|todo|faq|title of (?:the )?data ?set|this read ?me|this (?:text )?file (?:was|is|has|describes|contains))\b|^\W+$|^(?:v|version)?\s*\d[\d.\-]*\b|https?://|@|\d{1,2}:\d\d|"
    r"ライセンス|お問い合わせ|利用規約|セットアップ|インストール|^(?:日本語|和文|英文|english|japanese|deutsch|français|español|中文)(?:\s*(?:version|版))?$",
    re.IGNORECASE,
)
_ASSIGN = re.compile(r"\s+(?:dataset|data set|repository)$", re.IGNORECASE)


@suggests("titles", version="2")
def titles(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Every text that could be the title of the whole, with how much its file speaks for the folder. What things are merely
    called (files, projects) is proposed where nobody wrote a title."""
    echo = Echo(seen)
    for candidate in _all(seen):
        yield replace(candidate, features={**candidate.features, **echo.features(candidate.value["text"])})


def _all(seen: EvidenceSet) -> Iterator[Candidate]:
    written = list(_written(seen))
    yield from written
    yield from _first_sentence(seen)
    yield from _repository(seen)
    calls = [*first_lines(seen), *cited(seen), *table_titles(seen)]
    if not any(c.method in _OUTRIGHT for c in written):
        calls += [*called(seen), *data_files(seen)]
    for found in calls:
        yield from _candidate(found.text, found.item, found.method, found.features)


OWN = 0.3  # weight of a text that speaks for the folder rather than for a file in it
_OUTRIGHT = frozenset(
    (
        "titles.stated",
        "titles.label",
        "titles.section",
        "titles.front-matter",
        "titles.attribute-alone",
        "titles.over-byline",
    )
)


def _written(seen: EvidenceSet) -> Iterator[Candidate]:
    """What somebody wrote as a title."""
    for item in statements(seen, "titles"):
        # a STAC item names the collection that it belongs to
        collected = item.reader.startswith("stac/") and str(getattr(item.place, "path", "")).startswith("/links/")
        method = "titles.collection" if collected else stated_by("titles", item)
        yield Candidate(TARGET, item.value["value"], (item,), method, features={"front": _weight(item)})
    for item, value in pairs(seen, *TITLE_KEYS):
        label = "titles.label" if _weight(item) >= OWN else "titles.key-value"
        yield from _candidate(value, item, _WRITTEN_IN.get(item.value["section"], label))
    named = list(attributes(seen, "title", "dataset title", "dc.title", "xmp:title", "dc:title"))
    # one title for all the data is that of the whole; of several each names its file
    alone = (
        len({value for item, value in named if item.kind == "attribute"}) == 1 and len(_tables_and_arrays(seen)) <= 1
    )
    for item, value in named:
        method = "titles.document-info" if item.kind == "document-info" else "titles.attribute"
        if item.kind == "attribute" and alone:
            method = "titles.attribute-alone"
        if not re.search(r"\.(?:docx?|tex|dvi|indd|xlsx?|pdf|pptx?)$|^untitled|^microsoft", value, re.IGNORECASE):
            yield from _candidate(value, item, method)
    for item in seen.of("paragraph"):
        if fold(str(item.value["section"] or "")).strip(" #:：*") in TITLE_KEYS:
            yield from _candidate(item.value["text"], item, "titles.section")
    yield from _headings(seen)
    yield from _over_bylines(seen)
    yield from _references(seen)
    for item, match in attributions(seen):
        yield from _candidate(match["title"], item, "titles.attributed")


# One heading in two languages: 「水田の窒素 / Nitrogen in paddy soil」
_LONGEST = 300
_TWO = re.compile(r"(?P<a>[^/／|｜]{4,})\s*[/／|｜]\s*(?P<b>[^/／|｜]{4,})")


def _apart(text: str) -> list[str]:
    """The titles that one line gives in Japanese and in Latin letters, else the text alone."""
    match = _TWO.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return [text]
    japanese = [has_cjk(part) for part in (match["a"], match["b"])]
    latin = match["b"] if japanese[0] else match["a"]
    return [match["a"], match["b"]] if sum(japanese) == 1 and len(latin.split()) > 1 else [text]


def _candidate(
    text: str, item: Evidence, method: str, features: Mapping[str, float] | None = None
) -> Iterator[Candidate]:
    for part in _apart(text):
        yield from _one(part, item, method, features)


def _one(text: str, item: Evidence, method: str, features: Mapping[str, float] | None = None) -> Iterator[Candidate]:
    text = re.sub(r"[.,;]+,+$|,{2,}$", "", " ".join(text.replace("\u200b", "").split())).strip(' #*_`"“”「」:：,;，、')
    if not 2 <= len(text) <= _LONGEST or is_generic(text) or _NOT_TITLE.search(text):
        return
    weight = _weight(item)
    value: dict[str, JSON] = {"text": text}
    lang = language(text)
    if lang:
        value["lang"] = lang
    shape = {"front": weight, **_shape(text)}
    yield Candidate(TARGET, value, (item,), method, score=weight, features={**shape, **(features or {})})


_SENTENCE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|may|will|should|must|contains?|provides?|describes?|shows?|you|we|our|your|been|used)\b"
    r"|(?:です|ます|でした|ました|である|ください)",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"^(?:use|run|execute|save|see|click|install|download|add|update|updating|please|make|create|follow|to|for|if|when|in this|with|from|date|note|this|these|here)\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"\b[^\W\d_a-z][\w'’\-]+, (?:[^\W\d_a-z]\.|[^\W\d_a-z][\w\-]+ and )|\bet al\b")
_SLUG = re.compile(r"[a-z0-9.]+(?:[\-_][A-Za-z0-9.]+)*")


def _shape(text: str) -> dict[str, float]:
    """What the wording alone tells: titles name, sentences and orders tell, slugs and names of people are something else."""
    words = text.split()
    cased = [word for word in words if word[0].isalpha() and len(word) > 3]
    return {
        "one_word": float(len(words) == 1 and not has_cjk(text)),
        "long": float(len(words) >= 4 or (has_cjk(text) and len(text) >= 8)),
        "very_long": float(len(words) > 16 or (has_cjk(text) and len(text) > 50)),
        "sentence": float(_SENTENCE.search(text) is not None),
        "order": float(_ORDER.match(text) is not None),
        "people": float(_PEOPLE.search(text) is not None),
        "slug": float(_SLUG.fullmatch(text) is not None),
        "article": float(words[0].casefold() in ("a", "an")),
        "cased": sum(word[0].isupper() for word in cased) / len(cased) if cased else 0.5,
    }


def _weight(item: Evidence) -> float:
    return front_weight(item.place.file)


def _headings(seen: EvidenceSet) -> Iterator[Candidate]:
    """The first heading of each of the texts that speak most for the folder, unless it names a section."""
    rank = 0
    for file, _ in fronts(seen)[:6]:
        headings = [e for e in seen.in_file(file) if e.kind == "heading"]
        if not headings:
            continue
        first = headings[0]
        top = min(int(e.value["level"]) for e in headings)
        position = next((n for n, e in enumerate(headings) if not is_generic(e.value["text"])), None)
        if position is None:
            continue
        chosen = headings[position]
        method = "titles.readme-heading" if re.match(r"(?i)(?:.*/)?read[_\- ]?me", file) else "titles.heading"
        features = {
            "first": float(chosen is first),
            "top_level": float(int(chosen.value["level"]) == top),
            "rank": 1 / (1 + rank),
        }
        rank += 1
        yield from _candidate(_ASSIGN.sub("", chosen.value["text"]), chosen, method, features)


def _tables_and_arrays(seen: EvidenceSet) -> set[str]:
    """The files that hold data of a kind that is read."""
    return {e.place.file for e in seen.of("table", "array", "coordinates", "image")}


def _over_bylines(seen: EvidenceSet) -> Iterator[Candidate]:
    """What stands right above the names of authors in a document or text is its title."""
    for byline in bylines(seen):
        names = byline.evidence[0]
        blocks = [e for e in seen.in_file(names.place.file) if e.kind in ("heading", "paragraph")]
        above = blocks[: blocks.index(names)]
        if above and len(above) <= 3:
            chosen = next((e for e in above if e.kind == "heading"), above[0])
            yield from _candidate(chosen.value["text"], chosen, "titles.over-byline", {"marked": float(byline.marked)})


def _references(seen: EvidenceSet) -> Iterator[Candidate]:
    """The title in a README's own BibTeX entry, when the README has one or its first is of a dataset or software."""
    for file in citing(seen):
        entries = [e for e in seen.in_file(file) if e.kind == "reference" and e.value.get("title")]
        for position, item in enumerate(entries[:2]):
            own = item.value["type"] in ("dataset", "misc", "software", "data", "online")
            features = {"own_type": float(own), "only": float(len(entries) == 1), "rank": 1 / (1 + position)}
            yield from _candidate(item.value["title"], item, "titles.bibtex", features)


_IS_A = re.compile(
    r"^(?P<name>[A-Z][\w.\-/]*(?:\s+[A-Z0-9][\w.\-/]*){0,6})(?:\s+\([^)]{1,60}\))?\s+(?:is|are|provides|contains)\s+(?:a|an|the)\b"
)
_FULL = re.compile(r"^(?:The\s+)?(?P<full>[A-Z][\w\-]+(?:\s+[\w\-&]+){1,9})\s+\((?P<short>[A-Z][\w.\-]{1,20})\)")
_THIS_IS = re.compile(
    r"^(?:This is|Welcome to|Here is)\s+(?:the\s+)?(?:(?:official|data|code|github)\s+)*(?:repository|repo|homepage|website)\s+(?:of|for)\s+(?P<name>.{3,120}?)[.!,:]",
    re.IGNORECASE,
)


_REPOSITORY = re.compile(
    r"https?://(?:www\.)?(?:github|gitlab|bitbucket|gin\.g-node|codeberg)\.(?:com|org)/(?P<owner>[\w.\-]+)/(?P<name>[\w.\-]+)"
)


def _repository(seen: EvidenceSet) -> Iterator[Candidate]:
    """The repository that texts and badges point at most: its name is often the work's own."""
    found: dict[tuple[str, str], list[Evidence]] = {}
    for item in seen.of("link", "badge"):
        for url in (item.value["url"], item.value.get("image") or ""):
            match = _REPOSITORY.match(url)
            if match:
                key = (match["owner"].lower(), match["name"].removesuffix(".git"))
                found.setdefault(key, []).append(item)
                break
    total = sum(len(items) for items in found.values())
    for rank, ((_, name), items) in enumerate(sorted(found.items(), key=lambda pair: -len(pair[1]))[:2]):
        clone = any("git clone" in str(e.value.get("text", "")) or "/issues" in e.value["url"] for e in items)
        features = {
            "share": len(items) / total,
            "rank": 1 / (1 + rank),
            "clone": float(clone),
            "badge": float(any(e.kind == "badge" for e in items)),
        }
        yield from _candidate(name, items[0], "titles.repository", features)


def _first_sentence(seen: EvidenceSet) -> Iterator[Candidate]:
    """The subject of the first sentence: "NAME is a …", "Long name (SHORT) …"."""
    for file, _ in fronts(seen)[:3]:
        paragraphs = [e for e in seen.in_file(file) if e.kind == "paragraph"][:3]
        for item in paragraphs:
            first = (sentences(item.value["text"]) or [""])[0]
            for pattern, group in ((_FULL, "full"), (_IS_A, "name"), (_THIS_IS, "name")):
                match = pattern.match(first)
                if match and fold(match[group]) not in (
                    "this",
                    "it",
                    "we",
                    "there",
                    "these",
                    "here",
                    "the",
                    "this repository",
                    "this dataset",
                ):
                    if len(letters(match[group])) >= 3:
                        yield from _candidate(
                            match[group], item, "titles.first-sentence", {"full": float(group == "full")}
                        )
                    break
