"""All that was seen in a folder, indexed for suggesters; and what else they may know (:class:`Context`)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path, PurePosixPath

from shirushi.describe.evidence import JSON, Evidence


@dataclass(frozen=True, slots=True)
class Context:
    """What is known besides the files. Nothing here is evidence: it steers, it never becomes a value by itself.

    ``language`` is the preferred language (``ja``, ``en``) of composed texts; ``ror`` is a JSON Lines file of organisations
    (see :mod:`shirushi.describe.gazetteer`); ``vocabularies`` is a folder of an operator's own (:mod:`shirushi.describe.terms`),
    ``classifier`` a file that `shirushi train subjects` wrote (:mod:`shirushi.describe.classifier`);
    ``today`` bounds dates (a collection date in the future is a misreading).
    """

    language: str = "en"
    today: date | None = None
    ror: Path | None = None
    vocabularies: Path | None = None
    classifier: Path | None = None

    def to_json(self) -> dict[str, JSON]:
        """Plain JSON, so that a context can be stored with a run."""
        return {
            "language": self.language,
            "today": self.today.isoformat() if self.today else None,
            "ror": str(self.ror) if self.ror else None,
            "vocabularies": str(self.vocabularies) if self.vocabularies else None,
            "classifier": str(self.classifier) if self.classifier else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, JSON]) -> "Context":
        """What :meth:`to_json` wrote."""
        return cls(
            language=data.get("language") or "en",
            today=date.fromisoformat(data["today"]) if data.get("today") else None,
            ror=Path(data["ror"]) if data.get("ror") else None,
            vocabularies=Path(data["vocabularies"]) if data.get("vocabularies") else None,
            classifier=Path(data["classifier"]) if data.get("classifier") else None,
        )


@dataclass(eq=False)
class EvidenceSet:
    """Every piece of evidence, by kind and by file. ``name`` is the folder's own name."""

    evidence: list[Evidence]
    name: str = ""
    _by_kind: dict[str, list[Evidence]] = field(init=False, repr=False)
    _by_file: dict[str, list[Evidence]] = field(init=False, repr=False)

    def __init__(self, evidence: Iterable[Evidence], name: str = "") -> None:
        self.evidence = list(evidence)
        self.name = name
        by_kind: defaultdict[str, list[Evidence]] = defaultdict(list)
        by_file: defaultdict[str, list[Evidence]] = defaultdict(list)
        for item in self.evidence:
            by_kind[item.kind].append(item)
            by_file[item.place.file].append(item)
        self._by_kind, self._by_file = dict(by_kind), dict(by_file)

    def __iter__(self) -> Iterator[Evidence]:
        return iter(self.evidence)

    def __len__(self) -> int:
        return len(self.evidence)

    def of(self, *kinds: str) -> list[Evidence]:
        """Evidence of these kinds; of several kinds, in the order it was read."""
        if len(kinds) == 1:
            return self._by_kind.get(kinds[0], [])
        return [item for item in self.evidence if item.kind in kinds]

    def in_file(self, file: str) -> list[Evidence]:
        return self._by_file.get(file, [])

    def stated(self, name: str) -> list[Evidence]:
        """Machine-readable statements about the field ``name``."""
        return self._stated.get(name, [])

    @cached_property
    def _stated(self) -> dict[str, list[Evidence]]:
        found: defaultdict[str, list[Evidence]] = defaultdict(list)
        for item in self.of("stated"):
            found[item.value["field"]].append(item)
        return dict(found)

    @cached_property
    def files(self) -> list[str]:
        """Every path that evidence of kind ``file`` names, else every file evidence comes from."""
        listed = [item.value["path"] for item in self.of("file")]
        return listed or sorted(self._by_file)

    def depth(self, file: str) -> int:
        """0 for a file at the top of the folder."""
        return len(PurePosixPath(file).parts) - 1
