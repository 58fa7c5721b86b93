"""Files found → identified → read in workers → evidence, in the order of the walk.

What goes wrong with a file is told among the problems and costs that file's evidence, nothing else.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shirushi.describe.cache import Cache
from shirushi.describe.description import FileReport, Problem
from shirushi.describe.evidence import JSON, Evidence, FilePlace, evidence_from_json
from shirushi.describe.families import Family, choose
from shirushi.describe.formats import CHUNK, UNKNOWN, Identified
from shirushi.describe.identify import chunks, identify, is_misnamed
from shirushi.describe.isolate import Failure, Pool
from shirushi.describe.kinds import KINDS
from shirushi.describe.problems import problem
from shirushi.describe.progress import Progress, Seen
from shirushi.describe.readers.glance import cost
from shirushi.describe.readers.registry import MOST_EVIDENCE, readers_for
from shirushi.describe.sources import Found, Walk

READ = "shirushi.describe.readers.registry:read"
READ_HISTORY = "shirushi.describe.readers.registry:read_history"
LOOK_THROUGH = "shirushi.describe.readers.glance:look_through"
WALKER = "files/1"
MOST_LOOKED_THROUGH = 120_000  # small texts, or what costs as much: some ten seconds of one processor
AT_ONCE = 300  # of these in one call
NAMED = 1_000
_SEALED = frozenset(("application/x-7z-compressed", "application/vnd.rar"))  # archives that nothing here opens
# What went wrong with a file so that nobody knows what is in it
_UNSEEN = frozenset(("encrypted", "timeout", "crash", "out-of-memory"))

MOST_EVIDENCE_OF_ALL = 150_000
MOST_HISTORIES = 3
SLOWEST = 10_000_000  # bytes a second: a file that is hashed may take as long as this says, and the limit
_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Known:
    """A file found and identified."""

    found: Found
    what: Identified
    lost: bool = False  # it could not be opened to see what it is


@dataclass(frozen=True, slots=True)
class Job:
    """What reading needs besides the files."""

    workers: Pool
    problems: list[Problem]
    progress: Callable[[Progress], None]
    cache: Cache | None
    digests: bool


def identify_all(
    walked: Walk, problems: list[Problem], progress: Callable[[Progress], None], cache: Cache | None
) -> list[Known]:
    """Every file found, with what it is; those that cannot be opened or are not what they are called go to the problems."""
    known = []
    parts_of_arrays = chunks(found.name for found in walked.files)
    for number, found in enumerate(walked.files):
        if number % 500 == 0:
            progress(Progress("walking", number, len(walked.files), found.name))
        if found.name in parts_of_arrays:
            known.append(Known(found, CHUNK))
            continue
        if found.size == 0:
            problems.append(problem("empty-file", found.name))
        try:
            what = _identified(found, cache)
        except OSError as error:
            code = "vanished" if isinstance(error, FileNotFoundError) else "unreadable"
            problems.append(problem(code, found.name, error.strerror or str(error)))
            known.append(Known(found, UNKNOWN, lost=True))
            continue
        if is_misnamed(found.name, what):
            problems.append(problem("malformed", found.name, "it is called a text, but holds other bytes"))
        known.append(Known(found, what))
    return known


def _identified(found: Found, cache: Cache | None) -> Identified:
    """Raises OSError when the file cannot be read."""
    kept = cache.get(found, "format") if cache else None
    if kept is not None:
        return Identified(*kept)
    what = identify(found.path, found.name)
    if cache:
        cache.put(found, "format", answer=[what.media_type, what.format])
    return what


def read_all(known: list[Known], kin: list[Family], walked: Walk, job: Job) -> tuple[list[FileReport], list[Evidence]]:
    """Read the files worth reading; reports of all files, and all evidence, both in the order of the walk."""
    readable = [
        i for i, item in enumerate(known) if item.found.size and not item.lost and readers_for(item.what.media_type)
    ]
    chosen = choose(readable, [(item.found.name, item.what) for item in known], kin)
    if len(chosen) < len(readable):
        job.problems.append(problem("sampled", "", f"{len(chosen):,} of {len(readable):,} files were read"))
    most = max(100, min(MOST_EVIDENCE, MOST_EVIDENCE_OF_ALL // max(1, len(chosen))))
    seen: dict[str, list[Evidence]] = {}
    digests: dict[str, str] = {}
    wanted = [(known[i].found, _request(known[i], most, digest=job.digests)) for i in chosen]
    for done, (request, answer) in enumerate(_answers(READ, wanted, job.workers, job.cache, _more_seconds), start=1):
        file, before = request["name"], len(job.problems)
        seen[file] = _accept(answer, file, job.problems)
        if not isinstance(answer, Failure) and _DIGEST.fullmatch(str(answer.get("sha256"))):
            digests[file] = answer["sha256"]
        counts = Counter(item.kind for item in seen[file])
        wrong = job.problems[before].code if len(job.problems) > before else ""
        job.progress(Progress("reading", done, len(chosen), file, Seen(request["format"], counts, wrong)))
    left = [known[i] for i in sorted(set(readable) - set(chosen))]
    looked_through, unseen = _look_through(left, job)
    unseen += [one.file for one in job.problems if one.code in _UNSEEN and one.file in seen]
    unseen += [item.found.name for item in known if item.what.media_type in _SEALED]
    evidence = _histories(walked, job.workers, job.problems)
    evidence += [_family_evidence(family) for family in kin]
    reports = []
    for item in known:
        name = item.found.name
        own = seen.get(name) or looked_through.get(name, [])
        report = _report(item, read=name in seen, found=len(own))
        if name in looked_through:
            report = replace(report, screened=True)
        if job.digests:
            report = replace(report, sha256=digests.get(name) or _sha256(item.found, job.cache))
        reports.append(report)
        evidence.append(_file_evidence(report))
        evidence += own
    if unseen:
        evidence.append(_not_looked_at(unseen))
    return reports, evidence


def _look_through(left: list[Known], job: Job) -> tuple[dict[str, list[Evidence]], list[str]]:
    """What must not be published by mistake in files that are not read, by name; and those that were not looked through, since
    they are too many or gave no answer. The quickest come first."""
    batches: list[dict[str, JSON]] = []
    unseen: list[str] = []
    spent = full = 0
    for item in sorted(left, key=lambda item: cost(item.what.media_type)):
        price = cost(item.what.media_type)
        if price and spent + price > MOST_LOOKED_THROUGH:
            unseen.append(item.found.name)
            continue
        spent += price
        if not price:
            continue
        if not batches or full + price > AT_ONCE:
            batches.append({"files": []})
            full = 0
        full += price
        batches[-1]["files"].append({k: v for k, v in _request(item, 200, digest=False).items() if k != "digest"})
    done: dict[str, list[Evidence]] = {item.found.name: [] for item in left if not cost(item.what.media_type)}
    for number, (request, answer) in enumerate(job.workers.map(LOOK_THROUGH, batches), start=1):
        names = [file["name"] for file in request["files"]]
        told, missed = _told(answer, names)
        unseen += missed
        done |= {name: told.get(name, []) for name in names if name not in missed}
        job.progress(Progress("reading", number, len(batches), names[-1]))
    if unseen:
        job.problems.append(problem("unscreened", "", f"{len(unseen):,} of {len(left):,} files"))
    return done, sorted(unseen)


def _told(answer: JSON | Failure, names: list[str]) -> tuple[dict[str, list[Evidence]], set[str]]:
    """The evidence in a worker's answer by file, checked as that of one file is; and the files of which it knows nothing."""
    try:
        if isinstance(answer, Failure):
            return {}, set(names)
        missed = {str(name) for name in answer["unread"]} & set(names)
        told: dict[str, list[Evidence]] = {}
        for name, items in answer["found"].items():
            whole = {"evidence": items, "problems": [], "changed": False}
            if name in names:
                told[name] = [one for one in _accept(whole, name, []) if one.kind in ("sensitive", "not-looked-at")]
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}, set(names)
    return told, missed


def _not_looked_at(names: list[str]) -> Evidence:
    names = sorted(set(names))
    value = {"count": len(names), "names": names[:NAMED]}
    return Evidence("not-looked-at", value, FilePlace(names[0]), WALKER)


def _answers(
    function: str,
    wanted: list[tuple[Found, dict[str, JSON]]],
    workers: Pool,
    cache: Cache | None,
    more: Callable[[Mapping[str, JSON]], float],
) -> Iterator[tuple[Mapping[str, JSON], JSON | Failure]]:
    """(request, answer) for all that is wanted: from the cache what it has, from the workers the rest, which is then kept."""
    missing = []
    for found, request in wanted:
        kept = cache.get(found, function, request) if cache else None
        if kept is None:
            missing.append((found, request))
        else:
            yield request, kept
    files = {request["name"]: found for found, request in missing}
    for asked, answer in workers.map(function, (request for _, request in missing), more=more):
        if cache and not isinstance(answer, Failure) and isinstance(answer, dict) and not answer.get("changed"):
            cache.put(files[asked["name"]], function, asked, answer=answer)
        yield asked, answer


def _more_seconds(request: Mapping[str, JSON]) -> float:
    """Every byte of a file that is hashed has to be read, however slow the disk."""
    return float(request["size"]) / SLOWEST if request["digest"] else 0.0


def count_all(known: list[Known], evidence: list[Evidence], job: Job) -> list[Evidence]:
    """The evidence with exact numbers where there were sampled ones."""
    from shirushi.describe import exact

    files = {item.found.name: item.found for item in known}
    asked = exact.requests(evidence, {name: (found.path, found.size) for name, found in files.items()})
    if not asked:
        return evidence
    job.progress(Progress("counting", 0, len(asked)))
    answers: dict[str, JSON] = {}
    with exact.workers() as workers:
        wanted = [(files[request["name"]], request) for request in asked]
        for request, answer in _answers(exact.PROFILE, wanted, workers, job.cache, exact.more_seconds):
            file = request["name"]
            if isinstance(answer, Failure):
                job.problems.append(problem(answer.code, file, answer.message))
            else:
                answers[file] = answer
            job.progress(Progress("counting", len(answers), len(asked), file))
    return exact.refine(evidence, answers, job.problems)


def _request(item: Known, most: int, *, digest: bool) -> dict[str, JSON]:
    return {
        "path": str(item.found.path),
        "name": item.found.name,
        "size": item.found.size,
        "media_type": item.what.media_type,
        "format": item.what.format,
        "most": most,
        "digest": digest,
    }


def _accept(answer: JSON | Failure, file: str, problems: list[Problem], *, anywhere: bool = False) -> list[Evidence]:
    """The evidence in a worker's answer, checked: a worker may have been taken over by what it read, so that it may speak
    of its own file only (``anywhere`` lifts that), and in no kind that does not exist."""
    if isinstance(answer, Failure):
        problems.append(problem(answer.code, file, answer.message))
        return []
    try:
        evidence = [evidence_from_json(item) for item in answer["evidence"]]
        problems += [problem(str(item["code"]), file, str(item["message"])) for item in answer["problems"]]
        if answer["changed"]:
            problems.append(problem("changed", file))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        problems.append(problem("crash", file, f"the answer was not evidence: {error}"))
        return []
    good = [item for item in evidence if item.kind in KINDS and (anywhere or item.place.file == file)]
    if len(good) < len(evidence):
        problems.append(problem("reader-error", file, "a fact of an unknown kind, or about another file"))
    return good


def _histories(walked: Walk, workers: Pool, problems: list[Problem]) -> list[Evidence]:
    evidence: list[Evidence] = []
    for folder in walked.git[:MOST_HISTORIES]:
        try:
            answer: JSON | Failure = workers.call(READ_HISTORY, folder=str(folder.parent))
        except Failure as failure:
            answer = failure
        evidence += _accept(answer, ".git", problems, anywhere=True)
    return evidence


def _report(item: Known, *, read: bool, found: int) -> FileReport:
    modified = datetime.fromtimestamp(item.found.modified_ns // 1_000_000_000, UTC).isoformat()
    return FileReport(
        path=item.found.name,
        size=item.found.size,
        media_type=item.what.media_type,
        format=item.what.format,
        modified=modified,
        read=read,
        found=found,
    )


def _file_evidence(report: FileReport) -> Evidence:
    keys = ("path", "size", "media_type", "format", "modified")
    value = {key: getattr(report, key) for key in keys}
    if report.puid:
        value |= {
            key: getattr(report, key) for key in ("puid", "pronom_format", "pronom_version") if getattr(report, key)
        }
    return Evidence("file", value, FilePlace(report.path), WALKER)


def with_pronom(
    known: list[Known], reports: list[FileReport], evidence: list[Evidence], job: Job
) -> tuple[list[FileReport], list[Evidence]]:
    """The reports and the evidence of files with what PRONOM calls them; conflicts and failures go to the problems."""
    from shirushi.describe.pronom import formats_of

    files = [(item.found.name, item.found.path, item.what.media_type) for item in known]
    formats = formats_of(
        files, job.problems, lambda done, name: job.progress(Progress("identifying", done, len(files), name))
    )
    told = {
        report.path: replace(report, puid=it.puid, pronom_format=it.name or None, pronom_version=it.version or None)
        for report in reports
        if (it := formats.get(report.path))
    }
    reports = [told.get(report.path, report) for report in reports]
    return reports, [
        _file_evidence(told[item.place.file]) if item.kind == "file" and item.place.file in told else item
        for item in evidence
    ]


def _family_evidence(family: Family) -> Evidence:
    value = {"pattern": family.pattern, "count": family.count, "size": family.size, "media_type": family.media_type}
    return Evidence("files-alike", value, FilePlace(family.first), WALKER)


def _sha256(found: Found, cache: Cache | None) -> str | None:
    """Hexadecimal SHA-256, or None when the file cannot be read any more (which reading has reported)."""
    kept = cache.get(found, "sha256") if cache else None
    if kept is not None:
        return str(kept)
    try:
        with found.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
    if cache:
        cache.put(found, "sha256", answer=digest)
    return digest
