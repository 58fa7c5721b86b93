"""``shirushi run``: the web server and one worker for background jobs, started and stopped together."""

import argparse
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from shirushi.cli import CommandError
from shirushi.cli.instance import open_instance

THREADS = (
    40  # requests at the same time; made as they are needed. Each waits for the disk or the client most of its time
)
logger = logging.getLogger(__name__)
STOPPING = (signal.SIGINT, signal.SIGTERM)
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM. Requests under way are finished; jobs under way are taken up again at the next start."""
    if arguments.demo and arguments.host not in LOOPBACK:
        raise CommandError(
            "--demo opens an account with a known password: use it on 127.0.0.1 only, or leave --demo out."
        )
    refuse_taken_port(arguments.host, arguments.port)
    os.environ.setdefault("SHIRUSHI_BASE_URL", address_of(arguments).rstrip("/"))
    if arguments.demo:
        os.environ["SHIRUSHI_DEMO"] = "yes"
    open_instance()
    if arguments.demo:
        from shirushi.cli.demo import load

        load()
    served = threading.Event()
    with job_worker(served):
        start_deaf(threading.Thread(target=announce, args=(arguments, served), daemon=True))
        serve(arguments.host, arguments.port)
    say("Stopped.")
    return 0


def serve_for_good(arguments: argparse.Namespace) -> int:
    """As a service: with the public address that identifiers lead to, and without what is for trying out. SIGTERM lets requests under
    way come to their end."""
    if not os.environ.get("SHIRUSHI_BASE_URL"):
        raise CommandError(
            "Set SHIRUSHI_BASE_URL to the public address, like https://data.example.ac.jp: identifiers lead there."
        )
    for name in ("SHIRUSHI_DEMO", "SHIRUSHI_DEBUG"):
        if os.environ.get(name, "").strip().lower() in ("1", "yes", "true", "on"):
            raise CommandError(f"{name} is set: it is for trying out, not for a service. Take it out of the settings.")
    refuse_taken_port(arguments.host, arguments.port)
    open_instance()
    served = threading.Event()
    with contextlib.nullcontext() if arguments.without_worker else job_worker(served):
        start_deaf(threading.Thread(target=announce, args=(arguments, served), daemon=True))
        serve(arguments.host, arguments.port)
    say("Stopped.")
    return 0


def worker(_: argparse.Namespace) -> int:
    """Work on background jobs until told to stop, or until the process that started this one is gone."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)  # the thread that started this process takes none
    open_instance()
    logging.getLogger("django_tasks").setLevel(logging.WARNING)  # two lines for every job, on the screen of `make run`
    end_with_parent()
    from shirushi.core.jobs import work

    stop = threading.Event()
    for signum in STOPPING:
        signal.signal(signum, lambda *_: stop.set())
    work(stop)
    return 0


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"port {port} on {host} cannot be used ({error.strerror}). Stop what uses it, or choose another: make run PORT=8123"
            ) from error


def serve(host: str, port: int) -> None:
    """Granian in WSGI mode: one process, threads for requests; SQLite has one writer anyway. Slow clients: cli/patience.py."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    refuse_taken_port(host, port)  # again: it shares its port with whoever asks for that, and making ready took a while
    os.environ |= {"SHIRUSHI_PARENT": str(os.getpid()), "SHIRUSHI_PORT": str(port)}
    Granian(
        "shirushi.cli.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        backlog=1024,
        log_level=LogLevels.error,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve()


@contextlib.contextmanager
def job_worker(served: threading.Event) -> Iterator[None]:
    """A worker process beside the server; started again when it dies, told to finish when the server ends. It starts when the
    server answers, so that the two do not hold each other up."""
    environment = {**os.environ, "SHIRUSHI_PARENT": str(os.getpid())}
    command = [sys.executable, "-m", "shirushi.cli", "worker"]
    stopping = threading.Event()
    starting = threading.Lock()  # so that none is started once we are stopping
    current: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes] | None:
        with starting:
            if stopping.is_set():
                return None
            # A session of its own: Ctrl-C reaches the server first, which then asks the worker to finish its job.
            process = subprocess.Popen(command, env=environment, start_new_session=True, stdin=subprocess.DEVNULL)  # noqa: S603
            current[:] = [process]
            return process

    def keep_running() -> None:
        served.wait()
        while process := start():
            process.wait()
            stopping.wait(1)

    keeper = threading.Thread(target=keep_running, daemon=True)
    start_deaf(keeper)
    try:
        yield
    finally:
        with starting:
            stopping.set()
        served.set()
        for process in current:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
        keeper.join(timeout=5)


def start_deaf(thread: threading.Thread) -> None:
    """Start a thread that takes no signal to stop. One that the kernel gives to another thread than the main one is kept by
    Python until the main thread runs again, and that waits for the signal."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        thread.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def address_of(arguments: argparse.Namespace) -> str:
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    return f"http://{host}:{arguments.port}/"


def announce(arguments: argparse.Namespace, served: threading.Event) -> None:
    """Say where the server is, once it answers, and set ``served``."""
    address = f"{address_of(arguments)}health"
    while not served.is_set():
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own address
                served.set()
        except urllib.error.HTTPError:
            served.set()
        except OSError:
            time.sleep(0.05)
    lines = [f"shirushi is at {address_of(arguments)}   (Ctrl-C stops it)"]
    if getattr(arguments, "demo", False):
        from shirushi.cli.demo import EMAIL, PASSWORD

        lines.append(f"sign in as {EMAIL} with the password {PASSWORD}")
    say(*lines, f"data: {os.environ['SHIRUSHI_HOME']}")


def say(*lines: str) -> None:
    """For the person at the screen; in the log where that is for programs, which could not read it otherwise."""
    if os.environ.get("SHIRUSHI_LOG_FORMAT") == "json":
        for line in lines:
            logger.info(line)
    else:
        print("", *(f"  {line}" for line in lines), sep="\n", flush=True)


def end_with_parent() -> None:
    """End this process when the one in SHIRUSHI_PARENT is gone, so that ``kill -9`` of ``shirushi run`` leaves nothing behind."""
    parent = int(os.environ.get("SHIRUSHI_PARENT") or 0)
    if not parent:
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(3)

    threading.Thread(target=watch, daemon=True).start()
