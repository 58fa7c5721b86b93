"""The ranking of an installation: what its decisions taught and which methods it withdrew, from the files of one folder.

``ranking.json`` holds what was learnt, ``withdrawn.json`` the methods whose suggestions nobody should see any more. Both are small,
readable, and may be deleted: then the shipped model is used and nothing is withdrawn.
"""

import json
import logging
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from shirushi.describe.rank import Model, default_model, model_from_json

logger = logging.getLogger(__name__)


def model_in(folder: Path) -> Model:
    """The model that describing uses for the installation whose files lie in ``folder``. A damaged file is told of in the log, and
    the shipped model is used: describing goes on."""
    return replace(_learnt(*_stamp(folder / "ranking.json")), withdrawn=withdrawn_in(folder))


def withdrawn_in(folder: Path) -> frozenset[str]:
    return _withdrawn(*_stamp(folder / "withdrawn.json"))


def model_of(file: Path) -> Model:
    """The model in a file that ``shirushi train`` wrote.

    Raises:
        OSError: it cannot be read.
        ValueError: it holds no model.
    """
    data = json.loads(file.read_text("utf-8"))
    try:
        return model_from_json(data.get("model", data))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file} holds no ranking model") from error


def _stamp(path: Path) -> tuple[Path, int]:
    try:
        return path, path.stat().st_mtime_ns
    except (FileNotFoundError, NotADirectoryError):
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
