"""Starts a PostgreSQL server of its own in a temporary folder, runs a command against it, and ends it.

    scripts/postgres.py .venv/bin/python -m pytest src/shirushi/core

The command finds the server's address (a connection URI, over a Unix socket in a folder that only the server's account may enter) in
TEST_POSTGRES. The programs are those of the folder in PGBIN, else the newest that are installed here (PATH, /usr/lib/postgresql,
/usr/pgsql-*), else those of the pinned wheel that ``make postgres`` puts into .cache/postgres. Where there are none, it says so and
ends with 0. ``--look`` alone tells by its exit code whether there are some; ``--safe`` first writes as in production.

PostgreSQL does not run as root: there the server runs as ``postgres`` or ``nobody``, in a folder of theirs.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
# Tests kill processes, not machines. --safe writes as in production: for what is measured or killed for long.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
USUAL = ("listen_addresses=", "max_connections=200", "log_min_messages=fatal", "shared_buffers=64MB")


def programs() -> Path | None:
    """The folder that holds ``initdb`` and ``postgres``; the newest where there are several."""
    if os.environ.get("PGBIN"):
        return Path(os.environ["PGBIN"])
    places = [
        *(Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part),
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/usr").glob("pgsql-*/bin"),
    ]
    whole = [place for place in places if (place / "initdb").exists() and (place / "postgres").exists()]
    if whole:
        return max(whole, key=_version)
    return next(iter((HERE / ".cache" / "postgres").glob("lib/python*/site-packages/*/pginstall/bin")), None)


def _version(place: Path) -> int:
    told = subprocess.run([place / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)", told)
    return int(found[1]) if found else 0


@contextlib.contextmanager
def server(bin_folder: Path, *, safe: bool = False) -> Iterator[str]:
    """A server while the context lasts; gives the address of its database ``postgres``."""
    folder = Path(tempfile.mkdtemp(prefix="shirushi-pg-", dir="/tmp"))  # a socket's path has at most 107 bytes
    as_user = _other_than_root()
    try:
        if as_user is not None:
            os.chown(folder, as_user.pw_uid, as_user.pw_gid)
        with _running(bin_folder, folder, as_user, safe=safe):
            yield f"postgresql:///postgres?host={folder}&user=shirushi"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _running(bin_folder: Path, folder: Path, as_user: pwd.struct_passwd | None, *, safe: bool) -> Iterator[None]:
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    who = {"user": as_user.pw_uid, "group": as_user.pw_gid, "extra_groups": []} if as_user is not None else {}
    data = folder / "data"
    words = [
        bin_folder / "initdb",
        "-D",
        data,
        "-U",
        "shirushi",
        "-A",
        "trust",
        "-E",
        "UTF8",
        *([] if safe else ["-N"]),
    ]
    # Sorted as English is, where that can be had, so that what must not depend on it is seen not to.
    for locale in (("--locale-provider=icu", "--icu-locale=en-US"), ()):
        shutil.rmtree(data, ignore_errors=True)
        made = subprocess.run(
            [*words, *locale], env=environment, cwd=folder, capture_output=True, text=True, check=False, **who
        )
        if not made.returncode:
            break
    else:
        raise SystemExit(f"initdb failed:\n{made.stdout}{made.stderr}")
    options = [f"unix_socket_directories={folder}", *USUAL, *(() if safe else FAST)]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [bin_folder / "postgres", "-D", data, *(word for option in options for word in ("-c", option))],
        env=environment, cwd=folder, stdout=log, stderr=log, start_new_session=True, **who,
    )  # fmt: skip
    try:
        _wait(process, folder)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # fast: sessions are ended, not waited for
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def _wait(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    import psycopg

    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(f"postgresql:///postgres?host={folder}&user=shirushi").close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"PostgreSQL did not start:\n{(folder / 'log').read_text('utf-8')}") from error
            time.sleep(0.1)
        else:
            return


def _other_than_root() -> pwd.struct_passwd | None:
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise SystemExit("PostgreSQL does not run as root, and there is no other account here.")


def main() -> int:
    command = sys.argv[1:]
    found = programs()
    if command == ["--look"]:
        return 0 if found is not None else 1
    safe = command[:1] == ["--safe"]
    command = command[1:] if safe else command
    if found is None:
        print(
            "\nSKIPPED LOUDLY: PostgreSQL is not here, so nothing was tested with it (apt-get install postgresql, or make postgres).\n",
            file=sys.stderr,
        )
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the server is ended then too
    with server(found, safe=safe) as address:
        process = subprocess.Popen(command, env={**os.environ, "TEST_POSTGRES": address})
        try:
            return process.wait()
        except KeyboardInterrupt:  # the terminal has told the command as well
            return process.wait()
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
