"""``describe``: folder → identify → readers → evidence → suggesters → candidates → rank → suggestions.

Reading happens in isolated workers; what goes wrong with a file costs that file's evidence and is reported, nothing else.
The same folder always gives the same description.
"""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, TypeAlias

from shirushi.describe.cache import Cache
from shirushi.describe.description import Description, Problem
from shirushi.describe.families import families
from shirushi.describe.isolate import Limits, Pool
from shirushi.describe.problems import problem
from shirushi.describe.progress import QUIET, Progress
from shirushi.describe.reading import Job, count_all, identify_all, read_all, with_pronom
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.sources import Sources, walk

if TYPE_CHECKING:
    from shirushi.describe.forms.form import Form
    from shirushi.describe.rank import Model

MOST_PROBLEMS_ALIKE = 50

Target: TypeAlias = "Form | None"
DATASET: Target = None  # the fields of a record, which are always suggested


def describe(
    sources: Sources,
    *,
    target: Target = DATASET,
    context: Context | None = None,
    progress: Callable[[Progress], None] = QUIET,
    pool: Pool | None = None,
    limits: Limits | None = None,
    name: str | None = None,
    digests: bool = False,
    exact: bool = False,
    cache: Cache | None = None,
    model: "Model | None" = None,
    pronom: bool = False,
) -> Description:
    """What the files of a folder say about themselves, as suggestions with evidence.

    Args:
        sources: a folder, a file, several of them, or a mapping of names to files.
        target: a form to fill besides (see :mod:`shirushi.describe.forms`); the record alone when absent.
        context: what is known besides the files.
        progress: called with a :class:`Progress` now and then, always from this thread.
        pool: workers to use; else some are started and ended. ``limits`` are those of a pool started here.
        name: what to call the whole; the folder's own name when absent.
        digests: compute the SHA-256 of every file too (reads every byte, of a large table in the same pass as its sample).
        exact: read every row of large tables, so that no number comes from a sample (see :mod:`shirushi.describe.exact`).
        cache: what was read of files that have not changed since, and where to keep what is read now.
        model: the ranking to use instead of the shipped one.
        pronom: look up each file's format in PRONOM too (see :mod:`shirushi.describe.pronom`).

    Raises:
        FileNotFoundError: a source that was named does not exist.
    """
    started = time.monotonic()
    with nullcontext(pool) if pool is not None else Pool(limits=limits) as workers:
        progress(Progress("walking", 0, 0))
        walked = walk(sources)
        threading.Thread(target=_prepare, name="describe-prepare", daemon=True).start()
        description = Description(name=name or walked.name, problems=list(walked.problems))
        known = identify_all(walked, description.problems, progress, cache)
        kin = families([(item.found.name, item.found.size, item.what) for item in known])
        job = Job(workers, description.problems, progress, cache, digests=digests)
        reports, evidence = read_all(known, kin, walked, job)
    if exact:
        evidence = count_all(known, evidence, job)
    if pronom:
        reports, evidence = with_pronom(known, reports, evidence, job)
    description.files = reports
    description.file_count = len(reports)
    description.total_size = sum(report.size for report in reports)
    description.evidence = evidence
    progress(Progress("suggesting", 0, 0))
    _suggest(description, context or Context(), model, target)
    description.problems = _summarise(description.problems)
    description.seconds = time.monotonic() - started
    return description


def _prepare() -> None:
    """Load what suggesting needs while the workers read: this process has nothing else to do."""
    with suppress(Exception):  # what cannot be loaded is told where it is needed
        from shirushi.describe.rank import default_model
        from shirushi.describe.suggesters import suggesters

        default_model()
        suggesters()


def _suggest(description: Description, context: Context, model: "Model | None", target: Target) -> None:
    from shirushi.describe.rank import rank
    from shirushi.describe.suggesters import propose

    seen = EvidenceSet(description.evidence, description.name)
    description.suggestions = rank(propose(seen, context, report=description.problems.append), model)
    if target is not None:
        from shirushi.describe.forms.fill import Filled, fill

        try:
            description.filled = fill(target, seen, description.suggestions)
        except Exception as error:  # noqa: BLE001  what files hold must not keep their record from being suggested
            message = f"The form could not be filled ({type(error).__name__}: {error}). The record's suggestions stand."
            description.problems.append(Problem("form-failed", "", message))
            description.filled = Filled(target, {}, ())


def _summarise(problems: Iterable[Problem]) -> list[Problem]:
    """By file; of very many problems of one sort the first are kept and the rest counted."""
    by_code: defaultdict[str, list[Problem]] = defaultdict(list)
    for item in sorted(problems, key=lambda p: (p.file, p.code, p.detail)):
        by_code[item.code].append(item)
    kept = [item for same in by_code.values() for item in same[:MOST_PROBLEMS_ALIKE]]
    more = Counter({code: len(same) - MOST_PROBLEMS_ALIKE for code, same in by_code.items()})
    kept += [problem(code, "", f"and {count:,} more files") for code, count in more.items() if count > 0]
    return sorted(kept, key=lambda p: (p.file, p.code, p.detail))
