"""Questions that are asked before publishing: data about people, places and keys that a reading found, and what was answered.

What was found is kept with the reading (:class:`~shirushi.core.models.DescribeRun`), masked; an answer is kept for each file
as it was, by the digest of its bytes, so that nobody is asked again before the file changes, in later versions neither.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from shirushi.core.models import Answer, DescribeRun, Draft, Record
from shirushi.core.values import JSON
from shirushi.describe.description import Description
from shirushi.describe.evidence import Evidence, to_json
from shirushi.metadata.fields import Text2

SETTLED = frozenset({Answer.Choice.NOT_PERSONAL, Answer.Choice.CONSENTED})
UNSEEN = "not-looked-at"  # the category of a question about files that nothing was looked for in
NAMED = 3  # files named in a question; the others are counted


@dataclass(frozen=True, slots=True)
class Item:
    """What was seen in one file: ``count`` values of a category at a place (JSON). ``digest`` stands for the category, the
    column or attribute, and the file with its bytes. ``alike`` files of the same kind beside it were not looked into;
    ``names``: of files that were not looked at."""

    digest: str
    category: str
    label: str
    file: str
    sha256: str
    place: Mapping[str, JSON]
    count: int
    examples: tuple[str, ...] = ()
    alike: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to answer: the same in several files of a folder is asked once. ``answer`` is the last one given, if any;
    ``restricted``: the files will only be for those who are let in."""

    id: str
    items: tuple[Item, ...]
    answer: Answer | None
    restricted: bool = False

    @property
    def category(self) -> str:
        return self.items[0].category

    @property
    def count(self) -> int:
        return sum(item.count for item in self.items)

    @property
    def settled(self) -> bool:
        """Whether it no longer stands in the way of publishing."""
        if self.answer is None:
            return False
        return self.answer.answer in SETTLED or (self.restricted and self.answer.answer == Answer.Choice.RESTRICT)

    @property
    def choices(self) -> tuple[Answer.Choice, ...]:
        """The answers that make sense: nobody consents to the use of a key."""
        is_key = self.category == "credential"
        return tuple(choice for choice in Answer.Choice if not (is_key and choice == Answer.Choice.CONSENTED))

    @property
    def words(self) -> Text2:
        """The question in one sentence, with its places."""
        if self.category == UNSEEN:
            return _unseen_words(self)
        what = _WHAT[self.category]
        where = _where(self.items)
        count = self.count
        if self.items[0].place["type"] == "cell":
            return Text2(
                f"This column looks like {what.en}: {where.en}, {count:,} {'value' if count == 1 else 'values'}",
                f"この列は{what.ja}のようです：{where.ja}（値 {count:,} 件）",
            )
        if self.category == "precise-location" and self.items[0].label.startswith("GPS:"):
            return Text2(
                f"Where it was taken is written in the photograph: {where.en}",
                f"撮影した場所が写真に記録されています：{where.ja}",
            )
        return Text2(
            f"There seem to be {what.en}: {where.en}, {count:,} {'place' if count == 1 else 'places'}",
            f"{what.ja}が含まれているようです：{where.ja}（{count:,} か所）",
        )

    @property
    def alike(self) -> int:
        """Files of the same kinds beside these that no reading looked into."""
        return max(item.alike for item in self.items)

    @property
    def why_unsettled(self) -> Text2 | None:
        """Why an answer that was given is not enough to publish; None when it is, or there is none yet."""
        if self.answer is None or self.settled:
            return None
        return _STILL[Answer.Choice(self.answer.answer)]


def found_in(description: Description, digests: Mapping[str, str]) -> list[dict[str, JSON]]:
    """What a description found, as it is kept with the run. ``digests``: path to SHA-256 of the files that were read."""
    unread: Counter[tuple[str, str]] = Counter()
    for report in description.files:
        if not report.read and not report.screened:
            unread[_kind_of(report.path)] += 1
    kept = []
    everything = hashlib.sha256(json.dumps(sorted(digests.items())).encode(errors="replace")).hexdigest()
    for evidence in description.evidence:
        file = evidence.place.file
        if evidence.kind == UNSEEN and file in digests:
            kept.append(_unseen(evidence, digests[file], everything))
        if evidence.kind != "sensitive" or file not in digests or evidence.value.get("category") not in _WHAT:
            continue
        place = to_json(evidence.place)
        kept.append(
            {
                "category": evidence.value["category"],
                "label": _label(place),
                "sha256": digests[file],
                "place": place,
                "count": max(1, int(evidence.value.get("count") or 1)),
                "examples": [str(example)[:80] for example in evidence.value.get("examples_masked") or []][:5],
                "alike": unread[_kind_of(file)],
            }
        )
    return kept


def _unseen(evidence: Evidence, sha256: str, everything: str) -> dict[str, JSON]:
    """Files that were not looked at, as kept with the run. Of those in a folder, another file may make others of them."""
    is_archive = evidence.place.file not in evidence.value["names"]
    return {
        "category": UNSEEN,
        "label": evidence.place.file if is_archive else everything,
        "sha256": sha256,
        "place": to_json(evidence.place),
        "count": max(1, int(evidence.value["count"])),
        "examples": [],
        "alike": 0,
        "names": list(map(str, evidence.value["names"])),
    }


def questions(draft: Draft) -> tuple[Question, ...]:
    """Everything to be answered about the draft's files as they are now, answered or not: of the last reading, or until a next version
    is read itself, of the last reading of those before it. One or two queries when nothing was found, else two more."""
    runs = DescribeRun.objects.filter(state=DescribeRun.State.DONE).order_by("-id").values_list("sensitive", flat=True)
    run = runs.filter(draft=draft).first()
    if run is None and draft.base_record_id:
        run = runs.filter(draft__concept=draft.concept_id, draft__state=Draft.State.PUBLISHED).first()
    if not run:
        return ()
    paths = {found["place"]["file"] for found in run} | {name for found in run for name in found.get("names", ())}
    here = dict(draft.files.filter(path__in=paths).values_list("path", "sha256"))
    items = [_item(found) for found in run if _is_here(found, here)]
    if not items:
        return ()
    answers = {
        answer.item: answer
        for answer in Answer.objects.filter(concept=draft.concept_id).select_related("by").order_by("pk")
    }
    groups: defaultdict[tuple[Any, ...], dict[str, Item]] = defaultdict(dict)
    for item in items:
        answer = answers.get(item.digest)
        key = (item.category, item.label, str(PurePosixPath(item.file).parent), answer.answer if answer else "")
        groups[key].setdefault(item.digest, item)
    restricted = (draft.metadata.get("access") or {}).get("rights") == "restricted"
    return tuple(_question(tuple(group.values()), answers, restricted=restricted) for group in groups.values())


def _is_here(found: Mapping[str, Any], here: Mapping[str, str]) -> bool:
    """Whether what was found is still in the draft: the file as it was, or any of those that were not looked at."""
    names = found.get("names", ())
    if found["category"] == UNSEEN and found["place"]["file"] in names:
        return found["count"] > len(names) or any(name in here for name in names)
    return here.get(found["place"]["file"]) == found["sha256"]


def category_words(category: str) -> Text2:
    """What a category of data is called: 氏名, e-mail addresses."""
    unseen = Text2("data that nobody looked into", "内容を確認していないデータ")
    return unseen if category == UNSEEN else _WHAT.get(category, Text2(category, category))


def restricted_by_answer(holder: Record | Draft) -> bool:
    """Whether the last word on a file of the record or draft, in its bytes of now, was that only some people may see it. Two queries."""
    last: dict[str, Answer] = {}
    for answer in Answer.objects.filter(concept=holder.concept_id).order_by("pk"):
        last[answer.item] = answer
    asked = {(one.path, one.sha256) for one in last.values() if one.answer == Answer.Choice.RESTRICT}
    if not asked:
        return False
    return bool(asked & set(holder.files.filter(path__in=[path for path, _ in asked]).values_list("path", "sha256")))


def unsettled(asked: Sequence[Question]) -> tuple[Question, ...]:
    return tuple(question for question in asked if not question.settled)


def about_one_file(asked: Sequence[Question]) -> list[tuple[str, tuple[Question, ...], tuple[Answer.Choice, ...]]]:
    """Files about which several questions wait, with those and the answers that may be given to all of them at once. That
    there is nothing to protect is said of each by itself, after a look."""
    by_file: defaultdict[str, list[Question]] = defaultdict(list)
    for question in unsettled(asked):
        files = {item.file for item in question.items}
        if question.category != UNSEEN and len(files) == 1 and question.answer is None:
            by_file[files.pop()].append(question)
    found = []
    for file, waiting in by_file.items():
        common = [
            c for c in Answer.Choice if all(c in one.choices for one in waiting) and c != Answer.Choice.NOT_PERSONAL
        ]
        if len(waiting) > 1:
            found.append((file, tuple(waiting), tuple(common)))
    return found


def _question(items: tuple[Item, ...], answers: Mapping[str, Answer], *, restricted: bool) -> Question:
    together = "\n".join(sorted(item.digest for item in items))
    latest = max((answers[i.digest] for i in items if i.digest in answers), key=lambda a: a.pk, default=None)
    return Question(hashlib.sha256(together.encode()).hexdigest()[:16], items, latest, restricted)


def _item(found: Mapping[str, Any]) -> Item:
    place = found["place"]
    identity = [found["category"], found["label"], place["file"], found["sha256"]]
    digest = hashlib.sha256(json.dumps(identity, ensure_ascii=False).encode(errors="replace")).hexdigest()
    return Item(
        digest,
        found["category"],
        found["label"],
        place["file"],
        found["sha256"],
        place,
        found["count"],
        tuple(found["examples"]),
        found["alike"],
        tuple(found.get("names", ())),
    )


def _label(place: Mapping[str, JSON]) -> str:
    """What a column, attribute or line is called; the same in files that are alike."""
    if place["type"] == "cell":
        name = place.get("quote") or f"column {place['column']}"
        return f"{place['sheet']}/{name}"[:300] if place.get("sheet") else str(name)[:300]
    if place["type"] == "attribute":
        return str(place["path"])[:300]
    return ""


def _kind_of(path: str) -> tuple[str, str]:
    pure = PurePosixPath(path)
    return str(pure.parent), pure.suffix.lower()


def _where(items: Iterable[Item]) -> Text2:
    """``data/participants.csv, column 氏名``; the first few files by name."""
    items = tuple(items)
    files = list(dict.fromkeys(item.file for item in items))
    shown = files[:NAMED]
    more = len(files) - len(shown)
    en, ja = ", ".join(shown), "、".join(shown)
    if more:
        en, ja = f"{en} and {more:,} more", f"{ja} ほか {more:,} 件"
    place = items[0].place
    if place["type"] == "cell":
        return Text2(f"{en}, column {items[0].label}", f"{ja} の列「{items[0].label}」")
    if place["type"] == "line" and len(files) == 1:
        return Text2(f"{en}, line {place['start']}", f"{ja} の {place['start']} 行目")
    return Text2(en, ja)


def _unseen_words(question: Question) -> Text2:
    """“12 files were not looked at”, with the first of them; those inside an archive by its name."""
    count = question.count
    first = question.items[0]
    names = first.names[:NAMED]
    more = count - len(names)
    en, ja = ", ".join(names), "、".join(names)
    if names and more > 0:
        en, ja = f"{en} and {more:,} more", f"{ja} ほか {more:,} 件"
    if first.file not in first.names:
        en = f"{en} inside {first.file}" if en else f"inside {first.file}"
        ja = f"{first.file} の中の {ja}" if ja else f"{first.file} の中"
    return Text2(
        f"{count:,} {'file was' if count == 1 else 'files were'} not looked at for data about people or keys: {en}",
        f"{count:,} 件のファイルは、個人の情報や鍵などがないか確認していません：{ja}",
    )


_WHAT: Mapping[str, Text2] = {
    "personal-name": Text2("names of people", "人の名前"),
    "e-mail": Text2("e-mail addresses of people", "個人のメールアドレス"),
    "phone": Text2("phone numbers of people", "個人の電話番号"),
    "postal-address": Text2("addresses of people", "個人の住所"),
    "precise-location": Text2("exact places of people or homes", "人や住まいの詳しい位置"),
    "patient": Text2(
        "data about patients or participants (chart numbers, dates of birth)",
        "患者や参加者の情報（カルテ番号や生年月日など）",
    ),
    "national-id": Text2("official numbers of people, such as マイナンバー", "マイナンバーなど公的な個人の番号"),
    "payment-card": Text2("numbers of credit cards", "クレジットカードの番号"),
    "credential": Text2("passwords, keys or tokens", "パスワード、鍵、トークン"),
}
CHOICE_WORDS: Mapping[str, Text2] = {
    Answer.Choice.NOT_PERSONAL: Text2("Nothing to protect", "保護すべきものではない"),
    Answer.Choice.CONSENTED: Text2("With consent, or anonymised", "本人の同意がある・匿名化済み"),
    Answer.Choice.REMOVE: Text2("I will take the file out", "ファイルを取り除く"),
    Answer.Choice.RESTRICT: Text2("Only some people may see it", "見られる人を限る必要がある"),
}
_STILL: Mapping[str, Text2] = {
    Answer.Choice.REMOVE: Text2(
        "You answered that the file will be taken out, and it is still here. Take it out, or answer anew.",
        "「ファイルを取り除く」と答えていますが、まだ残っています。取り除くか、答え直してください。",
    ),
    Answer.Choice.RESTRICT: Text2(
        "You answered that only some people may see this, and the files would be open to everybody. Set access to the files to "
        "“only people who are let in”, take this file out, or answer anew.",
        "「見られる人を限る必要がある」と答えていますが、このままではだれでも見られます。ファイルの公開範囲を「許可した人だけ」にするか、"
        "このファイルを取り除くか、答え直してください。",
    ),
}
