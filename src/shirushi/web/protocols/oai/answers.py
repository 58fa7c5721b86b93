"""The answers of OAI-PMH as XML, one function a verb. What stands in metadata never breaks a document: what XML cannot hold is left out."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from lxml import etree

from shirushi.accounts.models import Space
from shirushi.core.harvesting import Item, MetadataFormat, Provider, Selection, providers
from shirushi.exchange.xmltools import child, legal
from shirushi.web.protocols.oai import tokens
from shirushi.web.protocols.oai.arguments import Asked, OaiError

COUNTED = 10_000  # a longer list is not counted: that would cost more than its first page
_OAI = "http://www.openarchives.org/OAI/2.0/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_OF_IDENTIFIERS = "http://www.openarchives.org/OAI/2.0/oai-identifier"
_NO_FORMAT = "There is no such format here; ListMetadataFormats names those there are."


def answer(asked: Asked | None, fill: Iterable[etree._Element] | OaiError) -> bytes:
    """The whole document: when, the request, and what was found or what is wrong with the request."""
    namespaces: dict[str | None, str] = {None: _OAI, "xsi": _XSI}
    root = etree.Element(_tag("OAI-PMH"), nsmap=namespaces)  # type: ignore[arg-type]
    root.set(f"{{{_XSI}}}schemaLocation", f"{_OAI} {_OAI}OAI-PMH.xsd")
    _say(root, "responseDate", _written(timezone.now()))
    request = _say(root, "request", base_url())
    if asked is not None and not (isinstance(fill, OaiError) and not fill.echo):
        for name, value in {"verb": asked.verb, **asked.values}.items():
            request.set(name, legal(value))
    if isinstance(fill, OaiError):
        _say(root, "error", fill.message, code=fill.code)
    else:
        etree.SubElement(root, _tag(asked.verb if asked else "")).extend(fill)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def answered(asked: Asked) -> list[etree._Element]:
    """What belongs below the verb's element.

    Raises:
        OaiError: what the protocol has a code for.
    """
    match asked.verb:
        case "Identify":
            return _identify()
        case "ListMetadataFormats":
            return _formats(asked)
        case "ListSets":
            return _sets(asked)
        case "GetRecord":
            return _record(asked)
        case _:
            return _list(asked)


def base_url() -> str:
    return f"{settings.SHIRUSHI_BASE_URL}/oai"


def host() -> str:
    return urlsplit(settings.SHIRUSHI_BASE_URL).hostname or "localhost"


def _identify() -> list[etree._Element]:
    root = etree.Element("_")
    space = Space.objects.filter(parent=None).order_by("pk").first()
    dates = [first for provider in providers() if (first := provider.earliest())]
    _say(root, "repositoryName", f"{space.name_en} / {space.name_ja}" if space else "shirushi")
    _say(root, "baseURL", base_url())
    _say(root, "protocolVersion", "2.0")
    _say(root, "adminEmail", settings.SHIRUSHI_ADMIN_EMAIL)
    _say(root, "earliestDatestamp", _written(min(dates, default=datetime(2020, 1, 1, tzinfo=UTC))))
    _say(root, "deletedRecord", "persistent")
    _say(root, "granularity", "YYYY-MM-DDThh:mm:ssZ")
    if "." in host() and not host().replace(".", "").isdigit():  # the scheme knows names of hosts only
        known = etree.SubElement(_say(root, "description"), f"{{{_OF_IDENTIFIERS}}}oai-identifier")  # type: ignore[call-overload]
        known.set(f"{{{_XSI}}}schemaLocation", f"{_OF_IDENTIFIERS} {_OAI}oai-identifier.xsd")
        sample = _identifier(providers()[0], "0a1b2c3d4e5f6g") if providers() else f"oai:{host()}:1"
        parts = {"scheme": "oai", "repositoryIdentifier": host(), "delimiter": ":", "sampleIdentifier": sample}
        for name, text in parts.items():
            child(known, f"{{{_OF_IDENTIFIERS}}}{name}", text)
    return list(root)


def _formats(asked: Asked) -> list[etree._Element]:
    """Of everything, or of one item; deleted ones had them too."""
    if "identifier" in asked.values:
        provider, _item = _find(asked.values["identifier"])
        found = list(provider.formats.values())
    else:
        every = chain.from_iterable(provider.formats.values() for provider in providers())
        found = list({known.prefix: known for known in every}.values())
    if not found:
        raise OaiError("noMetadataFormats", "There are no formats for this item.")
    return [_format(known) for known in found]


def _format(known: MetadataFormat) -> etree._Element:
    root = etree.Element(_tag("metadataFormat"))
    _say(root, "metadataPrefix", known.prefix)
    _say(root, "schema", known.schema)
    _say(root, "metadataNamespace", known.namespace)
    return root


def _sets(asked: Asked) -> list[etree._Element]:
    if "resumptionToken" in asked.values:
        raise OaiError("badResumptionToken", "The list of sets comes in one piece.")
    named = dict(chain.from_iterable(provider.sets() for provider in providers()))
    if not named:
        raise OaiError("noSetHierarchy", "Nothing has been published yet, so there are no sets.")
    found = []
    for spec, name in named.items():
        root = etree.Element(_tag("set"))
        _say(root, "setSpec", spec)
        _say(root, "setName", name)
        found.append(root)
    return found


def _record(asked: Asked) -> list[etree._Element]:
    provider, item = _find(asked.values["identifier"])
    if asked.values["metadataPrefix"] not in provider.formats:
        raise OaiError("cannotDisseminateFormat", _NO_FORMAT)
    return _records(provider, [item], asked.values["metadataPrefix"])


def _list(asked: Asked) -> list[etree._Element]:
    """One page of a list, from its beginning or from where a token left it."""
    values = asked.values
    if "resumptionToken" in values:
        place = tokens.place(values["resumptionToken"], asked.verb)
    else:
        selection = Selection(values.get("set", ""), asked.since, asked.until)
        place = tokens.Place(asked.verb, values["metadataPrefix"], selection)
    giving = [provider for provider in providers() if place.prefix in provider.formats]
    if not giving:
        raise OaiError("cannotDisseminateFormat", _NO_FORMAT)
    if "resumptionToken" not in values:
        place = tokens.Place(place.verb, place.prefix, place.selection, size=_size(giving, place.selection))
    found, following = _page(giving, place)
    if not found:  # also where what a token led to has changed meanwhile, and stands later in other lists
        raise OaiError("noRecordsMatch", "Nothing matches; ListSets names the sets there are.")
    if following is not None or place.cursor:
        found.append(_resumption(place, following))
    return found


def _page(giving: Sequence[Provider], place: tokens.Place) -> tuple[list[etree._Element], tokens.Place | None]:
    """The elements of one page, and the place after it when there is more."""
    most = settings.SHIRUSHI_OAI_PAGE
    for number in range(place.provider, len(giving)):
        after = place.after if number == place.provider else None
        items = giving[number].page(place.selection, after, most + 1)
        if not items:
            continue
        shown, last = items[:most], items[:most][-1]
        if place.verb == "ListRecords":
            elements = _records(giving[number], shown, place.prefix)
        else:
            elements = [_header(giving[number], item) for item in shown]
        if len(items) > most:
            return elements, place.further(provider=number, after=(last.datestamp, last.id), by=len(shown))
        later = (other for other in range(number + 1, len(giving)) if giving[other].page(place.selection, None, 1))
        other = next(later, None)
        return elements, None if other is None else place.further(provider=other, after=None, by=len(shown))
    return [], None


def _size(giving: Sequence[Provider], selection: Selection) -> int | None:
    """How many items the list has; None when there are too many to count just for that."""
    total = sum(provider.count(selection, COUNTED + 1) for provider in giving)
    return total if total <= COUNTED else None


def _resumption(place: tokens.Place, following: tokens.Place | None) -> etree._Element:
    """How to go on; an empty one tells that the list is at its end."""
    root = etree.Element(_tag("resumptionToken"))
    root.set("cursor", str(place.cursor))
    if place.size is not None:
        root.set("completeListSize", str(place.size))
    if following is not None:
        text, until = tokens.token(following)
        root.text = text
        root.set("expirationDate", _written(until))
    return root


def _records(provider: Provider, items: Sequence[Item], prefix: str) -> list[etree._Element]:
    metadata = provider.metadata([item.id for item in items if not item.deleted], prefix)
    found = []
    for item in items:
        # Withdrawn after it was listed: told as deleted now, with its datestamp when the list comes to it again.
        gone = item.id not in metadata
        root = etree.Element(_tag("record"))
        root.append(_header(provider, item, deleted=gone))
        if document := metadata.get(item.id):
            _say(root, "metadata").append(etree.fromstring(document))
        found.append(root)
    return found


def _header(provider: Provider, item: Item, *, deleted: bool | None = None) -> etree._Element:
    root = etree.Element(_tag("header"))
    if item.deleted if deleted is None else deleted:
        root.set("status", "deleted")
    _say(root, "identifier", _identifier(provider, item.id))
    _say(root, "datestamp", _written(item.datestamp))
    for spec in item.sets:
        _say(root, "setSpec", spec)
    return root


def _find(identifier: str) -> tuple[Provider, Item]:
    """Raises OaiError (``idDoesNotExist``)."""
    for provider in providers():
        start = _identifier(provider, "")
        if identifier.startswith(start) and (item := provider.find(identifier.removeprefix(start))):
            return provider, item
    raise OaiError("idDoesNotExist", f"There is no such item; identifiers begin with oai:{host()}:.")


def _identifier(provider: Provider, item_id: str) -> str:
    return f"oai:{host()}:{provider.name}{'/' if provider.name else ''}{item_id}"


def _say(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    return child(parent, _tag(name), text, **attributes)


def _tag(name: str) -> str:
    return f"{{{_OAI}}}{name}"


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
