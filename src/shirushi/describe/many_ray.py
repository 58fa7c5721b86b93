"""Describing many folders on a Ray cluster (extra ``ray``): tasks of one folder each, done again when a node dies under them.

The folders must be reachable under the same paths on every node, and this package installed there. Descriptions come back to whoever
asked, so the nodes need no place to write. Ray's own reports home are switched off.
"""

import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shirushi.describe.evidence import JSON
from shirushi.describe.isolate import Failure
from shirushi.describe.many import Options, Runner

ATTEMPTS = 4  # of a folder whose node or worker died, Ray's own included
FOR_EACH_CPU = 2  # tasks under way: enough to keep all busy, few enough to hold little

_runners: dict[str, Runner] = {}


def on_ray(folders: Iterator[str], options: Options, address: str) -> Iterator[tuple[str, JSON | Failure]]:
    """(folder, description as JSON or Failure) for each folder, from the cluster at ``address``; '' starts one on this machine.

    Raises:
        ImportError: Ray is not installed.
        ConnectionError: there is no cluster at this address.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    own = not ray.is_initialized()
    if own:
        paths = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path if entry)
        environment = {"env_vars": {"PYTHONPATH": paths, "RAY_USAGE_STATS_ENABLED": "0"}}
        ray.init(address=address or "local", include_dashboard=None if address else False, log_to_driver=False, logging_level=logging.ERROR, runtime_env=environment)  # fmt: skip
    try:
        yield from _run(ray, folders, options)
    finally:
        if own:
            ray.shutdown()


def _run(ray: Any, folders: Iterator[str], options: Options) -> Iterator[tuple[str, JSON | Failure]]:
    task = ray.remote(num_cpus=1, max_retries=ATTEMPTS - 1)(_describe)
    running: dict[Any, tuple[str, int]] = {}

    def submit(folder: str, attempt: int) -> None:
        running[task.remote(str(Path(folder).absolute()), asdict(options))] = (folder, attempt)

    try:
        while True:
            room = max(1, FOR_EACH_CPU * int(ray.cluster_resources().get("CPU", 1)))
            while len(running) < room and (folder := next(folders, None)) is not None:
                submit(folder, 1)
            if not running:
                return
            ready, _ = ray.wait(list(running), num_returns=1, timeout=5)
            for reference in ready:
                folder, attempt = running.pop(reference)
                try:
                    kind, answer = ray.get(reference)
                except ray.exceptions.RayError as error:
                    if attempt < ATTEMPTS:
                        submit(folder, attempt + 1)
                    else:
                        yield folder, Failure("crash", f"{type(error).__name__}: {error}"[:500])
                    continue
                yield folder, Failure(*answer) if kind == "failure" else answer
    finally:
        for reference in running:
            ray.cancel(reference, force=True)


def _describe(folder: str, options: dict[str, Any]) -> tuple[str, Any]:
    """Inside a Ray worker: it keeps one process that describes, for all folders that come to it."""
    key = repr(sorted(options.items(), key=str))
    if key not in _runners:
        for runner in _runners.values():
            runner.close()
        _runners.clear()
        _runners[key] = Runner(Options(**options))
    answer = _runners[key].attempt(folder)
    return ("failure", (answer.code, answer.message)) if isinstance(answer, Failure) else ("answer", answer)
