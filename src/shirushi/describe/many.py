"""Describing many folders: each in a process that may die, run out of memory or hang without stopping the others.

A process describes one folder after another, so that a hundred thousand small folders do not pay for as many starts:
``python -m shirushi.describe.many REQUESTS ANSWERS MEMORY``. What it answers is the description as JSON; who asked writes it, whole
or not at all, so a folder whose file is there is done. The same processes work on this machine (:func:`on_this_machine`) and inside
the tasks of a Ray cluster (:mod:`shirushi.describe.many_ray`).
"""

import contextlib
import hashlib
import json
import os
import queue
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shirushi.describe.evidence import JSON
from shirushi.describe.isolate import MIB, Failure, receive, send

MEMORY = 3072 * MIB  # of private data of one process that describes
LARGEST = 512 * MIB  # of one description
SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Options:
    """How to describe: as :func:`shirushi.describe.describe`; ``context`` in JSON; ``seconds`` and ``memory`` (bytes) for one folder."""

    context: Mapping[str, JSON]
    exact: bool = False
    pronom: bool = False
    model: str | None = None  # a file that holds one; else that of the installation
    models: str | None = None  # the folder of the installation's
    digests: bool = False
    evidence: bool = False
    cache: str | None = None
    seconds: float = SECONDS
    memory: int = MEMORY


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one folder. ``state``: ``done``, ``failed`` (``code`` and ``message`` say why) or ``kept``, when it was done
    before. ``problems`` counts those of its files."""

    folder: str
    state: str
    files: int = 0
    size: int = 0
    seconds: float = 0.0
    problems: int = 0
    code: str = ""
    message: str = ""


def output_of(folder: str, out: Path) -> Path:
    """Where the description of a folder goes: its own name to know it by, and a digest of its path, so that two never meet."""
    whole = os.path.realpath(folder)
    name = re.sub(r"[^\w.\-]+", "_", Path(whole).name)[:60].strip(".") or "folder"
    return out / f"{name}-{hashlib.sha256(os.fsencode(whole)).hexdigest()[:16]}.json"


def fingerprint(folder: str, options: Options) -> str:
    """What a description depends on: how it is made, and the names, sizes and times of the folder's files."""
    how = {key: value for key, value in asdict(options).items() if key not in ("cache", "seconds", "memory")}
    digest = hashlib.sha256(json.dumps(how, sort_keys=True).encode())
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            with contextlib.suppress(OSError):
                found = path.lstat()
                digest.update(
                    os.fsencode(os.path.relpath(path, folder)) + f"\0{found.st_size} {found.st_mtime_ns}\0".encode()
                )
    return digest.hexdigest()


_FINGERPRINT = re.compile(rb'"fingerprint": "([0-9a-f]{64})"')


def _is_current(path: Path, wanted: str | None) -> bool:
    """Whether a description is there, and made of what the folder holds now, if that is asked for."""
    try:
        with path.open("rb") as stream:
            kept = _FINGERPRINT.search(stream.read(200))
    except OSError:
        return False
    return wanted is None or (kept is not None and kept[1].decode() == wanted)


def describe_many(
    folders: Iterable[str], out: Path, answers: "Answers", *, again: bool = False, options: Options | None = None
) -> Iterator[Outcome]:
    """Describe each folder, as ``answers`` does it; one outcome for each, as they are ready.

    Args:
        folders: paths; one that comes twice is described once.
        out: an existing folder; one JSON file for each folder goes there, complete or not at all.
        answers: :func:`on_this_machine` with its arguments, or the like: turns folders into (folder, answer) pairs.
        again: describe also what is done already.
        options: with them a folder counts as done only while its files and these options are as they were.
    """
    done: list[Outcome] = []
    seen: set[bytes] = set()
    marks: dict[str, str] = {}

    def wanted() -> Iterator[str]:
        for folder in folders:
            key = hashlib.sha256(os.fsencode(os.path.realpath(folder))).digest()
            if key in seen:
                continue
            seen.add(key)
            mark = fingerprint(folder, options) if options is not None else None
            if not again and _is_current(output_of(folder, out), mark):
                done.append(Outcome(folder, "kept"))
            else:
                marks[folder] = mark or ""
                yield folder

    for folder, answer in answers(wanted()):
        while done:
            yield done.pop()
        yield _settle(folder, answer, out, marks.pop(folder, ""))
    yield from done


Answers = Callable[[Iterator[str]], Iterator[tuple[str, JSON | Failure]]]


def _settle(folder: str, answer: JSON | Failure, out: Path, mark: str) -> Outcome:
    if isinstance(answer, Failure):
        return Outcome(folder, "failed", code=answer.code, message=answer.message)
    try:
        data = (
            json.dumps({"fingerprint": mark, **answer} if mark else answer, ensure_ascii=False, indent=1).encode(
                "utf-8", "surrogatepass"
            )
            + b"\n"
        )
        target = output_of(folder, out)
        unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
        with unfinished.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(target)
        counts = (
            int(answer["file_count"]),
            int(answer["total_size"]),
            float(answer["seconds"]),
            len(answer["problems"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        return Outcome(folder, "failed", code="crash", message=f"the answer was not a description: {error}")
    return Outcome(folder, "done", *counts)


def on_this_machine(folders: Iterator[str], options: Options, workers: int) -> Iterator[tuple[str, JSON | Failure]]:
    """(folder, description as JSON or Failure) for each folder, ``workers`` at a time. Ending early ends the processes."""
    answers: queue.Queue[tuple[str, JSON | Failure] | BaseException | None] = queue.Queue(maxsize=2 * workers)
    lock = threading.Lock()
    runners = [Runner(options) for _ in range(workers)]
    stop = threading.Event()

    def work(runner: Runner) -> None:
        try:
            while not stop.is_set():
                with lock:
                    folder = next(folders, None)
                if folder is None:
                    break
                answers.put((folder, runner.attempt(folder)))
            answers.put(None)
        except BaseException as error:  # noqa: BLE001 - it is raised again where the answers are read
            answers.put(error)

    threads = [threading.Thread(target=work, args=(runner,), daemon=True) for runner in runners]
    for thread in threads:
        thread.start()
    working = workers
    try:
        while working:
            answer = answers.get()
            if isinstance(answer, BaseException):
                raise answer
            if answer is None:
                working -= 1
            else:
                yield answer
    finally:
        stop.set()
        for runner in runners:
            runner.close()


class Runner:
    """One process that describes folders, started when it is first needed and again after it died or was killed."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._to = self._from = -1

    def attempt(self, folder: str) -> JSON | Failure:
        """The description as JSON, or why there is none."""
        try:
            return self._ask(folder)
        except Failure as failure:
            return failure

    def _ask(self, folder: str) -> JSON:
        self._start()
        deadline = time.monotonic() + self._options.seconds
        request = {"folder": os.fsencode(folder).hex(), **asdict(self._options)}
        try:
            send(self._to, json.dumps(request).encode("ascii"))
            envelope = json.loads(receive(self._from, deadline, LARGEST))
        except TimeoutError:
            self.close()
            raise Failure("timeout", f"not done after {self._options.seconds:g} seconds") from None
        except (EOFError, BrokenPipeError, OSError):
            raise self._died() from None
        except (OverflowError, ValueError, RecursionError) as error:
            self.close()
            raise Failure("crash", str(error)) from None
        if envelope.get("retire"):
            self.close()
        if "failure" in envelope:
            raise Failure(envelope["failure"]["code"], envelope["failure"]["message"])
        return envelope["answer"]

    def _start(self) -> None:
        if self._process is not None:
            return
        requests, self._to = os.pipe()
        self._from, answers = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "shirushi.describe.many",
                    str(requests),
                    str(answers),
                    str(self._options.memory),
                ],
                pass_fds=(requests, answers),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(str(Path(p).absolute()) for p in sys.path if p)},
                start_new_session=True,  # Ctrl-C is for the parent, which then ends it
            )
        finally:
            os.close(requests)
            os.close(answers)

    def _died(self) -> Failure:
        process = self._process
        status: int | None = None
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = process.wait(1)
        self.close()
        if status is not None and status < 0:
            with contextlib.suppress(ValueError):
                return Failure("crash", f"ended by {signal.Signals(-status).name}")
        return Failure("crash", f"ended with exit status {status}")

    def close(self) -> None:
        """End the process. The workers that it started end when they notice that it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(self._to)
        os.close(self._from)


# ---- inside the process


def main(arguments: list[str]) -> None:
    """Answer requests until the pipe closes: whoever asked has ended then, however that happened."""
    from shirushi.describe.isolate import Pool

    requests, answers, memory = (int(value) for value in arguments)
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    memory = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, hard))
    with Pool(1) as pool:
        while (frame := _frame(requests)) is not None:
            send(answers, _answer(json.loads(frame), pool))


def _frame(descriptor: int) -> bytes | None:
    try:
        return receive(descriptor, float("inf"), MIB)
    except EOFError:
        return None


def _answer(request: dict[str, JSON], pool: Any) -> bytes:
    from shirushi.describe.cache import Cache
    from shirushi.describe.pipeline import describe
    from shirushi.describe.seen import Context

    folder = os.fsdecode(bytes.fromhex(request["folder"]))
    try:
        os.scandir(folder).close()  # one that may not be read is no empty one
        cache = Cache(Path(request["cache"])) if request["cache"] else contextlib.nullcontext()
        with cache as kept:
            description = describe(
                folder,
                context=Context.from_json(request["context"]),
                pool=pool,
                digests=request["digests"],
                exact=request["exact"],
                pronom=request["pronom"],
                model=_model(request["model"], request["models"]),
                cache=kept,
            )
        answer = {"answer": description.to_json(evidence=request["evidence"])}
        return json.dumps(answer).encode("ascii")
    except MemoryError:
        return _failure("out-of-memory", f"more than {request['memory'] // MIB} MiB were needed", retire=True)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError | NotADirectoryError)
        return _failure("vanished" if missing else "unreadable", error.strerror or str(error))
    except Exception as error:  # noqa: BLE001 - one folder's trouble is reported, and the next goes on
        return _failure("crash", f"{type(error).__name__}: {error}", retire=True)


def _model(file: str | None, folder: str | None) -> Any:
    from dataclasses import replace

    from shirushi.describe.installed import model_in, model_of, withdrawn_in
    from shirushi.describe.rank import default_model

    base = model_of(Path(file)) if file else model_in(Path(folder)) if folder else default_model()
    return replace(base, withdrawn=withdrawn_in(Path(folder))) if folder else base


def _failure(code: str, message: str, *, retire: bool = False) -> bytes:
    return json.dumps({"failure": {"code": code, "message": message[:1000]}, "retire": retire}).encode("ascii")


if __name__ == "__main__":
    main(sys.argv[1:])
