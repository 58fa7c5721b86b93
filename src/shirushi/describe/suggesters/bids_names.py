"""What the names of files in a BIDS folder tell: how many took part, in which sessions, at which tasks, measured how.

Source: Brain Imaging Data Structure 1.10 (entities ``sub-``, ``ses-``, ``task-``; data type folders; suffixes).
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from shirushi.describe.evidence import Candidate, Evidence
from shirushi.describe.seen import EvidenceSet

TARGET = "/subjects/-"
MOST_TASKS = 6
# data type folders, by what they hold
_KINDS = {"anat": "Structural MRI", "func": "Functional MRI", "dwi": "Diffusion MRI", "perf": "Perfusion MRI", "eeg": "Electroencephalography",
    "meg": "Magnetoencephalography", "ieeg": "Intracranial electroencephalography", "pet": "Positron emission tomography",
    "nirs": "Near-infrared spectroscopy", "micr": "Microscopy", "mrs": "Magnetic resonance spectroscopy", "motion": "Motion capture"}  # fmt: skip
_ENTITY = re.compile(r"(?<![A-Za-z0-9])(sub|ses|task)-([A-Za-z0-9]+)")
_NAME = re.compile(
    r"(?:^|/)sub-[A-Za-z0-9]+/(?:ses-[A-Za-z0-9]+/)?(?P<kind>[a-z]+)/sub-[A-Za-z0-9]+_[^/]*?(?P<suffix>[A-Za-z0-9]+)\.[^/_]+$"
)
_ASIDE = ("derivatives/", "sourcedata/", "code/")


@dataclass(slots=True)
class Names:
    """``entities`` by ``sub``, ``ses`` and ``task``; data type folders and suffixes with the first file of each."""

    entities: dict[str, set[str]] = field(default_factory=lambda: {"sub": set(), "ses": set(), "task": set()})
    kinds: dict[str, Evidence] = field(default_factory=dict)
    suffixes: Counter[str] = field(default_factory=Counter)
    first: Evidence | None = None


def read_names(seen: EvidenceSet) -> Names:
    """The entities of all files that are named as BIDS has it, those of raw data only."""
    names = Names()
    for item in seen.of("file"):
        path = str(item.value["path"])
        match = _NAME.search(path)
        if match is None or any(part in path for part in _ASIDE) or match["kind"] not in {*_KINDS, "beh", "fmap"}:
            continue
        for key, value in _ENTITY.findall(path):
            names.entities[key].add(value)
        names.kinds.setdefault(match["kind"], item)
        if item.value.get("media_type") != "application/json":
            names.suffixes[match["suffix"]] += 1
        names.first = names.first or item
    return names


Sentence = tuple[str, list[Evidence]]


def participants(seen: EvidenceSet, *, ja: bool) -> Iterator[Sentence]:
    """One sentence about who took part and what was done, where files are named as BIDS has it."""
    names = read_names(seen)
    subjects, sessions = len(names.entities["sub"]), len(names.entities["ses"])
    if names.first is None:
        return
    tasks = sorted(names.entities["task"])[:MOST_TASKS]
    kinds = [_KINDS[kind] for kind in names.kinds if kind in _KINDS]
    if ja:
        text = f"被験者 {subjects:,} 名" + (f"、セッション {sessions:,} 種" if sessions else "")
        text += (
            (f"、課題 {'、'.join(tasks)}" if tasks else "") + (f"。測定：{'、'.join(kinds)}" if kinds else "") + "。"
        )
    else:
        text = f"{subjects:,} {'subject' if subjects == 1 else 'subjects'}"
        text += f" in {sessions:,} sessions" if sessions > 1 else ""
        text += f", with the {'task' if len(tasks) == 1 else 'tasks'} {', '.join(tasks)}" if tasks else ""
        text += f": {', '.join(kinds)}." if kinds else "."
    yield text, [names.first, *names.kinds.values()]


def kinds_of_data(seen: EvidenceSet) -> Iterator[Candidate]:
    """How it was measured, by the data type folders, as subjects."""
    names = read_names(seen)
    for kind, item in names.kinds.items():
        if kind in _KINDS:
            yield Candidate(TARGET, {"text": _KINDS[kind], "lang": "en"}, (item,), "subjects.bids")
