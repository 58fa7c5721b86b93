"""What making derived files says of them, in the reader's language: what is not in one, and why nothing was made.

It is kept in English with the derived file; a sentence that is not known here (of another library, or of another version) is
shown as it was said."""

from shirushi.describe.problems import PROBLEMS, what_in
from shirushi.describe.sentences import table, translated

__all__ = ["note_in", "why_in"]

_NOTES_JA = table(
    (
        (r"the row of totals at the end", r"末尾の合計行"),
        (r"columns without a name \((.+)\)", r"名前のない列（\1 列目）"),
        (r"cells beyond the last column, in ([\d,]+) rows", r"\1 行で、最後の列からはみ出したセル"),
        (r"the sheets after the first ([\d,]+)", r"\1 枚目より後のシート"),
        (r"(.+): a name that a key cannot have", r"\1：Zarr の鍵にできない名前"),
        (r"(.+): no plain array, or a name that a key cannot have", r"\1：単純な配列でないか、Zarr の鍵にできない名前"),
        (r"(.+): an attribute that JSON cannot hold, or too long", r"\1：JSON で表せないか長すぎる属性"),
        (r"(.+): of a type that has no counterpart in NumPy", r"\1：NumPy に対応する型がない"),
        (r"(.+): empty", r"\1：空"),
        (r"(.+): no plain array", r"\1：単純な配列ではない"),
        (r"(.+): its values lie in other files", r"\1：値が別のファイルにある"),
        (r"(.+): chunks that are too large", r"\1：チャンクが大きすぎる"),
        (r"… and more", r"…ほか"),
        (r"its values are of several kinds: kept as text", r"値の種類が混ざっているため、文字列のまま"),
        (r"day and month cannot be told apart: kept as text", r"日と月の区別がつかないため、文字列のまま"),
        (
            r"some of its times tell their zone and some do not: kept as text",
            r"時刻の一部にだけ時間帯があるため、文字列のまま",
        ),
        (r"times with their zone: kept as the same moments, in UTC", r"時間帯付きの時刻：同じ時点を UTC で保持"),
        (
            r"([\d,]+) values would not be kept as (\S+) \((.+)\): kept as text",
            r"\1 個の値（\3）が \2 として保てないため、文字列のまま",
        ),
    )
)

_WHY_JA = table(
    (
        (
            r"([\d,]+) bytes; up to ([\d,]+) are made into derived files",
            r"\1 バイト。派生ファイルを作るのは \2 バイトまで",
        ),
        (
            r"([\d,]+) bytes of arrays; up to ([\d,]+) are made into Zarr",
            r"配列が \1 バイト。Zarr を作るのは \2 バイトまで",
        ),
        (r"([\d,]+) columns; up to ([\d,]+) are made into Parquet", r"\1 列。Parquet を作るのは \2 列まで"),
        (r"sheet (.+) has ([\d,]+) cells", r"シート \1 のセルが \2 個"),
        (r"more than ([\d,]+) arrays", r"配列が \1 個を超過"),
        (r"an archive of more than ([\d,]+) bytes or ([\d,]+) arrays", r"アーカイブが \1 バイトか配列 \2 個を超過"),
        (r"the answer was not one: (.+)", r"作成処理の返答を解釈できない：\1"),
        (r"more than ([\d,]+) parts", r"部分が \1 個を超過"),
        (r"a line is longer than any should be", r"行が長すぎる"),
        (r"bytes that are not of its encoding would be lost", r"文字コードに合わないバイトが失われる"),
        (r"line ([\d,]+) is not JSON", r"\1 行目が JSON ではない"),
        (r"line ([\d,]+) is no object", r"\1 行目がオブジェクトではない"),
        (r"(.+) ends beyond the file", r"\1 がファイルの終わりを越える"),
        (r"its rows are not all of one form: (.+)", r"行の形がそろっていない：\1"),
        (r"what was written is not what was read", r"書いた値が読んだ値と一致しない"),
        (
            r"derived files are made of the first ([\d,]+) tables and arrays of a record",
            r"派生ファイルを作るのは、レコードの先頭 \1 個の表と配列まで",
        ),
        (
            r"Making derived files ended unexpectedly three times at this record\.",
            r"このレコードの派生ファイルの作成が三度、途中で終わりました。",
        ),
    )
)


def note_in(note: str, lang: str) -> str:
    """A note of a column or of what is not in a derived file, in ``lang`` (``ja`` or ``en``)."""
    return translated(note, _NOTES_JA) if lang.startswith("ja") else note


def why_in(code: str, message: str, lang: str) -> str:
    """Why nothing was made of a file, in ``lang``: what happened, where it is a problem that files have, and the particulars."""
    particulars = translated(message, _WHY_JA) if lang.startswith("ja") else message
    return what_in(code, particulars, lang) if code in PROBLEMS else particulars or code
