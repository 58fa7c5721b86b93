"""The inside of a worker process: ``python -m shirushi.describe.worker REQUESTS ANSWERS MEMORY SECONDS FILE``.

Before the first request it fences itself in: bounded memory, no core dumps, no network, no new processes, no writing but
in a scratch folder of its own.
The audit hook keeps honest libraries from doing what they were not asked to; the kernel's limits and the empty network
namespace are what holds against bytes that took the process over.
"""

import ctypes
import importlib
import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shirushi.describe.isolate import HEADER, MIB

MOST_FILES = 256  # open at once
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "os.kill",
    "pty.spawn",
)
_CHANGING = (
    "os.chmod",
    "os.chown",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.truncate",
)
_SCRATCH = os.environ.get("TMPDIR", "/nonexistent") + os.sep
# The one function that may start a program, and which: Git is asked for its history in Git's own words.
_MAY_START = {"shirushi.describe.readers.registry:read_history": "git"}
_programs: list[str] = []
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


def main(arguments: list[str]) -> None:
    requests, answers, memory = (int(value) for value in arguments[:3])
    seconds = float(arguments[3])
    fence(memory, int(arguments[4]))
    while (frame := _read_frame(requests)) is not None:
        # The parent kills what is late. Should the parent be gone, the default action of SIGALRM does.
        signal.setitimer(signal.ITIMER_REAL, _allowed(frame, seconds) + 5)
        answer = _answer(frame, memory)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _write_frame(answers, answer)


def _allowed(frame: bytes, usual: float) -> float:
    """The seconds that this request may take, as the parent says."""
    try:
        return max(usual, float(json.loads(frame)["seconds"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return usual


def fence(memory: int, file: int = 128 * MIB) -> None:
    """Give up what a reader does not need. ``memory`` in bytes is for private data; address space may be larger, since
    libraries reserve more than they use; ``file`` in bytes is the longest that may be written."""
    sys.setrecursionlimit(2000)
    limits = {
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": file,
        "RLIMIT_NOFILE": MOST_FILES,
        "RLIMIT_DATA": memory,
        "RLIMIT_AS": 4 * memory + 1024 * MIB,
    }
    for name, value in limits.items():
        if (limit := getattr(resource, name, None)) is not None:
            hard = resource.getrlimit(limit)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(limit, (value, value))
    _leave_network()
    sys.addaudithook(_audit)


def _leave_network() -> None:
    """Move into an empty network namespace where the system lets us (Linux; a container may forbid it)."""
    if not sys.platform.startswith("linux"):
        return
    unshare = getattr(ctypes.CDLL(None, use_errno=True), "unshare", None)
    if unshare is not None and unshare(_CLONE_NEWNET) != 0 and os.geteuid() != 0:
        unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN) and not (event == "subprocess.Popen" and arguments[0] in _programs):
        raise PermissionError(f"a reader may not do this: {event}")
    if event == "open":
        path, mode, flags = arguments
        writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        if writing and not _may_change(path):
            raise PermissionError(f"a reader may not write: {path!r} ({mode})")
    elif event in _CHANGING and not _may_change(arguments[0]):
        raise PermissionError(f"a reader may not do this: {event} {arguments[0]!r}")


def _may_change(path: object) -> bool:
    """A scratch folder of its own; compiled modules, so that the next start is quick; and the null device."""
    if isinstance(path, int):  # a file that is already open, so it has been asked about
        return True
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    return isinstance(path, str) and (
        (path + os.sep).startswith(_SCRATCH) or "__pycache__" in path or path == os.devnull
    )


def _answer(frame: bytes, memory: int) -> bytes:
    retire, request = False, {}
    try:
        request = json.loads(frame)
        program = shutil.which(_MAY_START.get(request["function"], ""))
        _programs[:] = [program] if program else []
        answer = _resolve(request["function"])(**request["arguments"])
        envelope = {"answer": list(answer) if isinstance(answer, Iterator) else answer}
        data = json.dumps(envelope, allow_nan=False).encode("ascii")
    except MemoryError:
        retire = True
        data = _failure("out-of-memory", f"more than {memory // MIB} MiB were needed")
    except Exception as error:  # noqa: BLE001 - a reader may raise whatever its library raises; it is reported, not hidden
        code = getattr(error, "code", None)
        message = getattr(error, "message", None)
        if not (isinstance(code, str) and isinstance(message, str)):
            code, message = _code_of(error), f"{type(error).__name__}: {error}"
        data = _failure(code, _without_places(message, request))
    if retire or _resident() > memory // 2 or _open_files() > MOST_FILES // 2:
        data = data[:-1] + b', "retire": true}'
    return data


def _without_places(message: str, request: dict[str, Any]) -> str:
    """What happened, without the folders of this machine: readers of pages are told it."""
    for place in _places(request.get("arguments")):
        message = message.replace(f"{Path(place).parent}{os.sep}", "")
    return message


def _places(value: Any) -> Iterator[str]:
    """The absolute paths among the arguments."""
    if isinstance(value, str):
        if value.startswith(os.sep):
            yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _places(inner)


def _code_of(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "unreadable"
    if isinstance(error, FileNotFoundError):
        return "vanished"
    if isinstance(error, RecursionError):
        return "too-deep"
    return "reader-missing" if isinstance(error, ImportError) else "reader-error"


def _failure(code: str, message: str) -> bytes:
    return json.dumps({"failure": {"code": code, "message": message[:1000]}}).encode("ascii")


def _resident() -> int:
    """Bytes of memory this process holds now; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as stream:  # noqa: PTH123 - called after every request
            return int(stream.read().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def _open_files() -> int:
    """How many descriptors are open: a library that forgets to close files must not use up the next reader's."""
    try:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - called after every request
    except OSError:
        return 0


def _resolve(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def _read_frame(descriptor: int) -> bytes | None:
    """The next request, or None when the parent closed the pipe."""
    header = _read(descriptor, HEADER.size)
    return None if header is None else _read(descriptor, HEADER.unpack(header)[0])


def _read(descriptor: int, length: int) -> bytes | None:
    data = b""
    while len(data) < length:
        chunk = os.read(descriptor, length - len(data))
        if not chunk:
            return None
        data += chunk
    return data


def _write_frame(descriptor: int, frame: bytes) -> None:
    data = memoryview(HEADER.pack(len(frame)) + frame)
    while data:
        data = data[os.write(descriptor, data) :]


if __name__ == "__main__":
    main(sys.argv[1:])
