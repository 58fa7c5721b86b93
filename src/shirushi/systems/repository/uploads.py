"""Files sent by a form, under the names that they really have.

Django shortens names and drops from them what it finds unsafe, without a word. Here a name is taken as it was sent, and what
cannot be kept is refused with its reason, as REST does.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParser
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from shirushi.accounts.actors import Actor
from shirushi.core import services
from shirushi.core.errors import Invalid, TooLarge
from shirushi.core.models import Draft
from shirushi.core.paths import clean_path, shown
from shirushi.metadata.fields import Text2

View = Callable[..., HttpResponse]
# What browsers write for the characters that a header cannot hold (HTML, multipart/form-data encoding).
_ESCAPES = {"%0A": "\n", "%0D": "\r", "%22": '"'}


class _Parser(MultiPartParser):
    """Notes each name as it was sent, and calls the file by its number."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.names: list[str] = []

    def sanitize_file_name(self, file_name: str) -> str:
        for written, meant in _ESCAPES.items():
            file_name = file_name.replace(written, meant)
        self.names.append(file_name)
        return str(len(self.names) - 1)


def real_names(view: View) -> View:
    """For views that call :func:`sent_files`: has to stand outermost, before anything reads the form, the check of its CSRF token
    included."""
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def wrapper(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        def parse(meta: Any, post_data: Any) -> Any:
            parser = _Parser(meta, post_data, request.upload_handlers, request.encoding)
            parsed = parser.parse()
            request.upload_names = parser.names  # type: ignore[attr-defined]
            return parsed

        request.parse_file_upload = parse  # type: ignore[method-assign]
        return protected(request, *arguments, **options)

    return wrapper


@dataclass(slots=True)
class Sent:
    """What became of the files of a form: how many were ``added`` and which were ``replaced``, and why others were refused."""

    files: list[tuple[str, UploadedFile]] = field(default_factory=list)
    refused: list[Text2] = field(default_factory=list)
    added: int = 0
    replaced: list[str] = field(default_factory=list)


def sent_files(request: HttpRequest) -> Sent:
    """The files of the form whose names can be kept, in the ``folder`` that it names. Of several with one name none is taken:
    nobody knows which is meant."""
    sent = Sent()
    folder = request.POST.get("folder", "").strip(" /")
    for upload in request.FILES.getlist("files"):
        name = request.upload_names[int(upload.name or 0)]  # type: ignore[attr-defined]
        try:
            sent.files.append((clean_path(f"{folder}/{name}" if folder else name), upload))
        except Invalid as refused:
            sent.refused.append(refused.message)
    for name, number in Counter(name for name, _upload in sent.files).items():
        if number > 1:
            sent.refused.append(_several(name, number))
            sent.files = [(path, upload) for path, upload in sent.files if path != name]
    return sent


def keep(sent: Sent, *, draft: Draft, by: Actor) -> None:
    """Put them into the draft, and note what became of each. One that cannot be kept does not keep the others away.

    Raises:
        NotAllowed, Conflict: the draft may not be changed (any more).
    """
    there = dict(draft.files.values_list("path", "sha256"))
    for path, upload in sent.files:
        content: BinaryIO = upload.file
        try:
            file = services.put_file(draft=draft, path=path, content=content, by=by, size=upload.size)
        except (Invalid, TooLarge) as refused:
            sent.refused.append(refused.message)
            continue
        if path not in there:
            sent.added += 1
        elif there[path] != file.sha256:
            sent.replaced.append(path)


def _several(name: str, number: int) -> Text2:
    return Text2(
        f"{shown(name)}: {number} files have this name, so none of them was kept. Rename them and send them again.",
        f"{shown(name)}：同じ名前のファイルが {number} 個あるため、どれも保存していません。名前を変えて、もう一度送ってください。",
    )
