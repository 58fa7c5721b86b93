"""The particulars of problems in Japanese: what we word ourselves, and what common libraries say of damaged files.

They are kept in English with what they tell of. Words that are not known here (of another library, or of another version) are shown
as they were said."""

import re

from shirushi.describe.sentences import table, translated

__all__ = ["particulars_in"]

_N = r"([\d,]+)"

_JA = table(
    (
        # how much was read
        (rf"{_N} of {_N} files were read", r"\2 ファイルのうち \1 ファイル"),
        (rf"the first {_N} of {_N} (?:columns|fields|names) were used", r"\2 列のうち先頭の \1 列を使用"),
        (rf"the first {_N} of {_N} (?:images|arrays) were read", r"\2 個のうち先頭の \1 個を読み取り"),
        (rf"the first {_N} of {_N} sheets were read", r"\2 枚のうち先頭の \1 枚を読み取り"),
        (rf"the first {_N} (?:objects|blocks|data blocks) were read", r"先頭の \1 個を読み取り"),
        (rf"the first {_N} were used", r"先頭の \1 ファイルを使用"),
        (rf"the first {_N} files inside were listed", r"中の先頭 \1 ファイルを一覧"),
        (rf"{_N} bytes; up to {_N} are (?:read in full|parsed)", r"\1 バイト。すべて読み取れるのは \2 バイトまで"),
        (rf"it unpacks to {_N} bytes; up to {_N} are read", r"展開すると \1 バイト。読み取れるのは \2 バイトまで"),
        (rf"a header of {_N} bytes; up to {_N} are read", r"ヘッダーが \1 バイト。読み取れるのは \2 バイトまで"),
        (rf"a header of {_N} bytes is not read", r"\1 バイトのヘッダーは読み取らない"),
        (rf"(?:XML of )?more than {_N} bytes (?:is|are) not read", r"\1 バイトを超えるものは読み取らない"),
        (rf"(?:metadata|a metadata file|a notebook) of more than {_N} bytes (?:is|are) not read", r"\1 バイトを超えるものは読み取らない"),
        (rf"a notebook of more than {_N} bytes is shown as text", r"\1 バイトを超えるノートブックはテキストとして表示"),
        (rf"a PDF of more than {_N} bytes is not opened", r"\1 バイトを超える PDF は開かない"),
        (rf"an image of more than {_N} pixels is not unpacked", r"\1 ピクセルを超える画像は展開しない"),
        (rf"one chunk unpacks to more than {_N} bytes", r"一つのチャンクが展開後 \1 バイトを超過"),
        (rf"more than {_N} folders inside one another", r"フォルダーの入れ子が \1 段を超過"),
        (rf"more than {_N} (?:levels|sequences in one another)", r"入れ子が \1 段を超過"),
        (rf"more than {_N} values", r"値が \1 個を超過"),
        (r"not all that its structures hold was read", r"構造体の一部は未読"),
        (r"not done after ([\d,.]+) seconds", r"\1 秒で終わらない"),
        (rf"more than {_N} MiB were needed", r"\1 MiB を超えるメモリーが必要"),
        # sizes that do not fit
        (rf"{_N} bytes would become (?:more than )?{_N}", r"\1 バイトが展開後 \2 バイト"),
        (rf"{_N} / {_N} bytes", r"\1 / \2 バイト"),
        (rf"{_N} bytes", r"\1 バイト"),
        (rf"{_N} bytes where its header tells of {_N}", r"ヘッダーでは \2 バイト、実際は \1 バイト"),
        (rf"{_N} bytes of sound are announced, {_N} are there", r"音声は \1 バイトのはずが \2 バイト"),
        (rf"{_N} cells where {_N} are announced", r"\2 セルのはずが \1 セル"),
        (rf"{_N} rows, but {_N} were counted", r"\1 行のはずが \2 行を集計"),
        (rf"{_N} of the header's {_N} bytes are there", r"ヘッダーの \2 バイトのうち \1 バイトだけ"),
        (rf"{_N} of the first {_N} bytes are there", r"先頭の \2 バイトのうち \1 バイトだけ"),
        (rf"the header should have {_N} bytes, {_N} are there", r"ヘッダーは \1 バイトのはずが \2 バイト"),
        (rf"a (?:shapefile's|dBASE) header has (?:more than )?{_N} bytes", r"ヘッダーが \1 バイトに足りない"),
        (rf"{_N} of {_N} places looked at hold zero bytes: the file may be incomplete", r"調べた \2 か所のうち \1 か所がゼロバイト。書き込みが不完全な可能性"),
        (rf"{_N} lines are not JSON", r"JSON でない行が \1 行"),
        # cut off
        (r"(?:the header is cut off|it ends within its header)", "ヘッダーが途中で切れている"),
        (r"a FITS header breaks off before its END card", "FITS のヘッダーが END カードの前で切れている"),
        (r"a variable ends early", "変数が途中で切れている"),
        (r"it ends inside an element", "要素の途中で切れている"),
        (r"the head of a MAT-file is not whole", "MAT ファイルのヘッダーが不完全"),
        (r"the PDF has no end mark", "PDF の終わりの印がない"),
        (r"no movie header in it", "動画のヘッダーがない"),
        (r"no main header in it", "主ヘッダーがない"),
        (r"no format chunk in it", "形式を示す部分がない"),
        (r"no stream info in it", "ストリームの情報がない"),
        (r"the file ends before these values", "これらの値の前でファイルが終わっている"),
        (r"image file is truncated(?: \(\d+ bytes not processed\))?|Truncated File Read", "画像データが途中で切れている"),
        (r"(?:broken|unrecognized) data stream.*", "画像データが壊れている"),
        (r"Compressed file ended before the end-of-stream marker was reached|unexpected end of (?:data|file)", "圧縮データが途中で切れている"),
        (r"Error -\d while decompressing data: .*|the packed data cannot be unpacked|Invalid data stream", "圧縮データが壊れている"),
        # not what it is called
        (r"File is not a zip file", "ZIP 形式として開けない"),
        (r"it is not the (\S+) that it claims to be", r"名乗っている \1 形式ではない"),
        (r"it is called a text, but holds other bytes", "テキストとされているが、ほかのデータ"),
        (r"the file does not start as a classic netCDF file does", "netCDF の先頭ではない"),
        (r"it does not begin as (a NumPy array does|R's data do)", "形式に合った先頭ではない"),
        (r"it does not start with the size of a NIfTI header", "NIfTI のヘッダーではない"),
        (r"it holds nothing but zero bytes", "ゼロバイトしか入っていない"),
        (r"an ASCII grid's header needs ncols, nrows and cellsize that can be", "ASCII グリッドのヘッダーに正しい ncols、nrows、cellsize がない"),
        (r"the notebook has no cells", "ノートブックにセルがない"),
        (r"the workbook has no sheet of cells", "ブックに表のシートがない"),
        (r"the document has no body|the package holds no document", "文書の本文がない"),
        (r"the PDF cannot be opened", "PDF として開けない"),
        (r"no KML that could be read in it", "読み取れる KML が入っていない"),
        (r"no tree in it", "木構造がない"),
        (r"the shape of a variable cannot be read|its header does not tell a shape", "配列の形が読み取れない"),
        (r"its header does not tell a type", "値の型が読み取れない"),
        (r"its header is no literal", "ヘッダーを解釈できない"),
        (r"it is too short", "短すぎる"),
        (r"its end is missing", "終わりの部分がない"),
        (rf"line {_N}", r"\1 行目"),
        (rf"(?:Expecting ':' delimiter|[^:]+): line {_N},? column {_N}(?: \(.*\))?", r"\1 行 \2 列目"),
        (rf"[^:]+, line {_N}, column {_N}(?: \(.*\))?", r"\1 行 \2 列目"),
        # locked
        (r"the PDF asks for a password", "PDF がパスワードを求めている"),
        (r"its parts are encrypted", "中身が暗号化されている"),
        (r"files inside can be listed, not opened", "中のファイルは一覧のみで、開けない"),
        (r"(.+) is encrypted", r"\1 は暗号化されている"),
        # maps
        (r"it has no features", "地物が一つもない"),
        (rf"features: {_N}; none has coordinates that can be drawn", r"\1 個の地物のどれにも、描ける座標がない"),
        (rf"features: {_N}; all lie outside of longitudes and latitudes", r"\1 個の地物がすべて、経度・緯度の範囲の外にある"),
        # values of arrays
        (r"it is empty", "空"),
        (r"links are not followed", "リンクはたどらない"),
        (r"values of other files are not read", "ほかのファイルにある値は読み取らない"),
        (r"objects are not read", "オブジェクトは読み取らない"),
        (r"the values shown lie too far apart in the file", "値がファイルの中で離れすぎている"),
        (r"values of the type (.+) are not shown", r"\1 型の値は表示しない"),
        # columns
        (r"the numbers of (.+) stay those of the sample", r"\1 の数値は一部の行によるもの"),
        (r"column ([\d, ]+)", r"\1 列目"),
    )
)  # fmt: skip

# What stands before the words of a library.
_BEFORE_JA = {
    "the image cannot be unpacked": "画像を展開できない",
    "the image cannot be opened": "画像を開けない",
    "the notebook is not JSON": "JSON として読めない",
    "Zarr metadata are not JSON": "Zarr のメタデータが JSON として読めない",
    "not JSON": "JSON として読めない",
    "not YAML": "YAML として読めない",
    "not well-formed XML": "XML として読めない",
    "the package cannot be opened": "",
    "its packed part cannot be unpacked": "圧縮された部分を展開できない",
    "a compressed variable is damaged": "圧縮された変数が壊れている",
    "the packed data are damaged": "圧縮データが壊れている",
}
_BEFORE = re.compile(rf"({'|'.join(_BEFORE_JA)}|[\w. -]{{1,40}}): (.+)", re.DOTALL)


def particulars_in(detail: str, lang: str) -> str:
    """The particulars of a problem in ``lang`` (``ja`` or ``en``), where they are ours or well known; else as they were said."""
    if not lang.startswith("ja"):
        return detail
    if (known := translated(detail, _JA)) != detail:
        return known
    if found := _BEFORE.fullmatch(detail):
        before, said = _BEFORE_JA.get(found[1], found[1]), particulars_in(found[2], lang)
        if found[1] in _BEFORE_JA or said != found[2]:
            return f"{before}：{said}" if before else said
    return detail
