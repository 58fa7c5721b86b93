"""Texts in RTF, and the package metadata of EPUB books. Control words are dropped, nothing embedded is opened.

Sources: Rich Text Format Specification 1.9.1; EPUB 3.3 (the package document, found by META-INF/container.xml).
"""

import re
from collections.abc import Iterator

from shirushi.describe.evidence import AttributePlace, BytesPlace, Evidence
from shirushi.describe.readers import office, stating
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.metadata_xml import lang_of
from shirushi.describe.readers.prose import MAX_QUOTE
from shirushi.describe.readers.safe_xml import local, text

RTF, EPUB = "rtf/1", "epub/1"
MOST_BYTES = 5_000_000
MOST_PARAGRAPHS = 2_000
MOST_DEPTH = 200
_TOKEN = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\u(-?\d{1,6}) ?|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.DOTALL,
)
_SKIPPED = frozenset({b"fonttbl", b"colortbl", b"stylesheet", b"pict", b"object", b"themedata", b"datastore", b"listtable",
    b"listoverridetable", b"rsidtbl", b"generator", b"latentstyles", b"xmlnstbl", b"fldinst", b"header", b"footer", b"colorschememapping"})  # fmt: skip
_INFO = {
    b"title": "Title",
    b"author": "Author",
    b"subject": "Subject",
    b"keywords": "Keywords",
    b"doccomm": "Description",
    b"company": "Company",
}
_PAGES = {932: "cp932", 936: "gbk", 949: "cp949", 1250: "cp1250", 1251: "cp1251", 1252: "cp1252", 65001: "utf-8"}
_ENDS = frozenset({b"par", b"pard", b"sect", b"row"})


@reads("application/rtf", version=1)
def read_rtf(file: File) -> Iterator[Evidence]:
    """Document properties and paragraphs of an RTF file, each at the bytes it begins in."""
    left = MOST_PARAGRAPHS
    for name, words, start, end in _rtf(file.head(MOST_BYTES)):
        said = " ".join(words.split())[:20_000]
        if not re.search(r"[^\W_]", said):
            continue
        if (left := left - 1) < 0:
            return
        place = BytesPlace(file.name, start, end - start, said[:MAX_QUOTE])
        if name:
            yield Evidence("document-info", {"name": name, "value": said}, place, RTF)
        else:
            yield Evidence("paragraph", {"text": said, "section": ""}, place, RTF)


def _rtf(data: bytes) -> Iterator[tuple[str, str, int, int]]:
    """(name of the property or '', words, first byte, end) of what the file says, in its order."""
    page, skip, after_u, unicode_skip = "cp1252", 0, 0, 1
    stack: list[tuple[int, str]] = []
    name, parts, start, raw = "", list[str](), 0, bytearray()

    def flush() -> None:
        parts.append(raw.decode(page, "replace"))
        raw.clear()

    for token in _TOKEN.finditer(data):
        hexed, code, word, argument, symbol, brace, plain = token.groups()
        if brace == b"{" and len(stack) < MOST_DEPTH:
            stack.append((skip, name))
        elif brace == b"}" and stack:
            skip, outer = stack.pop()
            if outer != name:
                flush()
                yield name, "".join(parts), start, token.start()
                name, parts, start = outer, [], token.end()
        elif word in _SKIPPED or symbol == b"*":
            skip = 1
        elif word in _INFO and stack and not skip and name == "":
            flush()
            name, parts, start = _INFO[word], [], token.end()
        elif word == b"ansicpg":
            page = _PAGES.get(int(argument or 0), page)
        elif word == b"uc":
            unicode_skip = max(0, min(int(argument or 1), 8))
        elif skip or word == b"bin":
            continue
        elif word in _ENDS:
            flush()
            yield name, "".join(parts), start, token.start()
            parts, start = [], token.end()
        elif code is not None:
            flush()
            number = int(code) % 65_536
            parts.append("\ufffd" if 0xD800 <= number < 0xE000 else chr(number))
            after_u = unicode_skip
        elif hexed is not None and after_u:
            after_u -= 1
        elif hexed is not None:
            raw += bytes([int(hexed, 16)])
        elif word in (b"tab", b"line", b"cell"):
            raw += b" "
        elif symbol in (b"~", b"{", b"}", b"\\"):
            raw += b" " if symbol == b"~" else symbol
        elif plain is not None:
            raw += plain[min(after_u, len(plain)) :]
            after_u = 0
    flush()
    yield name, "".join(parts), start, len(data)


@reads("application/epub+zip", version=1)
def read_epub(file: File) -> Iterator[Evidence]:
    """Dublin Core of a book's package document.

    Raises:
        Unreadable: ``truncated``, ``malformed``, ``encrypted``, ``bomb`` or ``entities``.
    """
    with office.open_package(file) as package:
        container = office.xml_part(package, "META-INF/container.xml")
        found = None if container is None else next(container.iter("{*}rootfile"), None)
        path = "" if found is None else found.get("full-path", "")
        root = office.xml_part(package, path) if path else None
        metadata = None if root is None else root.find("{*}metadata")
        for element in () if metadata is None else metadata[:200]:
            if isinstance(element.tag, str) and element.tag.startswith("{http://purl.org/dc/"):
                said = text(element)
                for field, value in stating.dublin_core(local(element), said):
                    if field == "titles" and (lang := lang_of(element)):
                        value["lang"] = lang
                    if (good := stating.checked(field, value)) not in (None, "", {}):
                        place = AttributePlace(file.name, f"{path}/{local(element)}", quote=said[:MAX_QUOTE])
                        yield Evidence("stated", {"field": field, "value": good}, place, EPUB)
