"""Related works: DOIs, arXiv numbers and addresses, with the relation that the words around them tell."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import SplitResult, unquote, urlsplit

from shirushi.describe.evidence import JSON, Candidate, Evidence
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import (
    attributes,
    front_weight,
    fronts,
    is_generic,
    purpose,
    stated_by,
    statements,
)

TARGET = "/related/-"
FEW = 2
MOST_DOIS = 3
MOST_ADDRESSES = 5
_DOI = re.compile(r"(?:^doi:\s*|(?<=[/=:])|(?<=%3A))(10\.\d{4,9}(?:/|%2F)[^\s?#&]+)", re.IGNORECASE)
# Addresses that hold no DOI but tell it, by the rule with which the publisher or archive makes them
_TELLING = (
    (re.compile(r"zenodo\.org/records?/(\d+)"), "10.5281/zenodo.{}"),
    (re.compile(r"figshare\.com/articles/(?:[\w\-]+/)*?(\d{5,})"), "10.6084/m9.figshare.{}"),
    (re.compile(r"nature\.com/articles/(s\d{5}-\d{3}-\d{4,5}-[\dxy])"), "10.1038/{}"),
    (re.compile(r"biorxiv\.org/content/(?:bio\w*/)?early/\d{4}/\d{2}/\d{2}/(\d{6})"), "10.1101/{}"),
)
_PAGE = re.compile(
    r"(?:/(?:abstract|full|fulltext|pdf|html|epdf|meta|tables?/\d+|figures?/\d+)|\.(?:full|pdf|html?))+/?$",
    re.IGNORECASE,
)
_BADGE_END = re.compile(r"(?:/status)?\.svg$")
_ARXIV = re.compile(r"arxiv\.org/(?:abs|pdf)/(\d{4}\.\d{4,5}|[a-z\-]+/\d{7})", re.IGNORECASE)
_BADGE_DOI = re.compile(r"zenodo\.org/(?:badge/)?(?:latestdoi/|badge/DOI/)(10\.\d{4,9}/zenodo\.\d+)", re.IGNORECASE)
_NOISE = re.compile(
    r"shields\.io|badge|travis|codecov|coveralls|circleci|github\.com/[^/]+/[^/]+/(?:actions|issues|pull|blob|releases|tree|wiki)|gitter|slack|discord|"
    r"twitter\.com|x\.com/|facebook|linkedin|youtube|youtu\.be|creativecommons\.org|opensource\.org/licen|orcid\.org|img\.|\.(?:png|jpe?g|gif|svg)$|"
    r"example\.(?:org|com)|localhost|127\.0\.0\.1|gnu\.org/licenses|opendatacommons\.org|spdx\.org|apache\.org/licenses|mailto:|contributor-covenant|"
    r"keepachangelog|semver\.org|pypi\.|npmjs|anaconda\.org|readthedocs|mybinder|colab\.research|docker|choosealicense|w3\.org/|schema\.org|python\.org",
    re.IGNORECASE,
)

_REPOSITORY = re.compile(r"https?://(?:www\.)?(?:github|gitlab|bitbucket|codeberg)\.", re.IGNORECASE)


@suggests("related", version="2")
def related(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """What is stated, then the few works and addresses of the front texts that a person would list."""
    for item in statements(seen, "related"):
        yield Candidate(TARGET, item.value["value"], (item,), stated_by("related", item))
    for item in seen.of("git-fact"):
        if item.value["name"] == "remote":
            value = {"identifier": item.value["value"], "scheme": "URL", "relation": "IsVersionOf"}
            yield Candidate(TARGET, value, (item,), "related.git-remote")
    yield from _chosen(_crowded(list(_found(seen))))
    names = (
        "references",
        "doi",
        "related",
        "source",
        "related identifiers",
        "prism:doi",
        "wps-articledoi",
        "crossmark:doi",
    )
    for item, text in attributes(seen, *names):
        for match in re.finditer(r"10\.\d{4,9}/[^\s\"<>]+", text[:2_000]):
            yield _doi(match[0], item, "related.attribute", 0)


def _found(seen: EvidenceSet) -> Iterator[Candidate]:
    """What links, badges and BibTeX entries of the front texts point at."""
    ranks = {file: n for n, (file, _) in enumerate(fronts(seen)[:12])}
    for item in seen.of("link", "badge", "reference"):
        if item.place.file not in ranks:
            continue
        if item.kind != "reference":
            candidate = _from_link(item, ranks[item.place.file])
            if candidate:
                yield candidate
        elif item.value.get("doi"):
            yield _doi(str(item.value["doi"]), item, "related.bibtex", ranks[item.place.file])


def _crowded(found: list[Candidate]) -> list[Candidate]:
    """Each told how many like it stand in its text: one of two matters, one of fifty is a reference."""
    first: dict[tuple[str, str, str], Candidate] = {}
    for candidate in found:
        key = (candidate.evidence[0].place.file, _sort(candidate), str(candidate.value["identifier"]).lower())
        standing = first.get(key)
        if standing is None or (candidate.features["badge"] and not standing.features["badge"]):
            first[key] = candidate
    crowd = Counter((file, sort) for file, sort, _ in first)
    seen: Counter[tuple[str, str]] = Counter()
    told = []
    for (file, sort, _), candidate in first.items():
        seen[file, sort] += 1
        features = {"few": 1 / crowd[file, sort], "early": 1 / seen[file, sort], f"few_{sort}": 1 / crowd[file, sort]}
        few = sort == "doi" and candidate.features["rank"] == 1 and crowd[file, sort] <= FEW
        method = "related.few-dois" if few else candidate.method
        told.append(replace(candidate, method=method, features={**candidate.features, **features}))
    return told


def _chosen(told: list[Candidate]) -> Iterator[Candidate]:
    """What a person would list: few works, not the references of a text, nor every page that it points at.

    Works are those that stand alone or in a badge, come first, or are named as the paper or the source. Addresses count
    only where the folder names no such work.
    """
    works = [c for c in told if c.method == "related.few-dois" or (_sort(c) == "doi" and c.features["badge"])]
    named = [c for c in told if _sort(c) == "doi" and c not in works and _is_named(c)]
    yield from works
    yield from named[: max(0, MOST_DOIS - len(works))]
    if not works:
        addresses = [c for c in told if _sort(c) == "url" and c.features["rank"] == 1]
        sources = [c for c in addresses if c.value["relation"] == "IsDerivedFrom"]
        first = [c for c in addresses if c not in sources and c.features["early"] > 1 / (MOST_ADDRESSES + 1)]
        yield from [*sources, *first][:MOST_ADDRESSES]


def _is_named(work: Candidate) -> bool:
    """Whether the first of a text, its own BibTeX entry, or one that words call the paper, the data or the source."""
    features = work.features
    if work.method == "related.bibtex":
        return features["few"] >= 1 / MOST_DOIS
    about = features["data_words"] or features["paper_words"] or work.value["relation"] != "References"
    return features["rank"] == 1 and (features["early"] == 1 or bool(about and features["early"] >= 1 / MOST_DOIS))


def _sort(candidate: Candidate) -> str:
    return "doi" if candidate.value["scheme"] in ("DOI", "arXiv") else "url"


def relation_of(section: str, words: str) -> str:
    """The DataCite relation that a section's purpose and the words around an identifier tell."""
    about = purpose(section) if section else None
    text = words.lower()
    if about == "sources" or re.search(
        r"derived from|sourced? from|obtained from|downloaded from|extracted from|taken from|based on data|出典|原データ|取得",
        text,
    ):
        return "IsDerivedFrom"
    if re.search(
        r"supplement(?:ary|s)? (?:to|material)|accompan(?:y|ies)|data (?:and code )?for (?:the )?(?:paper|article|manuscript)|described in|論文のデータ",
        text,
    ):
        return "IsSupplementTo" if "described" not in text else "IsDescribedBy"
    if re.search(r"documentation|user guide|manual|handbook|codebook", text):
        return "IsDocumentedBy"
    if re.search(r"new version of|supersedes|previous version|旧版", text):
        return "IsNewVersionOf"
    if about == "citation" or re.search(r"\bcite\b|citing|引用", text):
        return "IsCitedBy" if "cited by" in text else "References"
    return "References"


def _features(item: Evidence, rank: int) -> dict[str, float]:
    section = item.value.get("section", "") or ""
    about = purpose(section) if section else None
    text = str(item.value.get("text", "")).lower()
    url = str(item.value.get("url") or "")
    parts = urlsplit(url) if url.startswith("http") else None
    return {
        **(_address(url, parts) if parts else {}),
        "front": front_weight(item.place.file),
        "rank": 1 / (1 + rank),
        "citation": float(about == "citation"),
        "sources": float(about == "sources"),
        "description": float(about == "description" or not section or not is_generic(section)),
        "paper_words": float(
            bool(re.search(r"paper|article|publication|manuscript|published|preprint|et al|\(\d{4}\)|論文", text))
        ),
        "data_words": float(bool(re.search(r"\bdata(?:set|base)?\b|source|downloaded|データ|出典", text))),
        "cite_words": float(bool(re.search(r"\bcite|citation|引用", text))),
        "badge": float(item.kind == "badge"),
    }


_PLATFORM = re.compile(
    r"(?:^|\.)(?:datahub\.io|okfn\.org|frictionlessdata\.io|goodtables\.io|wiki(?:pedia|data)\.org|github(?:usercontent)?\.com|github\.io|"
    r"huggingface\.co|kaggle\.com|datalad\.org|arxiv\.org|google\.com|medium\.com|stackoverflow\.com|r-project\.org|julialang\.org)$"
)
_OFFICIAL = re.compile(
    r"(?:^|\.)(?:gov|go\.jp|lg\.jp|gov\.\w{2}|gob\.\w{2}|gouv\.\w{2}|europa\.eu|int|un\.org|oecd\.org|mil)$"
)


def _address(url: str, parts: SplitResult) -> dict[str, float]:
    """What an address alone tells: the pages of platforms are seldom the work's own, those of authorities often its source."""
    host = parts.hostname or ""
    return {
        "platform": float(_PLATFORM.search(host) is not None),
        "official": float(_OFFICIAL.search(host) is not None),
        "home": float(parts.path in ("", "/") and not parts.query),
        "data_path": float(
            re.search(r"data|dataset|download|catalog|statistic|archive", parts.path.lower()) is not None
        ),
        "file": float(
            re.search(r"\.(?:csv|tsv|xlsx?|zip|json|xml|pdf|gz|rar|txt|nc|tif)$", parts.path.lower()) is not None
        ),
    }


def _doi(doi: str, item: Evidence, method: str, rank: int) -> Candidate:
    doi = _bare(doi)
    value: dict[str, JSON] = {
        "identifier": doi,
        "scheme": "DOI",
        "relation": relation_of(str(item.value.get("section") or ""), str(item.value.get("text", ""))),
    }
    return Candidate(TARGET, value, (item,), method, front_weight(item.place.file), _features(item, rank))


def _bare(doi: str) -> str:
    """A DOI in small letters, without resolver, a prefix written twice, or the file that an address in an archive adds."""
    bare = re.sub(r"^(?:https?://)?(?:dx\.)?doi\.org/", "", unquote(doi)).rstrip(".,;)*_").lower()
    bare = re.sub(r"^10\.\d{4,9}/(?=10\.\d{4,9}/)", "", bare)
    bare = re.sub(r"^(10\.5281/zenodo\.\d+)/.*$", r"\1", bare)
    bare = _PAGE.sub("", bare)
    return re.sub(r"v\d+$", "", bare) if bare.startswith("10.1101/") else bare


def _from_link(item: Evidence, rank: int) -> Candidate | None:
    url = str(item.value["url"] or item.value.get("image") or "")
    for pattern in (_BADGE_DOI, _DOI):
        if match := pattern.search(url) or pattern.search(str(item.value.get("image", ""))):
            method = "related.zenodo-doi" if "zenodo" in match[1].lower() else "related.doi"
            return _doi(_BADGE_END.sub("", match[1]), item, method, rank)
    for pattern, form in _TELLING:
        if match := pattern.search(url):
            method = "related.zenodo-doi" if "zenodo" in form else "related.doi"
            return _doi(form.format(match[1]), item, method, rank)
    if match := _ARXIV.search(url):
        value = {
            "identifier": match[1],
            "scheme": "arXiv",
            "relation": relation_of(item.value.get("section", ""), item.value.get("text", "")),
        }
        return Candidate(TARGET, value, (item,), "related.arxiv", front_weight(item.place.file), _features(item, rank))
    if item.kind == "badge" or not url.startswith("http") or _NOISE.search(url) or rank > 1 or len(url) > 500:
        return None
    about = purpose(item.value["section"]) if item.value["section"] else None
    if about in ("use", "contact", "history", "authors", "contributors", "funding"):
        return None
    value = {"identifier": url, "scheme": "URL", "relation": relation_of(item.value["section"], item.value["text"])}
    if value["relation"] == "IsDerivedFrom":
        return Candidate(
            TARGET, value, (item,), "related.source-url", front_weight(item.place.file), _features(item, rank)
        )
    if _REPOSITORY.match(url):
        return None
    return Candidate(TARGET, value, (item,), "related.url", front_weight(item.place.file) / 2, _features(item, rank))
