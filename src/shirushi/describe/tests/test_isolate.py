"""Workers are bounded: what goes wrong in one is a Failure with a code, and the next call works."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shirushi.describe.isolate import MIB, Failure, Limits, Pool

MISBEHAVING = """
import ctypes, os, socket, subprocess, sys, time

def double(number):
    return 2 * number

def count(to):
    yield from range(to)

def names(**arguments):
    return sorted(arguments)

def hang():
    while True:
        time.sleep(1)

def leave():
    os._exit(3)

def segfault():
    ctypes.string_at(0)

def devour():
    hoard = []
    while True:
        hoard.append(bytearray(1 << 20))

def complain():
    raise ValueError("no such thing")

def recurse():
    return recurse()

def flood():
    return "x" * (3 << 20)

def not_a_number():
    return float("nan")

def talk():
    print("noise on standard output", flush=True)
    os.write(1, b"more noise")
    return sys.stdin.read()

def connect():
    socket.create_connection(("127.0.0.1", 9))

def run():
    subprocess.run(["true"])

def write(path):
    with open(path, "w") as stream:
        stream.write("x")

def read(request):
    return open(request["path"]).read()

def once(way):
    if not hasattr(once, "done"):
        once.done = True
        return "fine"
    leave() if way == "leave" else devour()

def scratch():
    import tempfile
    with tempfile.NamedTemporaryFile() as stream:
        stream.write(b"x")
        return stream.name

def environment():
    return dict(os.environ)

def leak():
    leak.kept = getattr(leak, "kept", []) + [open("/dev/null") for _ in range(200)]
    return os.getpid()

def pid():
    return os.getpid()
"""
LIMITS = Limits(seconds=2, memory=256 * MIB, answer=2 * MIB)


@pytest.fixture(scope="module")
def misbehaving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("code")
    (folder / "misbehaving.py").write_text(MISBEHAVING)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield "misbehaving"


@pytest.fixture(scope="module")
def pool(misbehaving: str) -> Iterator[Pool]:
    with Pool(1, limits=LIMITS) as pool:
        yield pool


def test_call_gives_what_the_function_returns(pool: Pool) -> None:
    assert pool.call("misbehaving:double", number=21) == 42


def test_call_makes_a_list_of_what_a_generator_yields(pool: Pool) -> None:
    assert pool.call("misbehaving:count", to=3) == [0, 1, 2]


def test_call_passes_any_name_of_an_argument(pool: Pool) -> None:
    assert pool.call("misbehaving:names", function=1, self=2, seconds=3) == ["function", "seconds", "self"]


@pytest.mark.parametrize(
    ("function", "code", "message"),
    [
        ("hang", "timeout", "not done after 2 seconds"),
        ("leave", "crash", "ended with exit status 3"),
        ("segfault", "crash", "ended by SIGSEGV"),
        ("devour", "out-of-memory", "more than 256 MiB were needed"),
        ("complain", "reader-error", "ValueError: no such thing"),
        ("recurse", "too-deep", "RecursionError: maximum recursion depth exceeded"),
        ("flood", "too-much-evidence", "an answer of 3,145,742 bytes; the limit is 2,097,152"),
        ("not_a_number", "reader-error", "ValueError: Out of range float values are not JSON compliant"),
        ("connect", "unreadable", "PermissionError: a reader may not do this: socket.getaddrinfo"),
        ("run", "unreadable", "PermissionError: a reader may not do this: subprocess.Popen"),
        ("absent", "reader-error", "AttributeError: module 'misbehaving' has no attribute 'absent'"),
    ],
)
def test_call_of_what_misbehaves_is_a_failure_and_the_next_works(
    pool: Pool, function: str, code: str, message: str
) -> None:
    with pytest.raises(Failure) as failure:
        pool.call(f"misbehaving:{function}")
    assert failure.value.code == code
    assert failure.value.message.startswith(message)
    assert pool.call("misbehaving:double", number=1) == 2


@pytest.mark.parametrize("way", ["leave", "devour"])
def test_healthy_call_is_not_blamed_for_what_went_before(misbehaving: str, way: str) -> None:
    with Pool(1, limits=LIMITS) as pool:
        assert pool.call("misbehaving:once", way=way) == "fine"  # the first call of a process
        assert pool.call("misbehaving:once", way=way) == "fine"  # of a worn one it dies, of a new one it does not
        with pytest.raises(Failure) as failure:
            pool.call("misbehaving:leave")
        assert failure.value.code == "crash"


def test_failure_names_no_folder_of_this_machine(pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(Failure) as failure:
        pool.call("misbehaving:read", request={"path": str(tmp_path / "nothing.csv")})
    assert failure.value.message == "FileNotFoundError: [Errno 2] No such file or directory: 'nothing.csv'"


def test_worker_may_not_write_outside_its_scratch_folder(pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="a reader may not write"):
        pool.call("misbehaving:write", path=str(tmp_path / "new"))
    assert list(tmp_path.iterdir()) == []


def test_scratch_folder_is_gone_after_the_pool_is_closed(misbehaving: str) -> None:
    with Pool(1, limits=LIMITS) as pool:
        folder = Path(pool.call(f"{misbehaving}:scratch")).parent
        assert folder.is_dir()
    assert not folder.exists()


def test_worker_knows_nothing_of_our_environment(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIRUSHI_SECRET_KEY", "secret")
    seen = pool.call("misbehaving:environment")
    assert "secret" not in json.dumps(seen)
    assert "HOME" not in seen


def test_noise_on_standard_output_does_not_disturb_the_answer(pool: Pool) -> None:
    assert pool.call("misbehaving:talk") == ""


def test_worker_that_keeps_files_open_is_replaced(pool: Pool) -> None:
    first = pool.call("misbehaving:leak")
    assert pool.call("misbehaving:pid") != first


def test_map_yields_every_item_with_its_answer(misbehaving: str) -> None:
    with Pool(2, limits=LIMITS) as pool:
        answers = pool.map(f"{misbehaving}:double", ({"number": n} for n in range(50)))
        assert sorted((item["number"], answer) for item, answer in answers) == [(n, 2 * n) for n in range(50)]


def test_map_yields_a_failure_for_the_item_that_failed(misbehaving: str) -> None:
    items = [{"number": 1}, {"nothing": 1}, {"number": 3}]
    with Pool(2, limits=LIMITS) as pool:
        answers = {json.dumps(item): answer for item, answer in pool.map(f"{misbehaving}:double", items)}
    assert answers['{"number": 1}'] == 2
    assert answers['{"number": 3}'] == 6
    assert answers['{"nothing": 1}'].code == "reader-error"


def test_map_takes_no_more_items_than_it_can_use(misbehaving: str) -> None:
    taken = []

    def items() -> Iterator[dict[str, int]]:
        for number in range(1000):
            taken.append(number)
            yield {"number": number}

    with Pool(1, limits=LIMITS) as pool:
        next(pool.map(f"{misbehaving}:double", items()))
        assert len(taken) <= 4


def test_calls_from_many_threads_get_their_own_answers(pool: Pool) -> None:
    answers: dict[int, int] = {}

    def ask(number: int) -> None:
        answers[number] = pool.call("misbehaving:double", number=number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: 2 * number for number in range(20)}


def test_leaving_the_pool_ends_a_worker_that_hangs_at_once(misbehaving: str) -> None:
    started = time.monotonic()
    with Pool(1, limits=Limits(seconds=60)) as pool:
        failures: list[Failure] = []

        def hang() -> None:
            try:
                pool.call(f"{misbehaving}:hang")
            except Failure as failure:
                failures.append(failure)

        thread = threading.Thread(target=hang)
        thread.start()
        time.sleep(0.5)
    thread.join(timeout=5)
    assert [failure.code for failure in failures] == ["crash"]
    assert time.monotonic() - started < 10


def test_call_after_closing_is_refused(misbehaving: str) -> None:
    with Pool(1, limits=LIMITS) as pool:
        pass
    with pytest.raises(Failure, match="the pool has been closed"):
        pool._workers[0].ask(b"{}", 1.0)
