"""How it was made: the text's own section on methods, quoted, and protocols it links to."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from shirushi.describe.evidence import JSON, Candidate, Evidence
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import attributes, front_weight, fronts, language, pairs
from shirushi.describe.text import fold, has_cjk

LONGEST, SHORTEST = 4_000, 60
_HEADING = re.compile(
    r"^(?:[\divx.]+\s*)?(?:(?:data |sample |experimental |materials? (?:and|&) |statistical |field |laboratory |analytical )?(?:methods?|methodology|procedures?)"
    r"|methods? (?:and|&) materials?|(?:data )?(?:collection|acquisition|processing)(?: (?:methods?|procedures?|and processing))?|sampling(?: (?:methods?|design))?|experimental (?:set-?up|design|details)"
    r"|methodological information|measurements?|study design|how (?:the )?data w(?:as|ere) (?:collected|made|generated)"
    r"|description of methods used for collection/generation of data"
    r"|(?:実験|測定|調査|分析|観測|研究|解析|計測|採取|収集|データ収集|データ取得|データ処理|データの収集|データの取得)?(?:の)?方法|材料(?:と|および|及び)方法|手法|測定手順|実験手順|実験条件|測定条件)[:：]?$"
)  # fmt: skip
_KEYS = ("methods", "method", "methodology", "data collection method", "collection method", "sampling method", "測定方法", "実験方法", "調査方法", "分析方法", "収集方法", "手法", "方法", "description of methods used for collection/generation of data", "methods for processing the data", "processing methods")  # fmt: skip
_PROTOCOLS = re.compile(
    r"(?:^|\.)protocols\.io$|(?:^|\.)bio-protocol\.org$|(?:^|\.)protocolexchange\.researchsquare\.com$"
)


@suggests("descriptions")
def methods(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """The section on methods of each of the first texts; a labelled line; an attribute of a file."""
    for file, weight in fronts(seen)[:4]:
        parts = [
            item
            for item in seen.in_file(file)
            if item.kind in ("paragraph", "list-item") and _HEADING.match(fold(str(item.value["section"])))
        ]
        yield from _joined(parts, "descriptions.methods-section", weight)
    for item, text in pairs(seen, *_KEYS):
        if len(text) >= SHORTEST // (3 if has_cjk(text) else 1):
            yield _candidate(text, [item], "descriptions.methods-key-value", front_weight(item.place.file))
    for item, text in attributes(seen, "methods", "method", "methodology", "processing description"):
        if len(text) >= SHORTEST:
            yield _candidate(text, [item], "descriptions.methods-attribute", 0.5)


def _joined(parts: list[Evidence], method: str, weight: float) -> Iterator[Candidate]:
    texts: list[str] = []
    used: list[Evidence] = []
    for item in parts:
        text = str(item.value["text"]).strip()
        if sum(map(len, texts)) + len(text) > LONGEST:
            break
        texts.append(text)
        used.append(item)
    whole = "\n\n".join(texts)
    if len(whole) >= SHORTEST // (3 if has_cjk(whole) else 1):
        yield _candidate(whole, used[:40], method, weight)


def _candidate(text: str, evidence: list[Evidence], method: str, weight: float) -> Candidate:
    value: dict[str, JSON] = {"text": text, "type": "Methods"}
    if lang := language(text):
        value["lang"] = lang
    return Candidate("/descriptions/-", value, tuple(evidence), method, score=weight, features={"front": weight})


@suggests("related")
def protocols(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Links to published protocols: they document how it was made."""
    for item in seen.of("link"):
        url = str(item.value["url"])
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            continue
        doi = re.search(r"10\.17504/protocols\.io\.[\w.]+", url, re.IGNORECASE)
        if doi or (_PROTOCOLS.search(host) and len(urlsplit(url).path) > 6):
            value: dict[str, JSON] = {
                "identifier": doi[0].rstrip(".") if doi else url,
                "scheme": "DOI" if doi else "URL",
                "relation": "IsDocumentedBy",
            }
            yield Candidate("/related/-", value, (item,), "related.protocol")
