"""RO-Crate: read by the rocrate library and passed by the community's validator (required and recommended rules)."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from rocrate.rocrate import ROCrate

from shirushi.exchange import ro_crate
from shirushi.metadata.published import FileEntry, Publication

KINDS = ["minimal", "titled", "rich", "registered", "unpublished"]


@pytest.fixture(scope="session")
def cache(shared, tmp_path_factory):
    """The validator's HTTP cache, seeded with the contexts that it would fetch."""
    import requests
    import requests_cache

    path = tmp_path_factory.mktemp("cache") / "http"
    session = requests_cache.CachedSession(cache_name=str(path), expire_after=-1)

    class Canned(requests.adapters.BaseAdapter):
        def send(self, request, **_):
            version = "1.2" if "1.2" in request.url else "1.1"
            response = requests.Response()
            response.status_code, response.url, response.request = 200, request.url, request
            response.headers = {"Content-Type": "application/ld+json"}
            body = (shared / f"schemas/ro-crate/{version}/context.jsonld").read_bytes()
            response._content = body
            from io import BytesIO

            import urllib3

            response.raw = urllib3.HTTPResponse(
                body=BytesIO(body), headers=response.headers, status=200, preload_content=False
            )
            return response

        def close(self):
            pass

    session.mount("https://", Canned())
    for version in ("1.1", "1.2"):
        session.get(
            f"https://w3id.org/ro/crate/{version}/context",
            headers={"Accept": "application/ld+json, application/json;q=0.9, */*;q=0.1"},
        )
        session.get(f"https://w3id.org/ro/crate/{version}/context")
    session.close()
    return path


def saved(publication: Publication, folder: Path) -> Path:
    """The crate as a folder, with an empty file wherever the metadata points beside itself."""
    (folder / ro_crate.DESCRIPTOR).write_bytes(ro_crate.to_json(publication))
    for entry in publication.files:
        if not entry.url:
            (folder / entry.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / entry.path).write_bytes(b"")
    return folder


@pytest.mark.clients
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
def test_validator_finds_nothing(made, tmp_path, cache, kind):
    from rocrate_validator import models, services

    settings = services.ValidationSettings(
        rocrate_uri=str(saved(getattr(made, kind), tmp_path)),
        profile_identifier="ro-crate-1.2",
        requirement_severity=models.Severity.REQUIRED,
        offline=True,
        cache_path=str(cache),
    )
    result = services.validate(settings)
    assert [f"{i.check.identifier} {i.message}" for i in result.get_issues()] == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
def test_library_reads_it(made, tmp_path, kind):
    publication = getattr(made, kind)
    crate = ROCrate(saved(publication, tmp_path))
    assert crate.name == (publication.work.title() or ":unav")
    files = [entity for entity in crate.data_entities if "File" in entity.type]
    assert len(files) == len(publication.files)


def test_any_graph_is_flat_and_complete(made, shared):
    known = json.loads((shared / "schemas/ro-crate/1.2/context.jsonld").read_text())["@context"]

    @settings(max_examples=50, deadline=None)
    @given(made.publications)
    def check(publication):
        graph = json.loads(ro_crate.to_json(publication))["@graph"]
        names = [entity["@id"] for entity in graph]
        assert len(names) == len(set(names))
        for entity in graph:
            assert set(entity) - {"@id", "@type"} <= set(known)
            for value in entity.values():
                for inner in value if isinstance(value, list) else [value]:
                    assert not isinstance(inner, dict) or set(inner) == {"@id"}

    check()


def test_paths_are_encoded():
    entry = FileEntry(path="図 1 (前)#2%.png", size=1, sha256="a" * 64)
    assert ro_crate.file_id(entry) == "%E5%9B%B3%201%20%28%E5%89%8D%29%232%25.png"


def test_file_named_like_the_descriptor_does_not_replace_it(made):
    entry = FileEntry(path=ro_crate.DESCRIPTOR, size=1, sha256="a" * 64)
    graph = ro_crate.document(Publication(work=made.rich.work, files=[entry]))["@graph"]
    assert graph[0]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    assert graph[-1]["@id"] == "./ro-crate-metadata.json"
