"""Whatever is listed, one item costs as many queries as three: asked of every address in the URL map, so that a new one cannot be forgotten."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from shirushi.accounts.actors import ANONYMOUS
from shirushi.accounts.models import Membership, Role, Space, Token, User
from shirushi.core import followers, services
from shirushi.core.disclosure import questions
from shirushi.core.models import AccessRequest, Concept, Disposal, Draft, ExactProfile, Record, SecretLink, Unpacking
from shirushi.core.tools import tools
from shirushi.describe.description import Description
from shirushi.describe.evidence import Evidence, LinePlace, Suggestion
from shirushi.exchange.formats import FORMATS
from shirushi.metadata.work import Access
from shirushi.systems.repository import landing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

FEW, MANY = 1, 3
ENDED = date(2020, 3, 31)
# Parts of pages, which a page asks for while it is looked at.
FRAGMENTS = {
    f"drafts/<str:draft_id>/{part}" for part in ("counting", "fetches", "reading", "place/<int:suggestion_id>")
}
SENSITIVE = {"category": "e-mail", "count": 1, "examples_masked": ["a***@example.org"]}
# Addresses that show nothing to a GET: what they take is sent by a form, and who comes by is led back to its page; of the language
# model, which is not set here, they show one draft's excerpts and no list of ours.
POSTED = {
    "account/tokens", "drafts/<str:draft_id>/accept-all", "drafts/<str:draft_id>/answer", "drafts/<str:draft_id>/decide",
    "drafts/<str:draft_id>/model", "drafts/<str:draft_id>/model/status", "drafts/<str:draft_id>/model/take-back",
    "drafts/<str:draft_id>/read-again", "drafts/<str:draft_id>/show/<str:field>", "drafts/<str:draft_id>/undo",
    "drafts/<str:draft_id>/discard", "drafts/<str:draft_id>/identifiers", "drafts/<str:draft_id>/sharing/<str:link_id>",
    "drafts/<str:draft_id>/unpack", "drafts/<str:draft_id>/unpacking", "records/<str:record_id>/ask", "sign-in",
    "records/<str:record_id>/access/hold", "records/<str:record_id>/access/links", "records/<str:record_id>/access/links/<str:link_id>",
    "records/<str:record_id>/access/requests/<str:request_id>",
}  # fmt: skip
# Of a table there is no picture, nothing was derived, and no month has been counted yet.
ABSENT = {
    "drafts/<str:draft_id>/picture/<path:file_path>", "records/<str:record_id>/picture/<path:file_path>",
    "records/<str:record_id>/derived/<path:file_path>", "api/records/<record_id>/derived/<file_path>", "api/reports/<month>",
}  # fmt: skip
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
OAI = ("Identify", "ListMetadataFormats", "ListSets", "ListIdentifiers", "ListRecords", "GetRecord")
# What needs more than its address, or is asked about in more than one way.
QUERIES = {
    "oai": [
        f"verb={verb}"
        + ("" if verb in ("Identify", "ListMetadataFormats", "ListSets") else f"&metadataPrefix={prefix}")
        for verb in OAI[:-1]
        for prefix in ("oai_dc", "jpcoar_2.1", "datacite")
    ]
    + ["verb=ListMetadataFormats&identifier={oai}", "verb=GetRecord&metadataPrefix=oai_dc&identifier={oai}"],
    "search": ["", "q=levels", "q=levels&type=Dataset&sort=newest"],
    "api/records": ["", "q=levels", "q=levels&format=json"],
    "api/datasets/:persistentId": ["persistentId=doi:{doi}"],
    "api/datasets/:persistentId/": ["persistentId=doi:{doi}"],
    "records/<str:record_id>/changes": ["", "from={first}"],
    "retention": ["", "state=disposed"],
    "api/retention": ["", "state=disposed"],
}
TAKEN = {"kind": "bagit", "files": 1, "checked": 1, "notes": [], "more": 0}
CALLS = {
    "search_records": {"query": "levels"},
    "get_record": {"id": "{record_id}"},
    "list_record_files": {"id": "{record_id}"},
    "sample_record_file": {"id": "{record_id}", "path": "0.csv"},
    "where_values_come_from": {"id": "{record_id}"},
    "list_drafts": {},
    "get_draft": {"id": "{draft_id}"},
    "list_draft_files": {"id": "{draft_id}"},
    "sample_draft_file": {"id": "{draft_id}", "path": "0.csv"},
    "propose_value": None,  # these change something
    "describe_draft": None,
    "list_derived_files": {"id": "{record_id}"},
}
# The same views as at /invenio/api, and documents that list no items of ours.
UNASKED = re.compile(r"^invenio/<slug:space>/|/openapi\.json$|^api/docs$|/$")


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route


class House:
    """Everything that a list may show, as many as it is told."""

    def __init__(self, curator: Any) -> None:
        self.by = curator
        self.space, self.user = Space.objects.get(), User.objects.get()
        Membership.objects.create(space=self.space, user=self.user, role=Role.OPERATOR)

    def fill(self, number: int) -> dict[str, Any]:
        """``number`` of everything everywhere; the values of an address's parameters."""
        while Disposal.objects.count() < number:
            self.disposed()
        while Concept.objects.filter(records__isnull=False, disposed_version=None).distinct().count() < number - 1:
            self.record(number)
        record = self.record(number)
        Concept.objects.filter(disposed_version=None).update(retain_until=ENDED, retain_reason="The funder's rule.")
        while Draft.objects.filter(state="open").count() < number - 1:
            self.draft(number)
        draft = self.draft(number)
        while Token.objects.count() < number:
            Token.objects.issue(user=self.user, name=f"t{Token.objects.count()}", scopes=["read"])
        while Space.objects.count() < number:
            more = Space.objects.create(slug=f"s{Space.objects.count()}", name_en="More", name_ja="ほか")
            Membership.objects.create(space=more, user=self.user, role=Role.CURATOR)
        while followers.follow_all():
            pass
        for _ in range(number):
            services.make_link(of=record, kind=SecretLink.Kind.FILES, by=self.by)
        guest = {"name": "Guest", "email": "guest@example.org"}
        asking = services.request_access(record=record, by=ANONYMOUS, message="Please.", **guest)[1]
        secret = services.make_link(of=record, kind=SecretLink.Kind.REVIEW, by=self.by)[1]
        for each in range(number):
            AccessRequest.objects.create(
                concept=record.concept, record=record, digest=f"{record.pk}{each}", message="Please."
            )
        first = record.concept.records.order_by("number").first()
        assert first is not None
        suggestion = draft.suggestions.first()
        return {
            "record_id": record.pk, "draft_id": draft.pk, "file_path": "0.csv", "path": "0.csv", "key": "0.csv", "field": "titles",
            "field_name": "titles", "suggestion_id": suggestion.pk, "question_id": questions(draft)[0].id, "secret": secret, "asking": asking,
            "link_id": record.concept.links.first().pk, "request_id": AccessRequest.objects.first().pk,
            "upload_id": draft.uploads.first().pk, "fetch_id": draft.fetches.first().pk, "token_id": Token.objects.first().pk,
            "month": "2026-11", "unpacking_id": draft.unpackings.first().pk, "space": self.space.slug, "name": "records", "number": 0, "file_id": record.files.first().pk, "first": first.pk,
            "doi": record.identifiers.first().value, "oai": f"oai:localhost:{record.pk}",
        }  # fmt: skip

    def described(self, number: int, *, asked: bool = False) -> Draft:
        draft = services.create_draft(space=self.space, by=self.by, name=f"levels {number}")
        for each in range(number):
            services.put_file(draft=draft, path=f"{each}.csv", content=f"a,b\n{each},{number}\n".encode(), by=self.by)
        run = services.start_describing(draft=draft, by=self.by)
        seen = Evidence("heading", {"text": "a"}, LinePlace("0.csv", 1, 1, 0, 1, "a"), "table/1")
        proposals = [
            Suggestion("/subjects/-", {"text": f"word {each}"}, 0.6, (seen,), "subjects.test", "1")
            for each in range(number)
        ]
        found = [
            Evidence("sensitive", SENSITIVE, LinePlace(f"{each}.csv", 1, 1, 0, 1, "a"), "table/1")
            for each in range(number if asked else 0)  # a record would want answers first
        ]
        description = Description("levels", suggestions=proposals, evidence=found, file_count=number)
        services.save_description(run=run, description=description)
        ExactProfile.objects.get_or_create(run=run)
        fields = {
            "titles": [{"text": "Water levels"}, *({"text": f"Levels {each}", "type": "AlternativeTitle"} for each in range(number))],
            "creators": [{"name": f"Yamada, Hanako {each}", "affiliations": [{"name": "Uni"}]} for each in range(number)],
            "descriptions": [{"text": "Hourly water levels."}], "rights": [{"id": "CC-BY-4.0"}],
            "variables": [{"name": f"v{each}", "file": f"{each}.csv", "type": "number"} for each in range(number)],
            "related": [{"identifier": f"10.1234/{each}", "scheme": "DOI", "relation": "Cites"} for each in range(number)],
        }  # fmt: skip
        for field, value in fields.items():
            draft.refresh_from_db()
            services.edit_field(draft=draft, field=field, value=value, by=self.by, at_version=draft.version)
        draft.refresh_from_db()
        return draft

    def record(self, number: int) -> Record:
        """A record of ``number`` versions before the newest, each of ``number`` files; only people who are let in have them."""
        draft = self.described(number)
        record = services.publish(draft=draft, by=self.by, at_version=draft.version)
        for each in range(number):
            draft = services.new_version(record=record, by=self.by)
            services.edit_field(draft=draft, field="version", value=f"{each}", by=self.by, at_version=draft.version)
            draft.refresh_from_db()
            record = services.publish(draft=draft, by=self.by, at_version=draft.version)
        services.change_access(record=record, access=Access(rights="restricted", note="Ask."), by=self.by)
        return record

    def disposed(self) -> None:
        draft = self.described(1)
        record = services.publish(draft=draft, by=self.by, at_version=draft.version)
        services.retain(record=record, until=ENDED, by=self.by)
        services.disposing.dispose(record=record, reason="Its time is over.", by=self.by, seen=ENDED)

    def draft(self, number: int) -> Draft:
        draft = self.described(number, asked=True)
        for each in range(number):
            services.uploading.begin_upload(draft=draft, path=f"up/{each}", size=9, by=self.by)
            services.fetching.begin_fetch(draft=draft, url=f"https://example.org/{each}", by=self.by)
            Unpacking.objects.create(
                draft=draft, actor={}, path=f"{each}.csv", sha256="0" * 64, state="done", report=TAKEN
            )
        services.announce_files(draft=draft, paths=[f"coming/{each}" for each in range(number)], by=self.by)
        return draft


def addresses(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(what it is, the address) of everything in the URL map."""
    for route in dict.fromkeys(routes(get_resolver())):
        if UNASKED.search(route):
            continue
        names = PARAMETER.findall(route)
        for form in [*FORMATS, "inveniordm"] if "format_name" in names else [""]:
            filled = {**values, "format_name": form}
            if route.startswith("requests/"):
                filled["secret"] = values["asking"]
            assert set(names) <= set(filled), f"say in House.fill what stands for {names} in {route}"
            address = "/" + PARAMETER.sub(lambda name, filled=filled: str(filled[name[1]]), route)
            for query in QUERIES.get(route, [""]):
                yield f"{route} {form} {query}", f"{address}?{query.format(**values)}" if query else address


def route_of(what: str) -> str:
    return what.split(" ")[0]


def counted(ask: Any) -> tuple[int, int]:
    """The status, and the queries it took: when the page is drawn anew, with what every process keeps already there."""
    ask()
    landing.forget()
    with CaptureQueriesContext(connection) as queries:
        answer = ask()
        if answer.streaming:
            b"".join(answer.streaming_content)
    return answer.status_code, len(queries)


def asked(values: dict[str, Any], client: Client, token: str) -> dict[str, tuple[int, int]]:
    found = {}
    for what, address in addresses(values):
        headers = {"HX-Request": "true"} if route_of(what) in FRAGMENTS else {}
        found[f"curator {what}"] = counted(
            lambda address=address, headers=headers: client.get(address, headers=headers)
        )
        if "export" not in what:
            found[f"nobody {what}"] = counted(lambda address=address: Client().get(address))
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def mcp(method: str, **params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return lambda: Client(headers=headers).post("/mcp", body, content_type="application/json")

    for method in ("tools/list", "resources/list", "resources/templates/list"):
        found[f"mcp {method}"] = counted(mcp(method))
    assert {one.name for one in tools()} == set(CALLS), "say in CALLS how a new tool is called"
    for name, arguments in CALLS.items():
        if arguments is not None:
            told = {key: value.format(**values) for key, value in arguments.items()}
            call = mcp("tools/call", name=name, arguments=told)
            assert call().json()["result"]["isError"] is False, (name, call().json())
            found[f"mcp {name}"] = counted(call)
    return found


def test_one_item_costs_as_many_queries_as_three(curator, settings):
    settings.SHIRUSHI_PRONOM = False
    house = House(curator)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(house.user)
    token = Token.objects.issue(user=house.user, name="agent", scopes=["read", "deposit"])[1]
    few = asked(house.fill(FEW), client, token)
    many = asked(house.fill(MANY), client, token)
    assert {what: (few[what], many[what]) for what in few if few[what] != many[what]} == {}
    seen = {what.partition(" ")[2]: status for what, (status, _) in few.items() if what.startswith("curator")}
    unseen = {
        what: status
        for what, status in seen.items()
        if status not in (200, 405) and route_of(what) not in POSTED | ABSENT
    }
    assert unseen == {}
