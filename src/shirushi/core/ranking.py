"""The ranking model of this installation, in ``models/`` of its home (see :mod:`shirushi.describe.installed`)."""

import json
import os
import tempfile
from pathlib import Path

from shirushi.core.home import home
from shirushi.core.values import JSON
from shirushi.describe.installed import model_in, withdrawn_in
from shirushi.describe.rank import Model


def folder() -> Path:
    return home().root / "models"


def current_model() -> Model:
    """The model that describing uses here, without withdrawn methods."""
    return model_in(folder())


def withdrawn() -> frozenset[str]:
    return withdrawn_in(folder())


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
