"""Names of files in a draft: what is taken, in which form, and what is refused with which words."""

import re
import unicodedata
from collections.abc import Iterable

from shirushi.core.errors import FieldError, Invalid
from shirushi.metadata.fields import Text2

LONGEST_PART = 255  # bytes: what file systems hold, so that whoever downloads the record can unpack it
LONGEST_PATH = 3_900  # bytes, so that what is made of a file can be called after it
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Marks that turn the direction of what follows make "exe.gpj" look like "jpg.exe".
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean_path(path: str) -> str:
    """A relative path with ``/`` between its parts, in Unicode NFC (macOS sends NFD), so that equal names are equal.

    Raises:
        Invalid: for a name that cannot be kept; it says why and what to do.
    """
    path = unicodedata.normalize("NFC", path)
    if reason := _wrong_with(path):
        raise _invalid(path, reason)
    return path


def clean_name(name: str) -> str:
    """What somebody calls a thing, as one line that cannot disturb the text around it: in NFC, without control characters and
    marks that change the direction of writing. A name that only people read is not refused for them."""
    name = unicodedata.normalize("NFC", name.encode(errors="replace").decode())
    return " ".join(_DIRECTION.sub("", _CONTROL.sub(" ", name)).split())


def visible(text: str) -> str:
    """The text with control characters and direction marks written out (``\\u202e``), so that none works on what surrounds it."""
    return _DIRECTION.sub(_written_out, _CONTROL.sub(_written_out, text))


def twins(names: Iterable[str]) -> dict[str, list[str]]:
    """Names that are one in Unicode NFC although they are written otherwise, by that one: no folder here can hold both."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(unicodedata.normalize("NFC", name), []).append(name)
    return {path: several for path, several in found.items() if len(several) > 1}


def name_twice(path: str) -> Invalid:
    """The error for a file whose name another one has, written in other characters that look the same."""
    return _invalid(
        path,
        Text2(
            "Another file has this name, written in other Unicode characters that look the same. This one was not kept, "
            "and nothing was overwritten. Rename one of them.",
            "見た目が同じで文字コード（Unicode の正規化形式）だけが違う名前のファイルがほかにあります。このファイルは保存せず、"
            "上書きもしていません。どちらかの名前を変えてください。",
        ),
        code="name-twice",
    )


def not_beside(path: str, other: str) -> Invalid:
    """The error for two names of which one would have to be a file and a folder at once."""
    return _invalid(
        path,
        Text2(
            f"{shown(other)} is already here, and a name cannot be a file and a folder at once. Rename one of them.",
            f"{shown(other)} がすでにあります。同じ名前をファイルとフォルダーの両方には使えません。どちらかの名前を変えてください。",
        ),
    )


def shown(path: str) -> str:
    """The path as it can be printed: marks that would draw on the screen are written out, long ones cut in the middle."""
    text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in path)
    return text if len(text) <= 120 else f"{text[:60]}…{text[-50:]}"


def _written_out(mark: re.Match[str]) -> str:
    return f"\\u{ord(mark[0]):04x}"


def _wrong_with(path: str) -> Text2 | None:
    parts = path.split("/")
    if not path or any(part in {"", ".", ".."} for part in parts):
        return Text2(
            "A file needs a path inside the draft, without empty parts, . or .. in it. Send the path relative to the folder.",
            "ファイルのパスには、空の部分や . や .. を使えません。フォルダーからの相対パスで送ってください。",
        )
    if not _is_unicode(path):
        return Text2(
            "The name is not valid Unicode. Rename the file and try again.",
            "ファイル名の文字コードが正しくありません。名前を変えてから、もう一度お試しください。",
        )
    if "\\" in path:
        return Text2(
            "The name holds a backslash, which Windows takes for a folder when the record is unpacked. Rename the file and try again.",
            "ファイル名にバックスラッシュ（\\）があります。Windows で展開するとフォルダーの区切りになるため使えません。"
            "名前を変えてから、もう一度お試しください。",
        )
    if _CONTROL.search(path):
        return Text2(
            "The name holds a line break or another control character. Rename the file and try again.",
            "ファイル名に改行などの制御文字が入っています。名前を変えてから、もう一度お試しください。",
        )
    if _DIRECTION.search(path):
        return Text2(
            "The name holds an invisible mark that changes the direction of writing. Rename the file and try again.",
            "ファイル名に、書字方向を変える見えない文字が入っています。名前を変えてから、もう一度お試しください。",
        )
    if max(len(part.encode()) for part in parts) > LONGEST_PART or len(path.encode()) > LONGEST_PATH:
        return Text2(
            f"The name is too long: file systems hold {LONGEST_PART} bytes. Shorten it and try again.",
            f"ファイル名が長すぎます。{LONGEST_PART}バイトまでです。短くしてから、もう一度お試しください。",
        )
    return None


def _is_unicode(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _invalid(path: str, reason: Text2, *, code: str = "bad-file-name") -> Invalid:
    name = shown(path)
    return Invalid(
        Text2(f"{name}: {reason.en}", f"{name}：{reason.ja}"),
        errors=[FieldError("/path", reason)],
        code=code,
    )
