"""The ranking model of this installation: the shipped one until decisions here have taught a better one.

``models/ranking.json`` in the home holds what was learnt, ``models/withdrawn.json`` the methods whose suggestions nobody should
see any more. Both are small, readable, and may be deleted: then the shipped model is used and nothing is withdrawn.
"""

import json
import logging
import os
import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from shirushi.core.home import home
from shirushi.core.values import JSON
from shirushi.describe.rank import Model, default_model, model_from_json

logger = logging.getLogger(__name__)


def folder() -> Path:
    return home().root / "models"


def current_model() -> Model:
    """The model that describing uses here, without withdrawn methods. A damaged file is told of in the log, and the shipped
    model is used: describing goes on."""
    return replace(_learnt(*_stamp(folder() / "ranking.json")), withdrawn=withdrawn())


def withdrawn() -> frozenset[str]:
    return _withdrawn(*_stamp(folder() / "withdrawn.json"))


def _stamp(path: Path) -> tuple[Path, int]:
    try:
        return path, path.stat().st_mtime_ns
    except FileNotFoundError:
        return path, 0


@lru_cache(8)
def _learnt(path: Path, stamp: int) -> Model:
    if not stamp:
        return default_model()
    try:
        return model_from_json(json.loads(path.read_text("utf-8"))["model"])
    except (OSError, ValueError, KeyError, TypeError):
        logger.exception("The model in %s cannot be read; the shipped one is used. Delete it or train again.", path)
        return default_model()


@lru_cache(8)
def _withdrawn(path: Path, stamp: int) -> frozenset[str]:
    if not stamp:
        return frozenset()
    try:
        return frozenset(str(item["method"]) for item in json.loads(path.read_text("utf-8"))["withdrawn"])
    except (OSError, ValueError, KeyError, TypeError):
        logger.exception("%s cannot be read; nothing is withdrawn. Mend or delete it.", path)
        return frozenset()


def read(name: str) -> dict[str, JSON]:
    """What stands in ``models/<name>.json``, {} when there is none or it is damaged."""
    try:
        data = json.loads((folder() / f"{name}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def write(name: str, data: JSON) -> Path:
    """Put JSON at ``models/<name>.json``, whole or not at all."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder() / f"{name}.json"
    handle, scratch = tempfile.mkstemp(dir=folder(), prefix=f".{name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(data, stream, ensure_ascii=False, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        Path(scratch).replace(path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
    return path
