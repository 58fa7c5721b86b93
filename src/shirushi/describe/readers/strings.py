"""Readable words in a file of an unknown format: makers, programs, versions, dates, settings.

Only the first and last 64 KB are looked at, and only what bears a sign of meaning is kept: in packed data every run of letters is
chance. Runs are sought in ASCII and UTF-8, in UTF-16 (little-endian) and in CP932.
"""

import re
from collections.abc import Iterator

from shirushi.describe.evidence import BytesPlace, Evidence
from shirushi.describe.readers import sensitive_values
from shirushi.describe.readers.base import File, reads

READER = "strings/1"
WINDOW = 65_536
MOST = 40
LONGEST = 300
_RUNS = (
    (re.compile(rb"(?:[\x20-\x7e\t]|[\xc2-\xdf][\x80-\xbf]|[\xe2-\xef][\x80-\xbf]{2}){6,2000}"), "utf-8"),
    (re.compile(rb"(?:[\x20-\x7e\t]\0|[\0-\xff][\x30\x4e-\x9f]){6,2000}"), "utf-16-le"),
    (re.compile(rb"(?:[\x20-\x7e\t]|[\x81-\x9f\xe0-\xea][\x40-\x7e\x80-\xfc]){6,2000}"), "cp932"),
)
_JAPANESE = re.compile(
    r"株式会社|製作所|測定|計測|装置|試料|分析|解析|温度|日時|日付|条件|名称|バージョン|データ|ソフト|ファイル|\d{4}年\d{1,2}月"
)
_CLEAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\u3000-\u303f\u2100-\u214f\uff00-\uffefA-Za-z0-9\\s!-/:-@\\[-`{-~°µ]+")
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_SIGNS = (
    re.compile(r"[A-Z][A-Za-z&-]{2,}[ ,.]+(?:Inc\b|Ltd\b|LLC\b|GmbH\b|Corp(?:oration)?\b|Co\.|S\.A\.)"),
    re.compile(
        r"(?<![A-Za-z])(?:copyright|version|software|firmware|serial|instrument|detector|manufacturer|microscope|spectromet\w+|camera|"
        r"acquisition|acquired|created by|calibration)(?![a-z])",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<!\d)(?:19|20)\d\d(?P<mark>[-/.])(?:0?[1-9]|1[0-2])(?P=mark){_DAY}(?!\d)"),
    re.compile(
        rf"(?<!\d){_DAY}[- ](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{{0,6}}[- ,]+(?:19|20)\d\d(?!\d)"
    ),
    re.compile(r"[A-Za-z]{3,20}[A-Za-z ()/-]{0,30}[ _v-]\d{1,4}\.\d{1,4}(?:\.\d{1,6})*(?![\w.])"),
    re.compile(r"^(?=.{12})[A-Z]?[a-z]{3,20}[\w .()/-]{0,20} ?[=:] ?[\w.+-]{2,}"),
    re.compile(r"(?P<one>[A-Za-z][a-z]{2,15})[ ,]+(?!(?P=one))(?:[A-Za-z][a-z]{2,15}[ ,]+){2}[a-z]{3,15}"),
)
_PERSONAL = re.compile(
    r"patient|subject|birth|operator|user|phone|passw|address|患者|氏名|被験者|生年月日|受診者|電話|住所|操作者",
    re.IGNORECASE,
)


@reads("application/octet-stream", version=1)
def read_strings(file: File) -> Iterator[Evidence]:
    """``string`` evidence, in the file's order, each at its bytes. Words that may be about a person are left out."""
    found: dict[str, tuple[int, int]] = {}
    for offset, data in _windows(file):
        for pattern, encoding in _RUNS:
            for match in pattern.finditer(data):
                for text, start, end in _words(match[0], encoding):
                    found.setdefault(text, (offset + match.start() + start, end - start))
    for text, (start, length) in sorted(found.items(), key=lambda item: item[1])[:MOST]:
        yield Evidence("string", {"text": text}, BytesPlace(file.name, start, length, text), READER)


def _windows(file: File) -> Iterator[tuple[int, bytes]]:
    with file.open() as stream:
        yield 0, stream.read(WINDOW)
        if file.size > WINDOW:
            stream.seek(max(WINDOW, file.size - WINDOW))
            yield stream.tell(), stream.read(WINDOW)


def _words(run: bytes, encoding: str) -> Iterator[tuple[str, int, int]]:
    """(text, first byte, end byte) of a run that has a sign of meaning; its Japanese must be plain."""
    text = run.decode(encoding, "replace")[:LONGEST]
    stripped = text.strip()
    foreign = not stripped.isascii()
    if encoding == "cp932" and not foreign:
        return  # ASCII is found as UTF-8
    if foreign and not (_CLEAN.fullmatch(stripped) and _JAPANESE.search(stripped)):
        return
    if not foreign and not _has_sign(stripped):
        return
    if _PERSONAL.search(stripped) or "@" in stripped:
        return
    if any(True for _ in sensitive_values.credentials(stripped)):
        return
    start = len(text[: len(text) - len(text.lstrip())].encode(encoding))
    yield stripped, start, start + len(stripped.encode(encoding))


def _has_sign(text: str) -> bool:
    """Whether a run of ASCII means something: long enough, mostly letters, digits and blanks, and with one of the signs."""
    plain = sum(1 for c in text if c.isalnum() or c in " .:-_/")
    return len(text) >= 8 and plain >= 0.8 * len(text) and any(sign.search(text) for sign in _SIGNS)
