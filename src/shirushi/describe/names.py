"""Names of people and organisations: told apart, split into a list, and put into the form in which they are cited."""

import contextlib
import json
import re
import unicodedata
from importlib.resources import files

from shirushi.describe.evidence import JSON
from shirushi.describe.text import fold, has_cjk
from shirushi.metadata.identifiers import orcid_checksum

ORCID = re.compile(r"(?<!\d)(\d{4}-\d{4}-\d{4}-\d{3}[\dXx])(?!\d)")
_ORGANISATION = re.compile(
    r"\b(?:uni(?= )|univ(?:ersit\w*|\.)|institut\w*|laborator\w+|labs?|department|dept|cent(?:er|re|rum)|college|school|faculty|agency|council|"
    r"association|consortium|foundation|ministry|bureau|office|commission|committee|corporation|company|inc|ltd|llc|gmbh|"
    r"e\.?v|s\.?a|society|organi[sz]ation|museum|library|libraries|archive|archives|group|team|project|collaboration|network|"
    r"programme|program|service|services|survey|government|bank|hospital|academy|authority|working group|initiative|"
    r"contributors|developers|authors|community|forschungszentrum|hochschule|national|international|nations|union)\b",
    re.IGNORECASE,
)
_JA_ORGANISATION = re.compile(
    r"(?:大学|研究所|研究院|研究センター|センター|機構|学会|協会|財団|法人|株式会社|有限会社|省|庁|局|課|室|委員会|研究室|博物館|図書館|資料館|市役所|"
    r"高等専門学校|高専|病院|学校|学部|研究科|グループ|チーム|プロジェクト|コンソーシアム|組合|事務所|役場|センタ)(?:$|[\s　（(])"
)
_BOT = re.compile(
    r"\[bot\]|\bbots?\b|bot$|^github|actions?$|dependabot|renovate|^root$|^admin(?:istrator)?$|^user$|^unknown$|ubuntu|runner|travis|jenkins|ci$|automat|service account|imgbot|codacy|noreply|^web-flow$|^copilot$|^claude$|snyk|greenkeeper|pre-commit|zenodo|compathelper|"
    r"^git\b|\bgit (?:worker|user)\b|auto-?fixer|allcontributors|^test\b|your name|^localhost|^(?:www|web|org|sys)-?admin$",
    re.IGNORECASE,
)
_TITLES = re.compile(r"^(?:Dr|Prof(?:essor)?|Mr|Mrs|Ms|Mx|PhD|Dipl|Ing|Dr-Ing)\.?\s+", re.IGNORECASE)
_DEGREES = re.compile(
    r",?\s+(?:Ph\.?\s?D\.?|M\.?D\.?|M\.?Sc\.?|B\.?Sc\.?|MPH|MBA|D\.?Phil\.?|Jr\.?|Sr\.?)(?=$|,)", re.IGNORECASE
)
_WORDS: dict[str, list[str]] = json.loads(files("shirushi.describe").joinpath("data", "names.json").read_text("utf-8"))
_PARTICLES, _NOT_NAMES = frozenset(_WORDS["particles"]), frozenset(_WORDS["not_names"])
_WORD = r"[^\W\d_][\w'’.\-‐]*"
_LATIN_NAME = re.compile(rf"^(?:{_WORD}\s+){{1,5}}{_WORD}$")
_LATIN_INVERTED = re.compile(rf"^(?:{_WORD}\s*){{1,4}},\s*(?:{_WORD}\s*){{1,4}}$")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")
_JA_NAME = re.compile(
    r"^[\u4e00-\u9fff\u3005\u3006\u30f6\u3041-\u3096\u30a1-\u30fa]{1,4}[\s　・]?[\u4e00-\u9fff\u3005\u3041-\u3096\u30a1-\u30fa]{1,5}$"
)


def orcid_of(text: str) -> str | None:
    """The first valid ORCID iD in a text: the check character must match."""
    for match in ORCID.finditer(text):
        digits = match[1].upper()
        if orcid_checksum(digits[:-1]) == digits[-1]:
            return digits
    return None


def is_bot(name: str) -> bool:
    """Accounts of machines and shared accounts."""
    return _BOT.search(name.strip()) is not None


def is_organisation(name: str) -> bool:
    """Whether a name has a word that only organisations have."""
    return bool(_ORGANISATION.search(name) or _JA_ORGANISATION.search(name + " "))


def clean(name: str) -> str:
    """Without titles, degrees, foot-note marks, links and brackets around."""
    name = unicodedata.normalize("NFC", name)
    name = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", name)
    name = re.sub(r"<[^<>]*>|https?://\S+|\S+@\S+", " ", name)
    name = re.sub(r"\([^()]*\)|（[^（）]*）|\[[^\[\]]*\]|\{[^{}]*\}", " ", name)
    name = re.sub(r"[\d¹²³⁴⁵⁶⁷⁸⁹⁰*†‡§¶#^~_`\"“”]+", " ", name)
    name = _TITLES.sub("", " ".join(name.split()).strip(" ,;:.-–—・、"))
    name = _DEGREES.sub("", name)
    name = re.sub(r"(?:さん|先生|氏|様|博士|教授|准教授|助教|特任|著|編|作成)$", "", name)
    return _TITLES.sub("", name).strip(" ,;:-–—・、")


def unscrambled(name: str) -> str:
    """UTF-8 that was read as Latin-1 or Windows-1252 put right again: ``WÃ¼nsche`` is Wünsche. Anything else as it is."""
    for wrong in ("cp1252", "latin-1"):
        with contextlib.suppress(UnicodeError):
            return name.encode(wrong).decode("utf-8")
    return name


def looks_like_person(name: str) -> bool:
    """Two to six words with capital letters, or a Japanese name of two to nine characters; no word of an organisation."""
    if not 2 <= len(name) <= 60 or is_organisation(name) or is_bot(name):
        return False
    if has_cjk(name):
        return _JA_NAME.match(name) is not None and not re.search(
            r"データ|ファイル|について|です|ます|する|一覧|以下", name
        )
    if not (_LATIN_NAME.match(name) or _LATIN_INVERTED.match(name)):
        return False
    words = [w.strip(".,") for w in re.split(r"[\s,]+", name) if w.strip(".,")]
    if any(w.lower() in _NOT_NAMES for w in words):
        return False
    main = [w for w in words if w.lower() not in _PARTICLES or (len(w) == 1 and w.isupper())]
    return (
        len(main) >= 2
        and all(w[0].isupper() for w in main)
        and any(len(w) > 2 and not _DOTTED.fullmatch(w) for w in main)
    )


def split_people(text: str) -> list[str]:
    """Names in a list such as "A. Smith, B. Jones and C. Doe", "Smith, A.; Jones, B." or 「山田 花子、鈴木 一郎」, cleaned."""
    text = re.sub(r"\s*(?:\([^()]*@[^()]*\)|<[^<>]*@[^<>]*>)\s*(?=[^\s,;)])", ", ", text)  # an address ends a name
    text = re.sub(r"\band others\b|\bet al\.?|\bほか\b|\b他\b", " ", text)
    text = re.sub(r"\([^()]*\)|（[^（）]*）|\[[^\[\]]*\](?!\()", " ", re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text))
    if ";" in text or "；" in text:
        parts = re.split(r"[;；]", text)
    elif re.search(r"\sand\s", text) and _inverted_list(re.split(r"\s+and\s+", text)):
        parts = re.split(r"\s+and\s+", text)
    elif has_cjk(text):
        parts = re.split(r"[、，,・/／\n\t]|\s*(?:および|及び|と|and|&)\s+", text)
    else:
        parts = re.split(r"\s*(?:,|\n|/|\||•|·)\s*(?:and\s+|&\s*)?|\s+(?:and|und|et|y|e)\s+|\s*[&＆]\s*", text)
        parts = _rejoin(parts)
    return [name for part in parts if (name := clean(part))]


def is_byline(text: str) -> bool:
    """Whether a short text is names of people, with or without where they work, rather than words about something."""
    if len(text) > 300 or "。" in text:
        return False
    pieces = split_people(text)
    people = [
        n for n, piece in enumerate(pieces) if looks_like_person(piece) or looks_like_person(piece.split(" ")[-1])
    ]
    return bool(people) and people[0] == 0 and 2 * len(people) >= len(pieces)


def _inverted_list(parts: list[str]) -> bool:
    """BibTeX's "Family, Given and Family, Given"."""
    return all(part.count(",") == 1 for part in parts) and len(parts) > 0


def _rejoin(parts: list[str]) -> list[str]:
    """ "Smith, A., Jones, B. C." was split at every comma: put initials back to the family name before them."""
    parts = [p.strip() for p in parts if p and p.strip()]
    if len(parts) > 2 and " " not in parts[0] and all(" " in part for part in parts[2:]):
        return [f"{parts[0]}, {parts[1]}", *parts[2:]]  # the first alone is inverted: "Doe, Jane, John Roe and Ann Poe"
    initials = re.compile(r"^(?:[A-Z]\.?[\s\-]?){1,4}$")
    if (
        parts
        and not initials.match(parts[0])
        and sum(bool(initials.match(p)) for p in parts) >= len(parts) / 2 - 0.5
        and len(parts) > 1
    ):
        joined: list[str] = []
        for part in parts:
            if initials.match(part) and joined and "," not in joined[-1]:
                joined[-1] = f"{joined[-1]}, {part}"
            else:
                joined.append(part)
        return joined
    return parts


def creator(
    name: str, *, orcid: str | None = None, affiliations: list[dict[str, JSON]] | None = None
) -> dict[str, JSON]:
    """JSON of a Creator from a name as written: a person's name becomes "Family, Given" in Latin script."""
    value: dict[str, JSON] = {}
    if is_organisation(name) and not orcid:
        value = {"name": name, "name_type": "Organizational"}
    elif has_cjk(name):
        parts = name.replace("　", " ").split()
        value = {"name": " ".join(parts), "name_type": "Personal", "lang": "ja"}
        if len(parts) == 2:
            value.update(family_name=parts[0], given_name=parts[1])
    else:
        value = _latin(name)
    if orcid:
        value["orcid"] = orcid
    if affiliations:
        value["affiliations"] = affiliations
    return value


def _latin(name: str) -> dict[str, JSON]:
    if "," in name:
        family, given = (part.strip() for part in name.split(",", 1))
    elif re.fullmatch(r"[A-Z](?:\.?[A-Z]){0,2}\.?", name.split()[-1]) and not re.match(r"[A-Z]\.?\s", name):
        family, _, initials = name.rpartition(" ")
        given = " ".join(f"{letter}." for letter in initials if letter != ".")
    else:
        words = name.split()
        start = len(words) - 1
        while start > 1 and words[start - 1].lower() in _PARTICLES:
            start -= 1
        family, given = " ".join(words[start:]), " ".join(words[:start])
    if not given or not family:
        return {"name": name, "name_type": "Personal"}
    given = re.sub(r"(?<!\w)[A-Z]$", r"\g<0>.", given)
    if family.isupper() and len(family) > 3:
        family = family.title()
    return {"name": f"{family}, {given}", "name_type": "Personal", "given_name": given, "family_name": family}


_RUN_TOGETHER = re.compile(r"(?<=[a-z] )[A-Z]{2,3}$")
_UMLAUT = re.compile(r"(?<=[aou])e(?=\w)")


def same_words(a: str, b: str) -> bool:
    """Whether two names have the same words in any order, or initials that fit: "Gorman KB" is Kristen B. Gorman, and
    Fuetterer is Fütterer."""
    if has_cjk(a) and has_cjk(b):
        return re.sub(r"\s", "", fold(a)) == re.sub(r"\s", "", fold(b))
    apart = [_RUN_TOGETHER.sub(lambda match: " ".join(match[0]), name) for name in (a, b)]
    return _fit(a, b) or (apart != [a, b] and _fit(*apart))


def fuller(a: str, b: str) -> str:
    """Of two ways to write one name the one that says more; Fütterer rather than Fuetterer."""
    more = [(sum(map(len, _plain(name))), not name.isascii()) for name in (a, b)]
    return b if more[1] > more[0] else a


def _plain(name: str) -> list[str]:
    """Folded words without accents and marks, the longest first."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", fold(name)) if not unicodedata.combining(c))
    return sorted(_UMLAUT.sub("", re.sub(r"[^\w\s]", " ", bare)).split(), key=lambda w: (-len(w), w))


def _fit(a: str, b: str) -> bool:
    left, right = _plain(a), _plain(b)
    if left == right:
        return True
    if len(left) < 2 or len(right) < 2:
        return False
    full, part = (left, right) if sum(map(len, left)) >= sum(map(len, right)) else (right, left)
    rest = list(full)
    for word in part:
        hit = next((w for w in rest if w == word), None) or next(
            (w for w in rest if w[0] == word[0] and (len(w) == 1 or len(word) == 1)), None
        )
        if hit is None:
            return False
        rest.remove(hit)
    return any(len(w) > 2 and w in full for w in part)
