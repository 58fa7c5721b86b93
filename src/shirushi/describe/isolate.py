"""Worker processes in which untrusted bytes are read: bounded time and memory, no network, killed when they misbehave.

A call names a function (``module:function``) and gives it JSON; JSON comes back. Nothing is ever unpickled, so a worker
that hostile bytes took over can lie about one file and do nothing else to this process. What goes wrong in a worker is
a :class:`Failure` with a code of :mod:`shirushi.describe.problems`.
"""

import contextlib
import json
import os
import queue
import select
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from shirushi.describe.evidence import JSON

HEADER = struct.Struct(">I")
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one call: ``seconds`` of wall time, ``memory``, ``answer`` and ``file`` (the longest that it may write) in bytes."""

    seconds: float = 30.0
    memory: int = 384 * MIB
    answer: int = 32 * MIB
    file: int = 128 * MIB


def none(_: Mapping[str, JSON]) -> float:
    """No more seconds than the limit."""
    return 0.0


class Failure(Exception):
    """A call that gave no answer: ``code`` as in :mod:`shirushi.describe.problems`, ``message`` with the particulars."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Pool:
    """A few long-lived workers, each started when there is work for it. A context manager; :meth:`call` may be used from several
    threads at once. ``folder``: the one place where they may write, left to the caller; without it each has one of its own, which
    goes with it."""

    def __init__(
        self, processes: int | None = None, *, limits: Limits | None = None, folder: Path | None = None
    ) -> None:
        self.limits = limits or Limits()
        self.processes = processes or min(4, os.cpu_count() or 1)
        self._workers = [_Worker(self.limits, folder) for _ in range(self.processes)]
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()

    def __enter__(self) -> Self:
        for worker in self._workers:
            self._idle.put(worker)  # the last one put is the first one taken
        worker.start()  # it gets ready while the caller is still looking for work
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.close()

    def call(self, function: str, /, **arguments: JSON) -> JSON:
        """What ``function`` (``module:function``) returns for these arguments.

        Raises:
            Failure: the function raised, or its worker crashed, hung or ran out of memory. The next call is not affected.
        """
        return self._ask(function, arguments, 0.0)

    def _ask(self, function: str, arguments: Mapping[str, JSON], more: float) -> JSON:
        request = {"function": function, "arguments": arguments, "seconds": self.limits.seconds + more}
        worker = self._idle.get()
        try:
            return worker.ask(json.dumps(request).encode("ascii"), self.limits.seconds + more)
        finally:
            self._idle.put(worker)

    def map(
        self, function: str, items: Iterable[Mapping[str, JSON]], *, more: Callable[[Mapping[str, JSON]], float] = none
    ) -> Iterator[tuple[Mapping[str, JSON], JSON | Failure]]:
        """Call ``function`` once for each item, in parallel; yields (item, answer or Failure) as they are ready. ``more`` says
        how many seconds an item may take beyond the limit, for what is long by nature."""
        todo = iter(items)
        running: dict[Future[JSON], Mapping[str, JSON]] = {}
        threads = ThreadPoolExecutor(self.processes, thread_name_prefix="describe")
        try:
            while True:
                # Two waiting for each worker keep it busy; more would only hold memory.
                while len(running) < 2 * self.processes and (item := next(todo, None)) is not None:
                    running[threads.submit(self._attempt, function, item, more(item))] = item
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    yield running.pop(future), future.result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    def _attempt(self, function: str, item: Mapping[str, JSON], more: float) -> JSON | Failure:
        try:
            return self._ask(function, item, more)
        except Failure as failure:
            return failure


class _Worker:
    """One worker process, started again after it had to be killed. The lock is held for the length of a call."""

    def __init__(self, limits: Limits, folder: Path | None = None) -> None:
        self._limits = limits
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._to = self._from = -1
        self._closed = False
        self._used = False  # whether this process has answered something
        self._lock = threading.RLock()

    def start(self) -> None:
        """Start the process unless it runs. Raises Failure when the pool has been closed."""
        with self._lock:
            if self._closed:
                raise Failure("stopped", "the pool has been closed")
            if self._process is not None:
                return
            self._scratch = (
                contextlib.nullcontext(str(self._folder))
                if self._folder
                else tempfile.TemporaryDirectory(prefix="shirushi-", ignore_cleanup_errors=True)
            )
            self._used = False
            folder = self._scratch.__enter__()
            requests, self._to = os.pipe()
            self._from, answers = os.pipe()
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
                    [sys.executable, "-P", "-m", "shirushi.describe.worker"]
                    + [
                        str(n)
                        for n in (requests, answers, self._limits.memory, self._limits.seconds, self._limits.file)
                    ],
                    pass_fds=(requests, answers),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=_environment(folder),
                    cwd="/",
                    start_new_session=True,  # Ctrl-C is for the parent, which then ends its workers
                )
            finally:
                os.close(requests)
                os.close(answers)

    def ask(self, request: bytes, seconds: float) -> JSON:
        """Send one request and wait ``seconds`` for its answer. A process that dies of a request, or has no memory left for it, after it
        answered others may have been worn by those: the request is then asked once more, of a new one. Raises Failure."""
        with self._lock:
            self.start()
            try:
                envelope = self._exchange(request, seconds)
                is_worn = envelope.get("failure", {}).get("code") == "out-of-memory"
            except Failure as failure:
                is_worn = failure.code == "crash"
                if not (is_worn and self._used) or self._closed:
                    raise
            if is_worn and self._used:
                self._stop()
                self.start()
                envelope = self._exchange(request, seconds)
            self._used = True
            if envelope.get("retire"):
                self._stop()
        if "failure" in envelope:
            raise Failure(str(envelope["failure"]["code"]), str(envelope["failure"]["message"]))
        return envelope["answer"]

    def _exchange(self, request: bytes, seconds: float) -> dict[str, JSON]:
        deadline = time.monotonic() + seconds
        try:
            send(self._to, request)
            envelope = json.loads(receive(self._from, deadline, self._limits.answer))
        except TimeoutError:
            self._stop(patience=0)
            raise Failure("timeout", f"not done after {seconds:g} seconds") from None
        except (EOFError, BrokenPipeError):
            raise self._crash() from None
        except OverflowError as error:
            self._stop(patience=0)
            raise Failure("too-much-evidence", str(error)) from None
        except (ValueError, RecursionError) as error:
            self._stop(patience=0)
            raise Failure("crash", f"the answer was not JSON: {error}") from None
        if not isinstance(envelope, dict) or not envelope.keys() & {"answer", "failure"}:
            self._stop(patience=0)
            raise Failure("crash", "the answer was not one")
        return envelope

    def close(self) -> None:
        """End the worker, also in the middle of a call, which then fails."""
        self._closed = True
        process = self._process
        if process is not None:
            _kill(process)
        with self._lock:  # whoever waits for an answer holds it, and has just been told that there will be none
            self._stop(patience=0)

    def _crash(self) -> Failure:
        status = self._stop()
        if status is not None and status < 0:
            with contextlib.suppress(ValueError):
                return Failure("crash", f"ended by {signal.Signals(-status).name}")
        return Failure("crash", f"ended with exit status {status}")

    def _stop(self, patience: float = 0.2) -> int | None:
        """End the process with everything it started; gives its exit status, if it ended by itself the one it chose.

        A worker that closed its pipe is just ending: ``patience`` in seconds is for learning how.
        """
        process, self._process = self._process, None
        if process is None:
            return None
        for descriptor in (self._to, self._from):
            os.close(descriptor)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=patience)
        _kill(process)
        status = process.wait()
        self._scratch.__exit__(None, None, None)
        return status


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and everything it started (it leads its own group)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _environment(scratch: str) -> dict[str, str]:
    """What a worker needs to import the same code as we do, and settings that keep libraries small and predictable."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TMPDIR": scratch,
        "PYTHONPATH": os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path if entry),
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
        # What was freed is kept for the next buffer: giving it back each time costs more than what is done with it.
        "MALLOC_MMAP_THRESHOLD_": str(4 * MIB),
        "MALLOC_TRIM_THRESHOLD_": str(16 * MIB),
        "HDF5_USE_FILE_LOCKING": "FALSE",
        "HDF5_PLUGIN_PRELOAD": "::",  # HDF5's own spelling of "load no filter plugins"
    }


def send(descriptor: int, frame: bytes) -> None:
    """Write one frame: its length, then its bytes."""
    data = memoryview(HEADER.pack(len(frame)) + frame)
    while data:
        data = data[os.write(descriptor, data) :]


def receive(descriptor: int, deadline: float, largest: int) -> bytes:
    """One frame. Raises TimeoutError, EOFError, or OverflowError for a frame longer than ``largest`` bytes."""
    (length,) = HEADER.unpack(_exactly(descriptor, HEADER.size, deadline))
    if length > largest:
        raise OverflowError(f"an answer of {length:,} bytes; the limit is {largest:,}")
    return _exactly(descriptor, length, deadline)


def _exactly(descriptor: int, length: int, deadline: float) -> bytes:
    data = bytearray()
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while len(data) < length:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(None if left == float("inf") else left * 1000):
            raise TimeoutError
        chunk = os.read(descriptor, min(length - len(data), MIB))
        if not chunk:
            raise EOFError
        data += chunk
    return bytes(data)
