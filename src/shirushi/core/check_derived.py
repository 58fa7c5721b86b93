"""Whether the derived files of published records are there and whole. Nothing is lost with one: it is made again from the original."""

from collections.abc import Callable, Iterator

from shirushi.core.check import Finding, Found
from shirushi.core.home import derived
from shirushi.core.models import DerivedFile, Record
from shirushi.core.paths import shown
from shirushi.core.services import deriving
from shirushi.metadata.fields import Text2

_AGAIN = Text2(
    "Make it again: shirushi check --repair", "shirushi check --repair を実行すると、元のファイルから作り直します。"
)


def look_at_derived(*, deep: bool) -> Iterator[Found]:
    """Each derived file: its bytes are there, and with ``deep`` they are those that were made. Mending makes it again."""
    files = DerivedFile.objects.filter(record__withdrawn_at=None).order_by("record_id", "path")
    for file in files.select_related("record").defer("record__document", "record__metadata").iterator(chunk_size=500):
        where = f"record {file.record_id} {shown(file.path)}"
        size = derived().size(file.sha256)
        if size is None:
            words = Text2("This derived file is gone.", "派生ファイルがありません。")
            yield Finding("derived-missing", "error", where, words, _AGAIN), _making(file)
        elif size != file.size or (deep and not derived().sound(file.sha256)):
            words = Text2("The bytes of this derived file have changed.", "派生ファイルの内容が変わっています。")
            yield Finding("derived-damaged", "error", where, words, _AGAIN), _making(file)


def _making(file: DerivedFile) -> Callable[[], object]:
    def make() -> None:
        if derived().size(file.sha256) is not None and not derived().sound(file.sha256):
            derived().remove(file.sha256)
        if derived().size(file.sha256) is None:  # another one that was mended may have had the same bytes
            deriving.derive_record(Record.objects.get(pk=file.record_id))

    return make
