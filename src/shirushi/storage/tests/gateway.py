"""A real S3 server for tests, which can be killed and started again: Versity's gateway over a folder (scripts/s3.sh builds it).

It keeps an object as a plain file with the key for its path, so that a test can look at, and spoil, what is stored.
"""

import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from shirushi.storage import Blobs, Store
from shirushi.storage.places import Place

PROGRAM = Path(__file__).resolve().parents[4] / ".cache" / "s3" / "versitygw"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-secret", "AWS_REGION": "us-east-1"}
BUCKET = "kept"


class Gateway:
    """The server, at a port of its own for all its lives."""

    def __init__(self, folder: Path) -> None:
        if not PROGRAM.exists():
            pytest.skip("SKIPPED LOUDLY: the S3 server is not built (make s3, which needs Go)")
        self.folder = folder
        self.bucket = folder / "data" / BUCKET
        self.bucket.mkdir(parents=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def environment(self) -> dict[str, str]:
        return {**KEYS, "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{self.port}"}

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                PROGRAM,
                "--port",
                f"127.0.0.1:{self.port}",
                "--quiet",
                "--keep-alive",
                "posix",
                str(self.folder / "data"),
            ],
            env={
                **os.environ,
                "ROOT_ACCESS_KEY": KEYS["AWS_ACCESS_KEY_ID"],
                "ROOT_SECRET_KEY": KEYS["AWS_SECRET_ACCESS_KEY"],
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("the S3 server did not come up")

    def kill(self) -> None:
        """As the power would: with whatever it is at just now."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """It takes connections and says nothing, as a machine that hangs."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def on_disk(self, url: str) -> Path:
        """Where the server keeps what has keys below ``url``."""
        return self.folder / "data" / url.removeprefix("s3://")


@dataclass(frozen=True, slots=True)
class Both:
    """The two stores of one place, and where on this machine's disk they end up: ``store`` and ``blobs``, beside ``aside``."""

    store: Store
    blobs: Blobs
    disk: Path
    place: Place
