"""Languages of the content: declared ones first, then what the texts and tables are written in."""

import re
from collections import defaultdict
from collections.abc import Iterator

from shirushi.describe.evidence import Candidate, Evidence
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import attributes, front_weight, pairs, stated_by
from shirushi.describe.text import fold

TARGET = "/languages/-"
_NAMES = {
    "english": "en", "japanese": "ja", "german": "de", "french": "fr", "spanish": "es", "portuguese": "pt", "italian": "it",
    "chinese": "zh", "korean": "ko", "russian": "ru", "dutch": "nl", "deutsch": "de", "français": "fr", "español": "es",
    "português": "pt", "日本語": "ja", "英語": "en", "中国語": "zh", "韓国語": "ko", "ドイツ語": "de", "フランス語": "fr", "slovenian": "sl",
    "eng": "en", "jpn": "ja", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "por": "pt", "ita": "it", "zho": "zh",
    "chi": "zh", "kor": "ko", "rus": "ru", "nld": "nl", "dut": "nl", "slv": "sl", "ces": "cs", "pol": "pl", "swe": "sv",
}  # fmt: skip
_CODES = frozenset(_NAMES.values()) | {
    "cs",
    "pl",
    "sv",
    "da",
    "fi",
    "no",
    "hu",
    "el",
    "tr",
    "ar",
    "he",
    "hi",
    "vi",
    "th",
    "id",
    "uk",
    "ro",
    "la",
}
MOST = 2
ENOUGH = 2_000  # letters of one text: a long list of Latin names says no more of the language than a page of prose


@suggests("languages")
def languages(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Codes of ISO 639-1, at most two from the texts themselves."""
    for item in seen.stated("languages"):
        # a marked-up text says in which language it is written: it is the content itself
        marked = re.search(r"@lang$", str(getattr(item.place, "path", ""))) is not None
        yield Candidate(
            TARGET, item.value["value"], (item,), "languages.of-text" if marked else stated_by("languages", item)
        )
    for item, text in (
        *pairs(seen, "language", "languages", "sprache", "言語", "使用言語"),
        *attributes(seen, "language", "lang"),
    ):
        for word in text.replace("/", ",").replace("、", ",").replace(";", ",").split(",")[:4]:
            bare = fold(word).strip(" .")
            code = _NAMES.get(bare) or (
                bare[:2] if bare[:2] in _CODES and (len(bare) == 2 or bare[2:3] in "-_") else None
            )
            if code:
                yield Candidate(TARGET, code, (item,), "languages.declared", front_weight(item.place.file))
    yield from _by_text(seen)


def _by_text(seen: EvidenceSet) -> Iterator[Candidate]:
    """The languages that hold most of the letters, README and documents before other texts."""
    amount: defaultdict[str, float] = defaultdict(float)
    evidence: defaultdict[str, list[Evidence]] = defaultdict(list)
    for item in seen.of("text-language"):
        weight = 0.1 + front_weight(item.place.file)
        amount[item.value["lang"]] += min(item.value["characters"], ENOUGH) * item.value["share"] * weight
        evidence[item.value["lang"]].append(item)
    total = sum(amount.values()) or 1
    marked = float(any(str(getattr(e.place, "path", "")).endswith("@lang") for e in seen.stated("languages")))
    for rank, (lang, part) in enumerate(sorted(amount.items(), key=lambda pair: -pair[1])[:MOST]):
        features = {"share": part / total, "first": float(rank == 0), "beside_marked": marked}
        method = "languages.main-text" if rank == 0 else "languages.other-text"
        yield Candidate(TARGET, lang, tuple(evidence[lang][:5]), method, part / total, features)
