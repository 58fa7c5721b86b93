"""The Japanese catalogue of the interface: collected from code and templates, completed by people, compiled.

``python -m shirushi.web.catalogues`` (``make messages``) adds new words to ``locale/ja`` with an empty translation, drops
those no longer used, compiles, and lists what still needs Japanese. Words are English in the code, so English needs no
catalogue. A near miss is never taken over as "fuzzy": what has no translation must be seen.
"""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[1]
CATALOGUE = PACKAGE / "web" / "locale" / "ja" / "LC_MESSAGES" / "django.po"
COMPILED = CATALOGUE.with_suffix(".mo")

_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
_METHODS = [("**/tests/**", "ignore"), ("**.py", "python"), ("**/templates/**.html", "jinja2")]
_OPTIONS = {"**/templates/**.html": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}}
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def extract() -> Catalog:
    """Every word that code and templates show, untranslated."""
    found = Catalog(charset="utf-8")
    for _file, _line, words, comments, context in extract_from_dir(
        PACKAGE, _METHODS, _OPTIONS, keywords=_KEYWORDS, comment_tags=("translators:",), strip_comment_tags=True
    ):
        found.add(words, auto_comments=comments, context=context)
    return found


def read() -> Catalog:
    """The catalogue as committed; an empty one before there is any."""
    if not CATALOGUE.exists():
        return Catalog(locale="ja", charset="utf-8")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="ja", charset="utf-8")


def updated() -> Catalog:
    """The committed translations of exactly the words that are in use."""
    catalogue, kept = extract(), read()
    result = Catalog(locale="ja", charset="utf-8", fuzzy=False)
    for message in sorted(_messages(catalogue), key=_key):
        old = kept.get(_singular(message), message.context)
        result.add(
            message.id, old.string if old else None, auto_comments=message.auto_comments, context=message.context
        )
    return result


def untranslated(catalogue: Catalog) -> list[str]:
    """Words without complete Japanese, or marked as doubtful."""
    return [_singular(message) for message in _messages(catalogue) if message.fuzzy or not _complete(message)]


def source(catalogue: Catalog) -> bytes:
    """The .po file. Its header holds no dates: they would change with every run and say nothing."""
    header = (
        "# Japanese words of the interface. Edit the msgstr lines, then run `make messages`.\n"
        'msgid ""\nmsgstr ""\n'
        '"Language: ja\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    )
    body = io.BytesIO()
    write_po(body, catalogue, width=0, no_location=True, omit_header=True)
    return header.encode() + body.getvalue().lstrip()


def compiled(po: bytes) -> bytes:
    """The .mo file of a .po file."""
    out = io.BytesIO()
    catalogue = read_po(io.BytesIO(po), locale="ja", charset="utf-8")
    # Babel would write the time of compiling into the header, and the file would change with every run.
    catalogue.creation_date = catalogue.revision_date = _NO_DATE
    write_mo(out, catalogue)
    return out.getvalue()


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _singular(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple | list) else message.id


def _key(message: Message) -> tuple[str, str]:
    return _singular(message), message.context or ""


def _complete(message: Message) -> bool:
    forms = message.string if isinstance(message.string, tuple | list) else [message.string]
    return bool(forms) and all(forms)


def main() -> int:
    """Update and compile; 1 when words are left without Japanese."""
    catalogue = updated()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(source(catalogue))
    COMPILED.write_bytes(compiled(CATALOGUE.read_bytes()))
    missing = untranslated(read())
    for words in missing:
        print(f"no Japanese yet: {words}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
