"""Typed links for machines: FAIR Signposting (https://signposting.org/FAIR/), levels 1 and 2.

Level 1 is the ``Link`` header of pages, files and exports. Proxies refuse headers that are too long, so it holds what fits, the most
telling links first. Level 2 is the link set (RFC 9264), which always holds everything and is written file by file.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse

from shirushi.core.documents import file_url, publication_of, record_url
from shirushi.core.models import Record
from shirushi.exchange.common import resolver_url
from shirushi.exchange.formats import FORMATS, Format
from shirushi.exchange.licences import licence
from shirushi.exchange.schema_org import TYPES
from shirushi.metadata.published import Publication

JSON_SET, TEXT_SET = "application/linkset+json", "application/linkset"
LONGEST_HEADER = 4_000  # bytes; servers and proxies take 8 kB for all headers together
LINKED_FILES = 50  # in the page's head
_AT_ONCE = 2_000
_PIECE = 64 * 1024  # bytes; each piece costs a server as much as a large one
_SHOWN_FIRST = ("cite-as", "linkset", "type", "license", "author", "describedby", "describes", "collection", "item")

_encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Link:
    """``profile`` tells apart what has the same media type."""

    relation: str
    address: str
    media_type: str | None = None
    profile: str | None = None

    def __str__(self) -> str:
        return f'<{self.address}>; rel="{self.relation}"' + "".join(
            f'; {name}="{value}"' for name, value in self.attributes().items()
        )

    def attributes(self) -> dict[str, str]:
        values = {"type": self.media_type, "profile": self.profile}
        return {name: value for name, value in values.items() if value and _may_be_linked(value)}


def of_page(record: Record, publication: Publication, schema_type: str) -> list[Link]:
    """The links of a landing page, the first files among them where they are to be had."""
    links = _about(record, publication, schema_type)
    files = publication.files[:LINKED_FILES] if publication.ask_url is None else []
    links += [Link("item", file.url, _bare(file.media_type)) for file in files if file.url]
    return _linkable(links)


def of_file(record: Record) -> list[Link]:
    """The links of a file: to the page of what it belongs to, how that is cited, and what may be done with it."""
    published = record.document["publication"]
    licences = (right.get("uri") or licence_url(right.get("id")) for right in published["work"].get("rights", []))
    identifier = published.get("identifier") or {}
    return _linkable(
        [
            Link("collection", record_url(record.pk), "text/html"),
            Link("cite-as", _cited(record, identifier.get("scheme"), identifier.get("value"), identifier.get("state"))),
            *_sets(record),
            *(Link("license", address) for address in licences if address),
        ]
    )


def of_export(record: Record) -> list[Link]:
    """The links of metadata: to the page that they describe."""
    return [Link("describes", record_url(record.pk), "text/html"), *_sets(record)]


def header(links: Iterable[Link]) -> str:
    """A ``Link`` header no longer than :data:`LONGEST_HEADER`. What does not fit stands in the link set."""
    kept: list[str] = []
    room = LONGEST_HEADER
    for link in sorted(links, key=lambda link: _SHOWN_FIRST.index(link.relation)):
        words = str(link)
        if len(words) + 2 > room:
            break
        kept.append(words)
        room -= len(words) + 2
    return ", ".join(kept)


def linkset_json(record: Record, *, may_read: bool) -> Iterator[bytes]:
    """The whole link set as JSON, in pieces: links of the page, then of each file and each export to it. Without files for those who may
    not have them."""
    return _in_pieces(_as_json(record, may_read))


def linkset_text(record: Record, *, may_read: bool) -> Iterator[bytes]:
    """The whole link set in the form of a ``Link`` header, a link a line, in pieces."""
    return _in_pieces(_as_text(record, may_read))


def _as_json(record: Record, may_read: bool) -> Iterator[bytes]:  # noqa: FBT001
    page = record_url(record.pk)
    own = _grouped(_about(record, publication_of(record, all_files=False)))
    yield _opened({"anchor": page, **own})
    before = b', "item": ['  # a relation names one link at least (RFC 9264, section 4.2.4.1)
    for link in _items(record, may_read):
        yield before + _json({"href": link.address, **link.attributes()})
        before = b",\n"
    yield b"}" if before.startswith(b", ") else b"]}"
    back = _encode([{"href": page, "type": "text/html"}])
    for relation, links in (("collection", _items(record, may_read)), ("describes", _exports(record))):
        for link in links:
            yield f',\n{{"anchor": {_encode(link.address)}, "{relation}": {back}}}'.encode()
    yield b"]}\n"


def _as_text(record: Record, may_read: bool) -> Iterator[bytes]:  # noqa: FBT001
    page = record_url(record.pk)
    about = _linkable(_about(record, publication_of(record, all_files=False)))
    yield ",\n".join(f'{link}; anchor="{page}"' for link in about).encode()
    back = f'<{page}>; rel="{{}}"; type="text/html"; anchor="{{}}"'
    for link in _items(record, may_read):
        yield f',\n{link}; anchor="{page}",\n{back.format("collection", link.address)}'.encode()
    for link in _exports(record):
        yield f",\n{back.format('describes', link.address)}".encode()
    yield b"\n"


def licence_url(spdx: str | None) -> str | None:
    return licence(spdx).url if spdx else None


def _about(record: Record, publication: Publication, schema_type: str | None = None) -> list[Link]:
    """Everything about the record but its files."""
    own = publication.identifier
    cited = _cited(record, own.scheme, own.value, own.state) if own else record_url(record.pk)
    kind = schema_type or TYPES.get(publication.work.resource_type.general, "CreativeWork")
    licences = (right.uri or licence_url(right.id) for right in publication.work.rights)
    authors = (creator.orcid for creator in publication.work.creators)
    return [
        Link("cite-as", cited),
        Link("type", "https://schema.org/AboutPage"),
        Link("type", f"https://schema.org/{kind}"),
        *(Link("author", f"https://orcid.org/{orcid}") for orcid in authors if orcid),
        *_exports(record),
        *_sets(record),
        *(Link("license", address) for address in licences if address),
    ]


def _cited(record: Record, scheme: str | None, value: str | None, state: str | None) -> str:
    """The address to cite: an identifier that no agency has registered resolves nowhere, then it is the page's own."""
    known = resolver_url(value, scheme) if scheme and value and state == "registered" else None
    return known or record_url(record.pk)


def _exports(record: Record) -> list[Link]:
    return [
        Link("describedby", _absolute("record-export", record.pk, name), _bare(item.media_type), _profile(item))
        for name, item in FORMATS.items()
    ]


def _sets(record: Record) -> list[Link]:
    address = _absolute("record-linkset", record.pk)
    return [Link("linkset", address, JSON_SET), Link("linkset", address, TEXT_SET)]


def _items(record: Record, may_read: bool) -> Iterator[Link]:  # noqa: FBT001
    """Every file of the record, read a few at a time."""
    if not may_read:
        return
    files = record.files.values_list("path", "media_type").iterator(chunk_size=_AT_ONCE)
    for path, media_type in files:
        yield Link("item", file_url(record.pk, path), _bare(media_type))


def _absolute(name: str, *values: str) -> str:
    return f"{settings.SHIRUSHI_BASE_URL}{reverse(name, args=values)}"


def _grouped(links: Sequence[Link]) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for link in _linkable(links):
        found.setdefault(link.relation, []).append({"href": link.address, **link.attributes()})
    return found


def _opened(first: Mapping[str, Any]) -> bytes:
    """The set up to where its first object goes on."""
    return b'{"linkset": [' + _json(first)[:-1]


def _in_pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    piece = bytearray()
    for line in lines:
        piece += line
        if len(piece) >= _PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


def _json(value: Mapping[str, Any]) -> bytes:
    return _encode(value).encode()


def _bare(media_type: str) -> str:
    return media_type.split(";")[0]


def _profile(item: Format) -> str | None:
    _type, _, profile = item.media_type.partition("profile=")
    return profile.strip('"') or None


def _linkable(links: Iterable[Link]) -> list[Link]:
    return [link for link in links if _may_be_linked(link.address)]


def _may_be_linked(text: str) -> bool:
    """Whether it can stand between < and > or quotes in a header."""
    return text.isascii() and text.isprintable() and not set(' <>"\\') & set(text)
