"""Files that are not read, looked through for data about people: quickly, and by the same rules.

Of ten thousand files that are alike a dozen are read, and of very many only some. The others are looked at here: what could be
about people in their first bytes (a header, a label, an address, a key, a place in a photograph) has the file read after all,
and of that reading only what must not be published by mistake is kept.
"""

import re
import zlib
from collections.abc import Sequence
from functools import cache, lru_cache

from shirushi.describe.evidence import JSON
from shirushi.describe.readers.sensitive_columns import is_list_of_people
from shirushi.describe.readers.sensitive_values import MOBILE, words
from shirushi.describe.text import fold

HEAD = 65_536  # bytes of a file that are looked at
MOST_READ = 40  # small files of one call that are read whole; the others that may tell something count as not looked at
TAIL = 65_536  # of a TIFF, which may keep its directory at the end
_COMPRESSED = ("application/gzip",)

# What a file of a kind costs to look through, against a small text. Kinds that are not here hold nothing about people that a
# reader would find: arrays, sequences, spectra.
_LOOKED_AT = 1
READ = 150  # read whole, whatever it says
COSTS: tuple[tuple[str, int], ...] = (
    ("text/x-fasta", 0), ("text/x-fastq", 0), ("text/x-vcf", 0), ("text/x-sam", 0), ("text/x-gff", 0), ("text/x-bed", 0), ("text/x-newick", 0),
    ("text/x-world-file", 0), ("text/x-wkt", 0), ("text/x-licence", 0), ("text/", _LOOKED_AT),
    ("application/json", _LOOKED_AT), ("application/jsonl", _LOOKED_AT), ("application/ld+json", _LOOKED_AT), ("application/geo+json", _LOOKED_AT),
    ("application/yaml", _LOOKED_AT), ("application/toml", _LOOKED_AT), ("application/xml", _LOOKED_AT), ("application/sql", _LOOKED_AT),
    ("application/x-tex", _LOOKED_AT), ("application/x-ipynb+json", _LOOKED_AT), ("application/gzip", 2), ("application/rtf", READ),
    ("application/dicom", 15), ("image/jpeg", 2), ("image/png", 2), ("image/webp", 2), ("image/tiff", 3), ("application/pdf", READ),
    ("application/vnd.openxmlformats-officedocument.", READ), ("application/vnd.oasis.opendocument.", READ), ("application/vnd.ms-excel", READ),
    ("application/epub+zip", READ), ("application/zip", READ), ("application/x-tar", READ), ("application/vnd.sqlite3", READ),
    ("application/x-stata-dta", READ), ("application/x-spss-sav", READ), ("application/x-sas", READ), ("application/vnd.apache.parquet", READ),
    ("application/dbf", READ),
)  # fmt: skip

# Quicker than one pattern of them all: most files hold none. In lower case, as the text that they are looked for in.
_WORDS = (
    "患者", "受診者", "カルテ", "マイナンバー", "個人番号", "生年月日", "氏名", "申します", "住んで", "自宅", "生まれ", "〒", "住所", "patient",
    "medical record", "my number", "mynumber", "birth", "born ", "my name is", "passw", "pwd", "secret", "token", "api_key", "apikey", "api-key",
    "private key", "akia", "ghp_", "github_pat", "glpat", "xox", "aiza", "sk-", "sk_live", "hf_", "://", "mobile:", "home address",
)  # fmt: skip
_LOGIN = re.compile(r"://[^\s/@:]+:[^\s/@]+@")
_KEY = re.compile(r'"([^"\n]{2,40})"\s*:')
_PLACE_IN_EXIF = (
    b"\x88\x25\x00\x04",
    b"\x25\x88\x04\x00",
)  # the tag of the directory with the place, and its type, in either order
_HEADERS = (
    "person",
    "given",
    "family",
    "e-mail",
    "phone",
    "address",
    "birth",
    "chart",
    "patient",
    "national",
    "card",
    "credential",
)


def cost(media_type: str) -> int:
    """What looking through a file of a media type costs; 0 where there is nothing to look for."""
    return next((price for start, price in COSTS if media_type.startswith(start)), 0)


def look_through(files: Sequence[dict[str, JSON]]) -> dict[str, JSON]:
    """Look through files, called in a worker by the pipeline. Each is given as to ``registry.read``.

    Returns ``{"found": {name: evidence}, "unread": [names]}``, plain JSON: what of each must not be published by mistake, and which
    were not looked through after all.
    """
    from shirushi.describe.readers.registry import read

    found: dict[str, JSON] = {}
    unread: list[str] = []
    left = MOST_READ
    for request in files:
        try:
            if not _may_tell(request):
                continue
            if cost(request["media_type"]) < READ:
                left -= 1
                if left < 0:
                    unread.append(request["name"])
                    continue
            answer = read(**request)
        except OSError:
            unread.append(request["name"])
            continue
        told = [item for item in answer["evidence"] if item["kind"] in ("sensitive", "not-looked-at")]
        if told:
            found[request["name"]] = told
    return {"found": found, "unread": unread}


def _may_tell(request: dict[str, JSON]) -> bool:
    """Whether a file is worth reading whole. Raises OSError."""
    media_type = str(request["media_type"])
    if cost(media_type) >= READ:
        return True
    with open(request["path"], "rb") as stream:  # noqa: PTH123 - twenty thousand times
        data = stream.read(HEAD)
        if media_type == "image/tiff" and request["size"] > HEAD:
            stream.seek(max(HEAD, request["size"] - TAIL))
            data += stream.read(TAIL)
    return may_tell(data, str(request["name"]), media_type)


def may_tell(data: bytes, name: str, media_type: str) -> bool:
    """Whether the first bytes of a file give a reason to read it whole."""
    if media_type == "application/dicom":
        return True
    if media_type.startswith("image/"):
        return any(tag in data for tag in _PLACE_IN_EXIF)
    if media_type in _COMPRESSED:
        if name.lower().endswith((".tar.gz", ".tgz")):
            return True
        try:
            data = zlib.decompressobj(31).decompress(data, HEAD)
        except zlib.error:
            return False
    return tells(data[:HEAD], name, table=not media_type.startswith("text/x-"))


def tells(data: bytes, name: str, *, table: bool = True) -> bool:
    """Whether the first bytes of a text hold anything that could be about people, or open something."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        from shirushi.describe.text import decode

        text = decode(data, truncated=True).text
    lower = text.lower()
    for word in _WORDS:
        if word in lower and (word != "://" or _LOGIN.search(text)):
            return True
    if "@" in text or ("-" in text and MOBILE.search(text)):
        return True
    return table and _has_header(text, name)


def _has_header(text: str, file: str) -> bool:
    """Whether a column or a key near the top is called as data about people are. What is called no more than a name is one of
    people where some word of the text is a given name, or Japanese."""
    known = _headers()
    line = next((line for line in text[:8_192].split("\n") if line.strip() and line[0] != "#"), "")
    cells = re.split(r"[,;\t|]", line) if len(line) < 4_000 else []
    names = {_name(cell) for cell in cells}
    if "{" in text[:200]:
        names |= {_name(key) for key in set(_KEY.findall(text))}
    if names & known:
        return True
    if not names & words("headers/maybe person"):
        return False
    if not text.isascii() or is_list_of_people(file):
        return True
    return not words("given_names").isdisjoint(re.findall("[a-z]+", text.lower()))


def _name(cell: str) -> str:
    return _folded(cell.strip(" \"'\r\ufeff"))


@lru_cache(maxsize=4_096)
def _folded(text: str) -> str:
    return fold(re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-./]+", " ", text))


@cache
def _headers() -> frozenset[str]:
    return frozenset(word for kind in _HEADERS for word in words(f"headers/{kind}")) | {"e mail"}
