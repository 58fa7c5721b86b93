"""Files sent in pieces: what tus 1.0.0 asks of a server, request by request."""

import hashlib
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from shirushi.accounts.models import Space, Token, User
from shirushi.core import services
from shirushi.core.home import blobs, incoming
from shirushi.core.models import Draft, Event, Upload

OCTETS = "application/offset+octet-stream"
DATA = b"time,sst\n2021-01-01,12.5\n" * 1000


def coded(words: str | bytes) -> str:
    return b64encode(words.encode() if isinstance(words, str) else words).decode()


@pytest.fixture
def draft(curator) -> Draft:
    return services.create_draft(space=Space.objects.get(), by=curator, name="buoys")


class Tus:
    """A client of one draft's uploads, which says of every request what tus asks for."""

    def __init__(self, draft: Draft, secret: str) -> None:
        self.address = f"/api/drafts/{draft.pk}/uploads/"
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def __call__(self, method: str, address: str = "", body: bytes = b"", **headers: Any) -> Any:
        sent = {"Tus-Resumable": "1.0.0", **{name.replace("_", "-"): str(value) for name, value in headers.items()}}
        kind = sent.pop("Content-Type", OCTETS)
        sent = {name: value for name, value in sent.items() if value != "None"}
        if not body:  # the test client sends a type only with a body
            sent["Content-Type"] = kind
        return self.client.generic(method, address or self.address, body, content_type=kind, headers=sent)

    def begin(self, path: str = "data/sst.csv", size: int = len(DATA), **headers: Any) -> str:
        response = self("POST", Upload_Length=size, Upload_Metadata=f"filename {coded(path)}", **headers)
        assert response.status_code == 201, response.content
        return response["Location"]

    def send(self, address: str, body: bytes, at: int, **headers: Any) -> Any:
        return self("PATCH", address, body, Upload_Offset=at, **headers)


@pytest.fixture
def tus(draft: Draft) -> Tus:
    return Tus(draft, Token.objects.issue(user=User.objects.get(), name="t", scopes=["read", "deposit"])[1])


def test_options_tells_what_the_server_can_do(draft: Draft) -> None:
    response = Client().options(f"/api/drafts/{draft.pk}/uploads/")
    assert response.status_code == 204
    told = {name: value for name, value in response.headers.items() if name.startswith("Tus-")}
    assert told == {
        "Tus-Resumable": "1.0.0",
        "Tus-Version": "1.0.0",
        "Tus-Extension": "creation,creation-with-upload,checksum,termination,expiration",
        "Tus-Max-Size": str(50 * 1024**3),
        "Tus-Checksum-Algorithm": "sha1,sha256",
    }


def test_file_sent_in_pieces_becomes_a_file_of_the_draft_as_put_makes_one(tus: Tus, draft: Draft) -> None:
    address = tus.begin()
    assert tus.send(address, DATA[:10_000], 0)["Upload-Offset"] == "10000"
    assert (head := tus("HEAD", address)).status_code == 200
    assert (head["Upload-Offset"], head["Upload-Length"], head["Cache-Control"]) == ("10000", "25000", "no-store")
    assert head["Upload-Metadata"] == f"filename {coded('data/sst.csv')}"
    assert head["Upload-Expires"].endswith(" GMT")
    last = tus.send(address, DATA[10_000:], 10_000)
    assert (last.status_code, last["Upload-Offset"], last["Tus-Resumable"]) == (204, "25000", "1.0.0")
    file = draft.files.get()
    assert (file.path, file.size, file.media_type) == ("data/sst.csv", 25_000, "text/csv")
    assert (file.sha256, file.sha512) == (hashlib.sha256(DATA).hexdigest(), hashlib.sha512(DATA).hexdigest())
    assert blobs().open(file.sha256).read() == DATA
    assert Event.objects.filter(type="draft.file-put", draft_id=draft.pk).count() == 1
    assert list(incoming().names()) == []


def test_first_piece_may_come_with_the_creation_and_an_empty_file_needs_none(tus: Tus, draft: Draft) -> None:
    metadata = f"filename {coded('sst.csv')},relativePath {coded('海/sst.csv')},is_good"
    begun = tus("POST", "", DATA[:100], Upload_Length=len(DATA), Upload_Metadata=metadata)
    assert (begun.status_code, begun["Upload-Offset"]) == (201, "100")
    tus("POST", "", DATA, Upload_Length=len(DATA), Upload_Metadata=metadata)
    tus("POST", Upload_Length=0, Upload_Metadata=f"filename {coded('empty')},relativePath {coded('null')}")
    assert list(draft.files.values_list("path", "size")) == [("empty", 0), ("海/sst.csv", len(DATA))]


def test_wrong_offset_is_refused_and_told_where_to_go_on(tus: Tus) -> None:
    address = tus.begin()
    assert tus.send(address, DATA[:100], 0).status_code == 204
    refused = tus.send(address, DATA[:100], 0)
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong-offset")
    assert tus("HEAD", address)["Upload-Offset"] == "100"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Tus-Resumable": None}, 412),
        ({"Content-Type": "application/octet-stream"}, 415),
        ({"Upload-Offset": None}, 400),
        ({"Upload-Offset": "-1"}, 400),
        ({"Upload-Checksum": "crc32 AAAAAA=="}, 400),
        ({"Upload-Checksum": f"sha1 {coded(hashlib.sha1(b'other').digest())}"}, 460),
    ],
)
def test_piece_that_cannot_be_taken_changes_nothing(tus: Tus, headers: dict[str, Any], status: int) -> None:
    address = tus.begin()
    refused = tus.send(address, DATA[:100], 0, **headers)
    assert (refused.status_code, refused["Tus-Resumable"]) == (status, "1.0.0")
    assert tus("HEAD", address)["Upload-Offset"] == "0"
    if status == 412:
        assert refused["Tus-Version"] == "1.0.0"


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_piece_with_its_checksum_is_taken(tus: Tus, draft: Draft, name: str) -> None:
    address = tus.begin()
    assert tus.send(address, b"x" * 5000, 0, Upload_Checksum=f"{name} {coded(b'0' * 20)}").status_code in {400, 460}
    for at in range(0, len(DATA), 5000):
        digest = coded(hashlib.new(name, DATA[at : at + 5000]).digest())
        assert tus.send(address, DATA[at : at + 5000], at, Upload_Checksum=f"{name} {digest}").status_code == 204
    assert draft.files.get().sha512 == hashlib.sha512(DATA).hexdigest()


def test_more_than_was_announced_and_more_than_the_limit_are_refused(tus: Tus, settings) -> None:
    address = tus.begin(size=10)
    assert tus.send(address, DATA[:11], 0).status_code == 413
    settings.SHIRUSHI_MAX_FILE_SIZE = 1000
    assert tus("POST", Upload_Length=1001, Upload_Metadata=f"filename {coded('x')}").status_code == 413
    assert tus("POST", Upload_Length="many", Upload_Metadata=f"filename {coded('x')}").status_code == 400
    assert tus("POST", Upload_Length=1, Upload_Metadata="filename").status_code == 400
    assert tus("POST", Upload_Length=1, Upload_Metadata=f"filename {coded('../x')}").status_code == 422


def test_somebody_else_at_it_is_told_as_locked(tus: Tus) -> None:
    address = tus.begin()
    with incoming().held(address.rpartition("/")[2]):
        assert tus.send(address, DATA, 0).status_code == 423
        assert tus("DELETE", address).status_code == 423
        assert tus("HEAD", address)["Upload-Offset"] == "0"
    assert tus.send(address, DATA, 0).status_code == 204


def test_given_up_is_gone_with_its_bytes_and_a_finished_file_stays(tus: Tus, draft: Draft) -> None:
    address, other = tus.begin(), tus.begin("other.csv")
    tus.send(address, DATA[:100], 0)
    tus.send(other, DATA, 0)
    assert [tus("DELETE", one).status_code for one in (address, other)] == [204, 204]
    assert [tus("HEAD", one).status_code for one in (address, other)] == [410, 410]
    assert tus.send(address, DATA[100:], 100).status_code == 410
    assert tus("DELETE", address).status_code == 410
    assert tus("HEAD", f"{tus.address}nothing").status_code == 404
    assert [file.path for file in draft.files.all()] == ["other.csv"]
    assert list(incoming().names()) == []


def test_method_may_come_in_a_header(tus: Tus) -> None:
    address = tus.begin()
    sent = tus("POST", address, DATA[:7], Upload_Offset=0, **{"X-HTTP-Method-Override": "PATCH"})
    assert (sent.status_code, sent["Upload-Offset"]) == (204, "7")
    assert tus("POST", address, **{"X-HTTP-Method-Override": "DELETE"}).status_code == 204


def test_unfinished_upload_expires_and_one_that_goes_on_does_not(tus: Tus, settings) -> None:
    left, going = tus.begin("left.csv"), tus.begin("going.csv")
    Upload.objects.update(expires_at=timezone.now() + timedelta(seconds=30))
    tus.send(going, DATA[:9], 0)
    assert services.uploading.expire_uploads() == 0
    Upload.objects.filter(path="left.csv").update(expires_at=timezone.now())
    assert tus("HEAD", left).status_code == 410
    assert services.uploading.expire_uploads() == 1
    assert [name for name, _ in incoming().names()] == [going.rpartition("/")[2]]
    assert tus("HEAD", going)["Upload-Offset"] == "9"


def test_leftover_without_an_upload_is_cleared_away_once_it_is_old(tus: Tus, monkeypatch) -> None:
    address = tus.begin()
    incoming().begin("nobodys")
    assert services.uploading.clear_uploads() == 0
    monkeypatch.setattr(services.uploading, "_YOUNG", -1)
    assert services.uploading.clear_uploads() == 1
    assert [name for name, _ in incoming().names()] == [address.rpartition("/")[2]]


def test_number_and_room_of_one_person_are_bounded(tus: Tus, settings) -> None:
    settings.SHIRUSHI_UPLOADS, settings.SHIRUSHI_UPLOAD_ROOM = 2, 1000
    tus.begin("a", 400)
    second = tus.begin("b", 400)
    third = {"Upload_Length": 100, "Upload_Metadata": f"filename {coded('c')}"}
    assert (tus("POST", **third).status_code, tus("POST", **third).json()["code"]) == (429, "too-many-uploads")
    tus("DELETE", second)
    assert tus("POST", **{**third, "Upload_Length": 601}).status_code == 429
    assert tus("POST", **third).status_code == 201


def test_whole_file_whose_last_answer_was_lost_is_put_when_its_sender_asks(tus: Tus, draft: Draft, monkeypatch) -> None:
    def die(**_: Any) -> None:
        raise KeyboardInterrupt

    address = tus.begin()
    with monkeypatch.context() as killed:
        killed.setattr(services.uploading, "put_blob", die)
        with pytest.raises(KeyboardInterrupt):
            tus.send(address, DATA, 0)
    assert draft.files.count() == 0
    assert tus("HEAD", address)["Upload-Offset"] == str(len(DATA))
    assert draft.files.get().sha256 == hashlib.sha256(DATA).hexdigest()
    assert tus.send(address, b"", len(DATA)).status_code == 204  # once more changes nothing
    assert Event.objects.filter(type="draft.file-put").count() == 1


def test_file_that_the_draft_does_not_take_any_more_says_why(tus: Tus, draft: Draft, curator) -> None:
    address = tus.begin()
    services.discard_draft(draft=draft, by=curator)
    assert tus.send(address, DATA, 0).json()["code"] == "draft-discarded"


def test_only_who_may_fill_the_draft_sends(tus: Tus, draft: Draft) -> None:
    stranger = User.objects.create_user("x@example.org", None, name="x")
    other = Tus(draft, Token.objects.issue(user=stranger, name="t", scopes=["read", "deposit"])[1])
    reader = Tus(draft, Token.objects.issue(user=User.objects.first(), name="t", scopes=["read"])[1])
    begin = {"Upload_Length": 1, "Upload_Metadata": f"filename {coded('c')}"}
    assert (other("POST", **begin).status_code, reader("POST", **begin).status_code) == (404, 403)
    assert Client().post(tus.address, headers={"Tus-Resumable": "1.0.0"}).status_code == 401


def test_session_needs_its_csrf_token(tus: Tus) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "1", "Upload-Metadata": f"filename {coded('c')}"}
    assert browser.generic("POST", tus.address, headers=headers).json()["code"] == "csrf"
    browser.get("/drop")
    headers["X-CSRFToken"] = browser.cookies["shirushi_csrf"].value
    assert browser.generic("POST", tus.address, headers=headers).status_code == 201


def test_own_unfinished_uploads_are_listed(tus: Tus, django_assert_num_queries) -> None:
    tus("POST", Upload_Length=5, Upload_Metadata=f"filename {coded('a')},lastModified {coded('1700000000000')}")
    with django_assert_num_queries(4):
        (one,) = tus("GET", "/api/uploads").json()["items"]
    assert (one["path"], one["size"], one["offset"], one["changed"]) == ("a", 5, 0, "1700000000000")
    tus.begin("b")
    tus.begin("c")
    with django_assert_num_queries(4):
        assert tus("GET", "/api/uploads").json()["total"] == 3


def test_uploads_are_not_joined(tus: Tus, draft: Draft) -> None:
    answer = tus("POST", Upload_Length=5, Upload_Concat="partial", Upload_Metadata=f"filename {coded('a')}")
    assert (answer.status_code, "Upload-Concat" in answer.json()["detail"]) == (400, True)
    assert tus("GET", "/api/uploads").json()["total"] == 0
