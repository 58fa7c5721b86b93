"""Facts from running text: whom to ask, who paid and for what, who may use the data, where they are, how to cite them."""

import re
from collections.abc import Iterator
from itertools import pairwise

from shirushi.describe.evidence import Evidence, LinePlace
from shirushi.describe.forms.classes import hits
from shirushi.describe.forms.concepts import meaning_of
from shirushi.describe.forms.convert import licence_of
from shirushi.describe.forms.from_pairs import block_facts
from shirushi.describe.forms.json_schema import split_languages
from shirushi.describe.forms.known import Fact, Known, bounded
from shirushi.describe.forms.people import EMAIL, block_of, lang_of
from shirushi.describe.funders import funders
from shirushi.describe.readers.prose import tidy_url
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.common import front_weight, fronts, purpose, sentences, unique
from shirushi.describe.suggesters.dates import read_dates
from shirushi.describe.text import CJK, LEFT, RIGHT, fold

MOST_TEXTS = 600
CONTACT, BESIDE_EMAIL, ACCESS, FREE, CITE, REPOSITORY, PROGRAM, PROJECT, FUNDER, AWARD, HEADED, SECTION, LEAD, EMBARGO = (
    0.8, 0.6, 0.75, 0.8, 0.8, 0.7, 0.75, 0.75, 0.8, 0.8, 0.7, 0.75, 0.6, 0.85,
)  # fmt: skip
_FUNDING = re.compile(
    r"support|fund|grant|commission|KAKENHI|助成|支援|科研費|科学研究費|委託|課題|補助金|交付", re.IGNORECASE
)
_AWARD = re.compile(rf"{LEFT}JP(?=[A-Za-z]*\d)[A-Za-z0-9]{{6,16}}{RIGHT}")
_QUOTED = re.compile(r"「([^「」]{4,120})」|『([^『』]{4,120})』|“([^“”]{6,200})”|\"([^\"]{6,200})\"")
_PROGRAM_NAME = re.compile(
    r"(?:事業|制度|基金|計画|プログラム|推進費|プロジェクト研究|技術開発|研究開発)(?:[（(][^（）()]{1,12}[)）])?$|\b(?:programme?|fund|initiative)\b",
    re.IGNORECASE,
)
_KAKENHI_JA = re.compile(
    r"(?:基盤研究|挑戦的研究|挑戦的萌芽研究|若手研究|学術変革領域研究|新学術領域研究|特別推進研究|研究活動スタート支援|特別研究員奨励費|国際共同研究加速基金|奨励研究|萌芽研究)\s?(?:[（(][SABC萌芽開拓国際先導強化海外研究]{1,8}[)）])?"
)
_KAKENHI_EN = re.compile(
    r"Grants?-in-Aid for (?:Scientific Research|Challenging Research|Early-Career Scientists|Young Scientists|Transformative Research Areas|JSPS Fellows|Research Activity Start-up|Specially Promoted Research|Exploratory Research)(?:\s?\([A-Z][A-Za-z\-]*\))?"
)
_PROGRAM_EN = re.compile(
    r"(?:under (?:the|its)|[Ss]upported by(?: the)?|through the|by the|from the|of the) ((?:The )?(?:[A-Z0-9][\w\-&]*|and|of|for|the|in|on)(?: (?:[A-Z0-9][\w\-&]*|and|of|for|the|in|on)){1,14} (?:Fund|Program(?:me)?|Initiative|Research Grants?))(?P<more> \((?!JP)[A-Z][^()\d]{5,90}\))?"
)
_PROGRAM_JA = re.compile(
    r"([一-鿿ァ-ヴーA-Za-z]{2,40}(?:推進事業|研究事業|開発事業|推進費|委託プロジェクト研究|プロジェクト研究))"
)
# Schemes of JST and others that everybody calls by their abbreviation.
_SCHEMES = re.compile(
    rf"{LEFT}(?:CREST|PRESTO|ERATO|ACT-[XI]|SICORP|SATREPS|A-STEP|ALCA(?:-Next)?|FOREST|COI-NEXT|SPRING|ImPACT|SIP|さきがけ){RIGHT}"
)
_CITE = re.compile(
    r"(?:please cite|cite (?:this|as)|should be cited|how to cite|引用して(?:ください|下さい)|引用をお願い)",
    re.IGNORECASE,
)
_REPOSITORY = re.compile(
    r"(?:from|in|at|by|on|via|to)(?: the)? ((?:[A-Z][\w\-]*(?: of| for| the)? ){0,6}(?:Repository|Archive|Data ?[Bb]ase|Data Center|Data Centre|Dataverse))\b|\b(Zenodo|figshare|Dryad|Dataverse|PANGAEA|GakuNin RDM)\b"
)
_REPOSITORY_JA = re.compile(
    r"([一-鿿ァ-ヴーA-Za-z]{2,24}?(?:リポジトリ|アーカイブ|データベース))(?=[でにへ、。）\s]|$)"
)
_DOI_LINK = re.compile(r"https?://(?:dx\.)?doi\.org/\S+")


def facts_of_texts(known: Known, seen: EvidenceSet) -> Iterator[Fact]:
    """All of it, from the texts that speak most for the folder first."""
    texts = sorted(seen.of("paragraph", "list-item"), key=lambda e: -front_weight(e.place.file))[:MOST_TEXTS]
    yield from _contacts(known, texts)
    for item in texts:
        text = str(item.value["text"])[:4_000]
        weight = 0.6 + 0.4 * min(1.0, front_weight(item.place.file) / 0.35)
        section = purpose_of(str(item.value["section"]))
        yield from _funding(item, text, weight)
        yield from _sharing(item, text, weight)
        yield from _embargo(item, text, weight)
        yield from _citation(item, text, weight, section)
        yield from _repository(item, text, weight)
        yield from _under_heading(item, text, weight)
    yield from _leads(seen)
    yield from _after_please_cite(texts)


def _contacts(known: Known, texts: list[Evidence]) -> Iterator[Fact]:
    """Sections about whom to ask, whole; else the paragraph in which an e-mail address stands."""
    sections: dict[tuple[str, str], list[Evidence]] = {}
    for item in texts:
        if _is_contact(str(item.value["section"])):
            sections.setdefault((item.place.file, str(item.value["section"])), []).append(item)
    for items in sections.values():
        text = "\n".join(_written(item) for item in items[:12])
        yield from block_facts(known, "contact", block_of(text), tuple(items[:12]), CONTACT, "text.contact")
    told = bool(sections) or "contact.email" in known.facts
    for item in texts if not told else []:
        lines = [line for line in _written(item).split("\n") if EMAIL.search(line)]
        if lines:
            yield from block_facts(known, "contact", block_of(lines[0]), (item,), BESIDE_EMAIL, "text.e-mail")


def _is_contact(section: str) -> bool:
    if purpose_of(section) == "contact":
        return True
    return any(
        (m := meaning_of(label)) is not None and m.concept == "contact.name" and m.score > 0.9
        for _, label in split_languages(section)
    )


def purpose_of(section: str) -> str:
    """What a section is about, also where its heading says it in two languages."""
    return next((p for _, label in split_languages(section) if (p := purpose(label))), "") if section else ""


_HEADED = frozenset(
    {
        "place.name",
        "period",
        "remarks",
        "ethics",
        "methods",
        "instrument",
        "software",
        "repository.name",
        "program.name",
    }
)


def _under_heading(item: Evidence, text: str, weight: float) -> Iterator[Fact]:
    """What stands under a heading that is itself a question: 「■ 試験場所」."""
    section = str(item.value["section"])
    if not section or len(text) > 600 or len(section) > 60:
        return
    for _, label in split_languages(section):
        meaning = meaning_of(label)
        if meaning and meaning.concept in _HEADED and meaning.score >= 0.9:
            yield Fact(meaning.concept, text, bounded(HEADED * weight), (item,), "text.heading", lang_of(text))


def _leads(seen: EvidenceSet) -> Iterator[Fact]:
    """The description in each language: what stands under "Abstract" or 「概要」 in a text that speaks for the folder, else its first
    paragraphs; without those that are lists of labelled lines."""
    texts = fronts(seen)[:4]
    for file, weight in texts:
        if weight < 0.6 and (file, weight) != texts[0]:
            continue
        items = [
            e for e in seen.in_file(file) if e.kind in ("heading", "paragraph", "list-item", "key-value", "table-row")
        ]
        labelled = {e.place.start for e in items if e.kind == "key-value" and isinstance(e.place, LinePlace)}
        named: dict[str, list[tuple[Evidence, str]]] = {}
        first: dict[str, list[tuple[Evidence, str]]] = {}
        heads = 0
        for item in items:
            first_lines = sum(len(paragraphs) for paragraphs in first.values())
            heads += (item.kind == "heading" and item.value["level"] > 1) or (
                first_lines > 0 and item.kind in ("list-item", "table-row")
            )
            text = str(item.value.get("text", ""))
            if _HEADED_ITEM.match(text):  # a numbered heading and its text, read as an item of a list
                named.setdefault(lang_of(text), []).append((item, _HEADED_ITEM.sub("", text)))
            if item.kind != "paragraph" or len(text) < 40 or EMAIL.search(text):
                continue
            marked = _LANGUAGE_MARK.match(text)
            if (
                isinstance(item.place, LinePlace)
                and not marked
                and labelled & set(range(item.place.start, item.place.end + 1))
            ):
                continue
            chosen = named if purpose_of(str(item.value["section"])) == "description" else first
            if chosen is named or not heads:
                for lang, part in _by_language(_LANGUAGE_MARK.sub("", text)).items():
                    chosen.setdefault(lang, []).append((item, part))
        for found, confidence in ((named, SECTION), (first, LEAD)):
            for lang, paragraphs in found.items():
                whole = " ".join(_tidy(part) for _, part in paragraphs[:3])
                evidence = tuple(item for item, _ in paragraphs[:3])
                yield Fact("description", whole, bounded(confidence * max(weight, 0.6)), evidence, "text.lead", lang)


_HEADED_ITEM = re.compile(r"^(?:ABSTRACT|SUMMARY|DESCRIPTION|OVERVIEW|Abstract|Summary)\s*[:.]?\s+(?=[A-Z].{40})")


def _by_language(text: str) -> dict[str, str]:
    """A paragraph, or its Japanese and its English sentences apart where it says everything twice."""
    parts: dict[str, list[str]] = {}
    for sentence in _whole_sentences(text):
        parts.setdefault(lang_of(sentence), []).append(sentence)
    joined = {lang: "".join(said) if lang == "ja" else " ".join(said) for lang, said in parts.items()}
    return joined if len(joined) == 2 and min(map(len, joined.values())) >= 25 else {lang_of(text): text}


_LANGUAGE_MARK = re.compile(r"^(?:English|日本語|英語|in English|Abstract|Summary|概要|要旨)\s*[:：]\s*", re.IGNORECASE)


def _tidy(text: str) -> str:
    """Without the blanks that line breaks left between Japanese letters."""
    return re.sub(rf"(?<=[{CJK}]) (?=[{CJK}])", "", text)


def _written(item: Evidence) -> str:
    """With the line breaks of the file, where the quote is whole."""
    quote = item.place.quote
    text = str(item.value["text"])
    return quote if quote and len(quote) >= len(text) * 0.9 else text


def _funding(item: Evidence, text: str, weight: float) -> Iterator[Fact]:
    """Funder, award, programme and project in the sentence that thanks for money."""
    for sentence in _whole_sentences(text):
        if not _FUNDING.search(sentence) and not _AWARD.search(sentence):
            continue
        payers = [f for f in funders() if f.found.search(sentence) or (f.award and f.award.search(sentence))]
        awards = [m[0] for m in _AWARD.finditer(sentence)]
        if not payers and not awards:
            continue
        for payer in payers:
            share = 1.0 if len(payers) == 1 or (payer.award and payer.award.search(sentence)) else 0.75
            yield Fact("funder.name", payer.names[0], bounded(FUNDER * weight * share), (item,), "text.funder")
        for award in awards:
            yield Fact("award.number", award, bounded(AWARD * weight), (item,), "text.award")
        yield from _programs(item, sentence, weight)


def _programs(item: Evidence, sentence: str, weight: float) -> Iterator[Fact]:
    programs: list[str] = [m[0].strip() for m in _KAKENHI_JA.finditer(sentence)] + [
        m[0] for m in _KAKENHI_EN.finditer(sentence)
    ]
    programs += [m[1] + (m["more"] or "") for m in _PROGRAM_EN.finditer(sentence)]
    titles: list[str] = []
    programs += [m[0] for m in _SCHEMES.finditer(_QUOTED.sub(" ", sentence))] if not programs else []
    for match in _QUOTED.finditer(sentence):
        quoted = next(group for group in match.groups() if group).strip(" .,")
        (programs if _PROGRAM_NAME.search(quoted) else titles).append(quoted)
    bare = _QUOTED.sub(" ", sentence)
    if not programs:
        programs += [re.sub(r"^本研究は", "", m[1]) for m in _PROGRAM_JA.finditer(bare)]
    for program in programs[:2]:
        lang = None if _SCHEMES.fullmatch(program) else lang_of(program)
        yield Fact("program.name", program, bounded(PROGRAM * weight), (item,), "text.program", lang)
    for title in titles[:1]:
        yield Fact("award.title", title, bounded(PROJECT * weight), (item,), "text.project", lang_of(title))


def _whole_sentences(text: str) -> list[str]:
    """Sentences, those within quotation marks and after abbreviations not cut."""
    found: list[str] = []
    for part in sentences(text):
        if found and (
            found[-1].count("「") > found[-1].count("」") or re.search(r"\b(?:No|Nos|Dr|Prof|St)\.$", found[-1])
        ):
            found[-1] += f" {part}"
        else:
            found.append(part)
    return found


def _sharing(item: Evidence, text: str, weight: float) -> Iterator[Fact]:
    """Who may use the data and what it costs, by the words of ``data/classes.json``."""
    heading = fold(str(item.value["section"]))
    for sentence in _whole_sentences(text):
        found = hits("access", sentence)
        if (
            "open" in found and len(found) > 1
        ):  # "will be openly available after an embargo", "are not openly available"
            found.pop("open")
        about = re.search(
            r"\bdata|dataset|access|licen[cs]e|データ|資料|公開|利用", f"{heading} {sentence}", re.IGNORECASE
        )
        if len(found) == 1 and about:
            share = 1.1 if re.search(r"access|sharing|availability|利用|公開", heading) else 0.9
            value = {"class": next(iter(found))}
            yield Fact("rights.access", value, bounded(ACCESS * weight * share), (item,), "text.access")
        money = hits("free", sentence)
        if len(money) == 1 and "software" not in sentence:
            yield Fact("rights.free", {"class": next(iter(money))}, bounded(FREE * weight), (item,), "text.free")
        if (licence := licence_of(sentence)) == "none":
            yield Fact("rights.licence", licence, bounded(0.7 * weight), (item,), "text.no-licence")


_UNTIL = re.compile(
    r"(?P<date>[^。\n]{4,16}?)(?:まで|迄)(?:は)?(?:非公開|公開しない|公開猶予|エンバーゴ)|embargo(?:ed)?[^.。]{0,40}?(?:until|till|to) (?P<until>[^.。;)]{4,24})"
    r"|(?:members only|private|closed|confidential|internal|not public)[^.。]{0,30}? (?:until|till) (?P<kept>[^.。;)]{4,24})"
    r"|(?:will be|are to be) (?:made )?(?:public|open|openly available|publicly available|released)[^.。]{0,20}? (?:on|from|after|in) (?P<from>[^.。;)]{4,24})",
    re.IGNORECASE,
)


def _embargo(item: Evidence, text: str, weight: float) -> Iterator[Fact]:
    """A day until which the data are kept back: 「2026年10月1日まで非公開」, "embargoed until 1 May 2027"."""
    for match in _UNTIL.finditer(text):
        found = read_dates(next(group for group in match.groups() if group))
        if found:
            yield Fact("date.available", found[-1][0], bounded(EMBARGO * weight), (item,), "text.embargo")
            yield Fact("rights.access", {"class": "embargoed"}, bounded(EMBARGO * weight), (item,), "text.embargo")


def _citation(item: Evidence, text: str, weight: float, section: str) -> Iterator[Fact]:
    """The reference itself, where the text asks to be cited so."""
    if section == "citation" and _is_reference(text):
        yield Fact("citation", text, bounded(CITE * weight), (item,), "text.citation", lang_of(text))
        return
    for sentence in _whole_sentences(text):
        asked = _CITE.search(sentence)
        quoted = max((g for m in _QUOTED.finditer(sentence) for g in m.groups() if g), key=len, default="")
        if asked and _is_reference(quoted):
            yield Fact("citation", quoted, bounded(CITE * weight), (item,), "text.citation", lang_of(quoted))


def _is_reference(text: str) -> bool:
    return bool(re.search(r"(?:1[89]|20)\d\d", text)) and 20 <= len(text) <= 600


def _after_please_cite(texts: list[Evidence]) -> Iterator[Fact]:
    """A paragraph that follows "Please cite:" in its file."""
    for before, item in pairwise(texts):
        same = before.place.file == item.place.file and before.value["section"] == item.value["section"]
        lead = str(before.value["text"])[-60:]
        text = str(item.value["text"])
        if same and _CITE.search(lead) and lead.rstrip().endswith((":", "：", "。")) and _is_reference(text):
            yield Fact("citation", text, CITE, (item,), "text.citation", lang_of(text))


def _repository(item: Evidence, text: str, weight: float) -> Iterator[Fact]:
    for sentence in _whole_sentences(text):
        available = re.search(
            r"available|deposited|published|archived|hosted|copy is|found at|公開|登録|収録|保存",
            sentence,
            re.IGNORECASE,
        )
        for name, lang in repositories_in(_QUOTED.sub(" ", sentence)):
            share = 1.0 if available else 0.5
            yield Fact("repository.name", name, bounded(REPOSITORY * weight * share), (item,), "text.repository", lang)
        link = _DOI_LINK.search(sentence)
        if link and available:
            yield Fact("identifier", tidy_url(link[0]), bounded(REPOSITORY * weight), (item,), "text.identifier")


def repositories_in(text: str) -> Iterator[tuple[str, str]]:
    """Names of repositories in a text, each with its language."""
    for pattern in (_REPOSITORY, _REPOSITORY_JA):
        for match in pattern.finditer(text):
            name = next(group for group in match.groups() if group).strip()
            yield name, lang_of(name)


def classified(seen: EvidenceSet, texts: list[tuple[str, float, Evidence]], kind: str) -> Iterator[Fact]:
    """The kind of data or the research field, by words in titles, descriptions and headers of tables; weighed and compared."""
    concept = {"kind": "resource.kind", "field": "field"}[kind]
    scores: dict[str, float] = {}
    spoken: dict[str, list[Evidence]] = {}
    for text, weight, evidence in texts:
        for name, count in hits(kind, text[:5_000]).items():
            scores[name] = scores.get(name, 0.0) + weight * count
            spoken.setdefault(name, []).append(evidence)
    total = sum(scores.values())
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])
    for position, (name, score) in enumerate(ranked[:2]):
        share = score / total
        confidence = bounded(min(0.8, 0.3 + 0.5 * share) if position == 0 else 0.5 * share)
        chosen = unique(spoken[name][:20])[:4]
        yield Fact(concept, {"class": name}, confidence, chosen, f"words.{kind}")
