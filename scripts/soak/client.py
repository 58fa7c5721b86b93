"""One client under load: does what people's programs do, and writes down what was acknowledged to it before it goes on.

usage: client.py FOLDER NUMBER SEED; addresses and token in SOAK_SERVERS and SOAK_TOKEN. Ends soon after FOLDER/stop is there.
"""

import base64
import hashlib
import json
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

PATIENCE = 180  # seconds that a client goes on asking for
AWAY = (423, 502, 503, 507)  # busy, away or full: what a client is told to try again
ANSWERS = {
    "creators": [{"name": "Yamada, Hanako"}],
    "descriptions": [{"text": "Made under load."}],
    "rights": [{"id": "CC0-1.0"}],
}
WORDS = ("lake", "buoy", "salinity", "湖", "塩分", "temperature", "sediment", "spectrum")


class GaveUp(Exception):
    """The server was away, or the thing was in another state, for longer than is worth waiting for."""


class Client:
    def __init__(self, folder: Path, number: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.folder, self.number = folder, number
        self.servers = os.environ["SOAK_SERVERS"].split()
        self.http = httpx.Client(
            headers={"Authorization": f"Bearer {os.environ['SOAK_TOKEN']}"}, timeout=60, follow_redirects=False
        )
        self.ledger = (folder / f"ledger-{number}.jsonl").open("a", encoding="utf-8")
        self.drafts: dict[str, dict[str, str]] = {}  # open ones: their files, by path the digest
        self.records: dict[str, dict[str, str]] = {}  # published: their files
        self.space = ""

    # -- the ledger

    def note(self, kind: str, **words: Any) -> None:
        self.ledger.write(json.dumps({"kind": kind, **words}, ensure_ascii=False) + "\n")
        self.ledger.flush()
        os.fsync(self.ledger.fileno())

    def broken(self, words: str) -> None:
        self.note("broken", words=words)

    # -- one request, until it is answered

    def call(self, method: str, path: str, *, sure: tuple[int, ...] = (), **more: Any) -> httpx.Response:  # fmt: skip
        """The answer, from whichever server is there. ``sure``: refusals that the caller knows what to do with."""
        last, until = "", time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                answer = self.http.request(method, self.chance.choice(self.servers) + path, **more)
            except httpx.HTTPError as error:
                last = type(error).__name__
            else:
                if answer.is_success or answer.status_code in sure:
                    return answer
                last = f"{answer.status_code} {answer.text[:300]}"
                if answer.status_code not in AWAY:
                    if answer.status_code >= 500:
                        self.broken(f"{method} {path}: {last}")
                    raise GaveUp(f"{method} {path}: {last}")
            time.sleep(self.chance.uniform(0.1, 1.0))
        raise GaveUp(f"{method} {path}: {last}")

    # -- what is done

    def make_draft(self) -> None:
        made = self.call("POST", "/api/drafts", json={"space": self.space, "name": f"soak {self.number}"}).json()
        self.note("draft", draft=made["id"])
        self.drafts[made["id"]] = {}

    def content(self) -> bytes:
        if self.chance.random() < 0.5:
            rows = "".join(f"{n},{self.chance.random():.4f}\n" for n in range(self.chance.randint(1, 2000)))
            return f"time,{self.chance.choice(('level', 'salinity'))}\n{rows}".encode()
        return self.chance.randbytes(int(10 ** self.chance.uniform(0, 6.2)))

    def path(self, draft: str) -> str:
        known = list(self.drafts[draft])
        if known and self.chance.random() < 0.2:
            return self.chance.choice(known)
        return f"data/{self.chance.choice(('run', '測定', 'A b'))}-{self.chance.randrange(10**6)}.csv"

    def put(self, draft: str) -> None:
        path, data = self.path(draft), self.content()
        sha256 = hashlib.sha256(data).hexdigest()
        self.note("trying-file", draft=draft, path=path, sha256=sha256)
        told = self.call("PUT", f"/api/drafts/{draft}/files/{path}", content=data).json()
        if told["sha256"] != sha256:
            self.broken(f"{draft}/{path} was acknowledged with another digest")
        self.note("file", draft=draft, path=path, sha256=sha256)
        self.drafts[draft][path] = sha256

    def send_in_pieces(self, draft: str) -> None:
        path, data = self.path(draft), self.content()
        sha256 = hashlib.sha256(data).hexdigest()
        self.note("trying-file", draft=draft, path=path, sha256=sha256)
        tus = {"Tus-Resumable": "1.0.0"}
        name = base64.b64encode(path.encode()).decode()
        begun = self.call(
            "POST", f"/api/drafts/{draft}/uploads/",
            headers={**tus, "Upload-Length": str(len(data)), "Upload-Metadata": f"relativePath {name},filename {name}"},
        )  # fmt: skip
        where = urlsplit(begun.headers["Location"]).path
        safe = 0
        while True:
            standing = self.call("HEAD", where, headers=tus)
            at = int(standing.headers["Upload-Offset"])
            if at < safe:
                self.broken(f"{where}: {safe} bytes were acknowledged, {at} are here")
            if at == len(data):
                break
            piece = data[at : at + self.chance.randint(1, max(1, len(data) // 3))]
            headers = {**tus, "Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
            try:
                sent = self.http.request(
                    "PATCH", self.chance.choice(self.servers) + where, content=piece, headers=headers
                )
            except httpx.HTTPError:
                time.sleep(0.3)
                continue
            if sent.status_code == 204:
                safe = int(sent.headers["Upload-Offset"])
            elif sent.status_code >= 500 and sent.status_code not in AWAY:
                self.broken(f"PATCH {where}: {sent.status_code} {sent.text[:300]}")
                raise GaveUp(where)
            elif sent.status_code not in (*AWAY, 409):
                raise GaveUp(f"PATCH {where}: {sent.status_code} {sent.text[:200]}")
            else:
                time.sleep(self.chance.uniform(0.1, 0.5))
        self.note("file", draft=draft, path=path, sha256=sha256)
        self.drafts[draft][path] = sha256

    def remove(self, draft: str) -> None:
        if self.drafts[draft]:
            path = self.chance.choice(list(self.drafts[draft]))
            self.note("trying-removal", draft=draft, path=path)
            self.call("DELETE", f"/api/drafts/{draft}/files/{path}", sure=(404,))
            self.note("removed", draft=draft, path=path)
            del self.drafts[draft][path]

    def type_in(self, draft: str, field: str, value: Any) -> None:
        """Until the draft says so: an answer that was lost is looked up."""
        self.note("trying-value", draft=draft, field=field, value=value)
        while True:
            seen = self.call("GET", f"/api/drafts/{draft}").json()
            body = {"value": value, "at_version": seen["version"]}
            told = self.call("PATCH", f"/api/drafts/{draft}/fields/{field}", json=body, sure=(409, 412))
            if told.is_success:
                decided = told.json()["decisions"][0]["id"]
                self.note("decision", draft=draft, decision=decided, field=field, value=value)
                return
            if seen["state"] != "open":
                raise GaveUp(f"{draft} is {seen['state']}")

    def decide(self, draft: str) -> None:
        self.type_in(draft, "subjects", [{"text": f"{self.chance.choice(WORDS)} {self.chance.randrange(1000)}"}])

    def describe(self, draft: str) -> None:
        if self.drafts[draft]:
            run = self.call("POST", f"/api/drafts/{draft}/describe").json()
            self.note("run", draft=draft, run=run["id"])

    def publish(self, draft: str) -> None:
        held = self.call("GET", f"/api/drafts/{draft}").json()
        fields = {"titles": [{"text": f"{self.chance.choice(WORDS)} {draft}"}], **ANSWERS}
        for field, value in fields.items():
            if not held["metadata"].get(field):
                self.type_in(draft, field, value)
        self.note("trying-publish", draft=draft)
        if len(self.servers) > 1 and self.chance.random() < 0.3:  # both servers are asked at once
            with ThreadPoolExecutor(2) as two:
                told = list(two.map(lambda _: self._publish(draft), range(2)))
            if told[0]["id"] != told[1]["id"]:
                self.broken(f"{draft} was published twice: {told[0]['id']} and {told[1]['id']}")
        record = self._publish(draft)
        self.note(
            "published", draft=draft, record=record["id"], identifier=record["identifiers"][0]["value"],
            files=self.drafts[draft],
        )  # fmt: skip
        self.records[record["id"]] = self.drafts.pop(draft)

    def _publish(self, draft: str) -> Any:
        while True:
            version = self.call("GET", f"/api/drafts/{draft}").json()["version"]
            told = self.call("POST", f"/api/drafts/{draft}/publish", json={"at_version": version}, sure=(409, 412, 422))
            if told.is_success:
                return told.json()
            if told.json().get("code") not in ("draft-publishing", "conflict"):
                raise GaveUp(f"publishing {draft}: {told.text[:300]}")
            time.sleep(0.3)

    def continue_one(self) -> None:
        if not self.records:
            return
        record = self.chance.choice(list(self.records))
        told = self.call("POST", f"/api/records/{record}/versions", sure=(410,))
        if told.is_success and (draft := told.json()["id"]) not in self.drafts:
            self.note("draft", draft=draft)
            files, page = {}, f"/api/drafts/{draft}/files"
            while page:
                listed = self.call("GET", page).json()
                files |= {file["path"]: file["sha256"] for file in listed["items"]}
                page = listed["next"] and urlsplit(listed["next"])._replace(scheme="", netloc="").geturl()
            self.drafts[draft] = files

    def withdraw(self) -> None:
        if len(self.records) < 5:
            return
        record = self.chance.choice(list(self.records))
        self.note("trying-withdrawal", record=record)
        self.call("POST", f"/api/records/{record}/withdraw", json={"reason": "Made under load."}, sure=(410,))
        self.note("withdrawn", record=record)
        del self.records[record]

    def look(self) -> None:
        what = self.chance.random()
        if what < 0.3:
            self.call("GET", f"/api/records?q={self.chance.choice(WORDS)}")
        elif what < 0.5:
            self.call("GET", "/oai?verb=ListRecords&metadataPrefix=oai_dc")
        elif self.records:
            record = self.chance.choice(list(self.records))
            if what < 0.7:
                self.call("GET", f"/records/{record}", headers={"Accept": "text/html"}, sure=(302,))
            elif self.records[record]:
                path, sha256 = self.chance.choice(list(self.records[record].items()))
                data = self.call("GET", f"/api/records/{record}/files/{path}").content
                if hashlib.sha256(data).hexdigest() != sha256:
                    self.broken(f"{record}/{path} came with other bytes than were acknowledged")

    def turn(self) -> None:
        draft = self.chance.choice(list(self.drafts)) if self.drafts else ""
        deeds: list[tuple[float, Any]] = [
            (4, lambda: self.put(draft)), (3, lambda: self.send_in_pieces(draft)), (3, lambda: self.decide(draft)),
            (1, lambda: self.describe(draft)), (0.5, lambda: self.remove(draft)), (3, lambda: self.publish(draft)),
            (1, self.continue_one), (0.3, self.withdraw), (4, self.look), (0.5, self.make_draft),
        ]  # fmt: skip
        if not draft:
            deeds = [(1, self.make_draft)]
        (deed,) = self.chance.choices([deed for _, deed in deeds], [weight for weight, _ in deeds])
        try:
            deed()
        except GaveUp as error:
            self.note("gave-up", words=str(error))
            self.drafts.pop(draft, None)  # what it holds now nobody can say but its own ledger

    def run(self) -> None:
        self.space = self.call("GET", "/api/spaces").json()["items"][0]["slug"]
        while not (self.folder / "stop").exists():
            self.turn()
        self.note("end")


if __name__ == "__main__":
    Client(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])).run()
