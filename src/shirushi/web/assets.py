"""Static files under names that hold a digest of their content, with no build or collect step.

``app.css`` is served as ``app.<digest>.css`` for ever, and under its plain name for a minute. Digests are taken when the
server starts; with ``SHIRUSHI_DEBUG`` plain names are used and a change shows on the next reload. Our style sheets
name no other files, so nothing inside them has to be rewritten.
"""

import hashlib
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.middleware import WhiteNoiseMiddleware


@cache
def hashed_name(name: str) -> str:
    """``shirushi/app.css`` -> ``shirushi/app.1f0c4a2b9d3e.css``.

    Raises:
        ValueError: when there is no such static file, so that a misspelt name fails in the tests and not in a browser.
    """
    found = finders.find(name)
    if not found:
        raise ValueError(f"no static file {name!r}: look in the static/ folders of the apps")
    digest = hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12]
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}.{digest}{path.suffix}"))


class HashedStorage(StaticFilesStorage):
    """Gives each static file its address."""

    def url(self, name: str | None) -> str:
        return super().url(name if settings.DEBUG or name is None else hashed_name(name))


class Assets(WhiteNoiseMiddleware):
    """Serves static files from where they lie in the packages, under plain and hashed names. They are looked for once in a process:
    every client of Django's for tests makes this anew."""

    _found: ClassVar[dict[str, Any]] = {}

    def __init__(self, get_response: object = None) -> None:
        super().__init__(get_response)
        self.use_finders = True
        if not self.autorefresh:
            self.add_files_from_finders()

    def add_files_from_finders(self) -> None:
        if Assets._found:
            self.files = Assets._found
            return
        super().add_files_from_finders()
        for url in list(self.files):
            name = url.removeprefix(self.static_prefix)
            path = finders.find(name)
            if path:
                self.add_file_to_dictionary(self.static_prefix + hashed_name(name), path)
        Assets._found = self.files

    def immutable_file_test(self, path: str, url: str) -> bool:
        name = PurePosixPath(url.removeprefix(self.static_prefix))
        plain = PurePosixPath(name.stem).stem + name.suffix
        found = finders.find(str(name.with_name(plain)))
        return bool(found) and hashed_name(str(name.with_name(plain))) == str(name)
