"""What a package says of itself, before any of it becomes a draft's: which files it holds, and what its checksums are. Pure functions
over names and small files, so that an archive, a folder and a test are the same here."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from shirushi.core.packaging import FORMAT, RECORD
from shirushi.core.paths import shown
from shirushi.exchange import bagit
from shirushi.exchange.imported import Imported, built, known
from shirushi.metadata.fields import Text2
from shirushi.metadata.published import Identifier

CRATE = "ro-crate-metadata.json"
MOST_TOLD = 200  # notes of a report
# Tag files that say something about the work, kept as files of the draft when nothing better is there
_DESCRIBING = ("metadata/", "ro-crate-metadata.json", "datacite.xml")


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was found about one file (or '' for the package): ``wrong`` keeps it from being taken."""

    code: str
    file: str
    words: Text2
    wrong: bool = True

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "file": self.file, "en": self.words.en, "ja": self.words.ja, "wrong": self.wrong}


@dataclass(slots=True)
class Plan:
    """What is to be taken from a package: ``files`` by their name in it, each with the path it is to have; ``sums`` what their digests
    must be; ``about`` the record, where it was written by shirushi."""

    kind: str
    files: dict[str, str]
    sums: dict[str, dict[str, str]]
    notes: list[Note] = field(default_factory=list)
    about: Imported | None = None
    document: str = ""

    @property
    def is_sound(self) -> bool:
        return not any(note.wrong for note in self.notes)

    def report(self) -> dict[str, Any]:
        told = sorted(self.notes, key=lambda note: not note.wrong)
        return {
            "kind": self.kind,
            "files": len(self.files),
            "checked": len(self.sums),
            "notes": [note.to_json() for note in told[:MOST_TOLD]],
            "more": max(0, len(told) - MOST_TOLD),
        }


def kind_of(names: Collection[str]) -> tuple[str, str] | None:
    """``bagit`` or ``ro-crate``, and the folder that it lies in ('' or with ``/`` at its end); None where it is neither."""
    tops = {name.partition("/")[0] for name in names if "/" in name}
    for folder in ["", *(f"{top}/" for top in tops if len(tops) == 1 and all(n.startswith(f"{top}/") for n in names))]:
        if f"{folder}bagit.txt" in names:
            return "bagit", folder
        if f"{folder}{CRATE}" in names:
            return "ro-crate", folder
    return None


def tag_files(names: Collection[str], kind: str, folder: str) -> list[str]:
    """The small files that :func:`planned` has to see."""
    own = {f"{folder}{RECORD}"}
    if kind == "bagit":
        own |= {f"{folder}{name}" for name in ("bagit.txt", "bag-info.txt", "fetch.txt")}
        own |= {name for name in names if "/" not in (rest := name.removeprefix(folder)) and bagit.algorithm_of(rest)}
    return sorted(own & set(names))


def planned(names: Mapping[str, int], kind: str, folder: str, tags: Mapping[str, bytes]) -> Plan:
    """What to take of a package with these files (name → bytes), from its tag files. What is wrong with it stands in the notes."""
    plan = _of_bag(names, folder, tags) if kind == "bagit" else _of_crate(names, folder)
    _read_record(plan, folder, tags)
    _tell_of_case(plan)
    return plan


def _of_bag(names: Mapping[str, int], folder: str, tags: Mapping[str, bytes]) -> Plan:
    payload, others = bagit.Manifests(), bagit.Manifests()
    plan = Plan("bagit", {}, {})
    try:
        version = bagit.declared(tags[f"{folder}bagit.txt"])
        for name, data in tags.items():
            own = name.removeprefix(folder)
            if algorithm := bagit.algorithm_of(own):
                where = others if own.startswith("tag") else payload
                where.add(algorithm, data.decode("utf-8", "strict"), name=own)
    except bagit.NotABag as error:
        plan.notes.append(Note("not-a-bag", "", Text2(f"{error}.", f"{error}。")))
        return plan
    except UnicodeDecodeError:
        words = Text2("A manifest of the bag is not UTF-8.", "マニフェストが UTF-8 ではありません。")
        plan.notes.append(Note("not-a-bag", "", words))
        return plan
    if version not in ("1.0", "0.97", "0.96", "0.95", "0.94", "0.93"):
        words = Text2(
            f"BagIt {version} is not known here; it was read as 1.0.",
            f"BagIt {version} は未対応のため、1.0 として読みました。",
        )
        plan.notes.append(Note("bagit-version", "", words, wrong=False))
    inside = {name.removeprefix(folder): name for name in names}
    fetched = _fetched(tags.get(f"{folder}fetch.txt", b""))
    for own, name in inside.items():
        listed = payload if own.startswith(bagit.PAYLOAD) else others
        sums = listed.of(own)
        if own.startswith(bagit.PAYLOAD):
            plan.files[name] = own.removeprefix(bagit.PAYLOAD)
            if sums is None:
                plan.notes.append(Note("unlisted", own, _UNLISTED))
        if sums is not None:
            plan.sums[name] = sums
    for written in sorted({*payload.digests, *others.digests}):
        path = bagit.decoded(written)
        if written in inside or path in inside:
            continue
        if path in fetched:
            plan.notes.append(Note("to-fetch", path, _to_fetch(fetched[path]), wrong=False))
        else:
            plan.notes.append(Note("missing", path, _MISSING))
    if not payload.digests:
        plan.notes.append(Note("no-manifest", "", _NO_MANIFEST))
    told = bagit.oxum(bagit.tags(tags.get(f"{folder}bag-info.txt", b"")))
    here = (sum(names[name] for name in plan.files), len(plan.files))
    if told and told != here and not fetched:
        plan.notes.append(Note("oxum", "bag-info.txt", _oxum(told, here)))
    return plan


def _of_crate(names: Mapping[str, int], folder: str) -> Plan:
    return Plan("ro-crate", {name: name.removeprefix(folder) for name in names}, {})


def _read_record(plan: Plan, folder: str, tags: Mapping[str, bytes]) -> None:
    """A package that shirushi wrote gives the record back as it was, and its files alone; of any other the files that describe it are
    kept, so that what is proposed from them can be looked at."""
    data = tags.get(f"{folder}{RECORD}")
    about = None if data is None else from_shirushi(data)
    names = list(plan.files) if plan.kind == "ro-crate" else [*plan.files, *plan.sums]
    if about is not None:
        plan.about, plan.document = about, (data or b"").decode("utf-8", "replace")
        data_folder = f"{folder}{bagit.PAYLOAD}"
        plan.files = {name: name.removeprefix(data_folder) for name in names if name.startswith(data_folder)}
        return
    if plan.kind == "bagit":
        for name in names:
            own = name.removeprefix(folder)
            if own.startswith(_DESCRIBING) and own not in plan.files.values():
                plan.files.setdefault(name, own)


def from_shirushi(data: bytes) -> Imported | None:
    """The record of a package that shirushi wrote; None for what is none. An identifier is kept where an agency knows it."""
    try:
        whole = json.loads(data)
        if not isinstance(whole, dict) or whole.get("format") != FORMAT:
            return None
        published = whole["publication"]
        work, untaken = built(dict(published["work"].items()))
        own, above = _registered(published.get("identifier")), _registered(published.get("concept_identifier"))
        url = published.get("url")
        return Imported(
            "shirushi", f"{url or whole['id']}"[:500], work, own, str(whole.get("concept", ""))[:500], above,
            int(whole.get("number", 1)), url if isinstance(url, str) else None, untaken=tuple(untaken),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _registered(told: object) -> Identifier | None:
    is_known = isinstance(told, dict) and told.get("state") == "registered"
    return known(told["value"]) if is_known and isinstance(told, dict) else None


def _fetched(data: bytes) -> dict[str, str]:
    found = {}
    for line in data.decode("utf-8", "replace").splitlines():
        parts = line.split(None, 2)
        if len(parts) == 3:
            found[bagit.decoded(parts[2].strip())] = parts[0]
    return found


def _tell_of_case(plan: Plan) -> None:
    seen: dict[str, str] = {}
    for path in plan.files.values():
        other = seen.setdefault(path.casefold(), path)
        if other != path:
            words = Text2(
                f"Its name differs from {shown(other)} only in case: some computers cannot hold both.",
                f"{shown(other)} と大文字・小文字しか違いません。両方を置けないコンピューターがあります。",
            )
            plan.notes.append(Note("case", path, words, wrong=False))


def mismatch(path: str, algorithm: str) -> Note:
    words = Text2(
        f"Its bytes do not have the {algorithm} checksum of the manifest: it was damaged on its way, or changed.",
        f"内容がマニフェストの {algorithm} と一致しません。途中で壊れたか、変更されています。",
    )
    return Note("checksum-mismatch", path, words)


def _oxum(told: tuple[int, int], here: tuple[int, int]) -> Text2:
    return Text2(
        f"Payload-Oxum promises {told[0]:,} bytes in {told[1]:,} files; {here[0]:,} bytes in {here[1]:,} are here.",
        f"Payload-Oxum では {told[1]:,} ファイル {told[0]:,} バイトですが、実際は {here[1]:,} ファイル {here[0]:,} バイトです。",
    )


def _to_fetch(url: str) -> Text2:
    short = url if len(url) <= 300 else f"{url[:299]}…"
    return Text2(
        f"Is not in the bag. fetch.txt says where it lies: {short}", f"バッグに含まれていません。取得先：{short}"
    )


_UNLISTED = Text2("Is in the bag and in none of its manifests.", "どのマニフェストにも載っていません。")
_MISSING = Text2("Is in a manifest and not in the bag.", "マニフェストにありますが、バッグに含まれていません。")
_NO_MANIFEST = Text2(
    "The bag has no manifest with checksums that are known here.",
    "対応しているチェックサムのマニフェストがありません。",
)
