"""py3langid's model, ready to be used at once.

It comes packed with xz: unpacking its 68 MB takes half a second and as much memory, in every worker that meets a text. So its
arrays are kept unpacked where Python keeps compiled modules (``__pycache__``), under the same terms: written by who needs it
first, thrown away when the source changes, done without where nothing may be written. From there they are mapped into memory, of
which all workers share the few pages that a text needs.
"""

import shutil
import sys
import tempfile
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

_NAME = "py3langid"


@cache
def identifier() -> Any:
    """The ``LanguageIdentifier``; one for the life of a worker. Imported late because it loads numpy."""
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

    source = MODEL_DIR / MODEL_FILE
    arrays = _kept(_folder(source))
    if arrays is None:
        from py3langid.modelio import load_model

        arrays = load_model(source)
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                _keep(_folder(source), arrays)
    weights, prior, classes, moves, rows, features = arrays
    return LanguageIdentifier(weights, prior, classes, moves, features, norm_probs=True, tk_row=rows)


def _folder(source: Path) -> Path:
    state = source.stat()
    return Path(cache_from_source(__file__)).parent / f"{_NAME}-{state.st_size}-{state.st_mtime_ns}"


def _kept(folder: Path) -> tuple[Any, ...] | None:
    """The arrays as ``py3langid.modelio.load_model`` gives them, or None where they are not kept."""
    import numpy as np

    try:
        weights, prior, classes, *tables = (np.load(folder / f"{i}.npy", mmap_mode="r") for i in range(6))
    except (OSError, ValueError):
        return None
    return weights, np.array(prior), classes.tolist(), *(memoryview(table) for table in tables)


def _keep(folder: Path, arrays: tuple[Any, ...]) -> None:
    """Raises OSError where nothing can be written."""
    import numpy as np

    folder.parent.mkdir(exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{_NAME}-", dir=folder.parent))
    try:
        for i, array in enumerate(arrays):
            np.save(made / f"{i}.npy", np.asarray(array))
        made.chmod(0o755)
        for old in folder.parent.glob(f"{_NAME}-*"):  # of another model, or damaged
            shutil.rmtree(old, ignore_errors=True)
        made.replace(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
