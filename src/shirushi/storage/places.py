"""The two stores in the place that one setting names: folders of this machine, or a bucket."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shirushi.storage.blobs import Blobs, BlobStore
from shirushi.storage.ocfl import Store

if TYPE_CHECKING:
    from shirushi.storage.fetched import Fetched
    from shirushi.storage.s3 import Bucket

CACHE_SIZE = 10 << 30  # bytes of copies kept on this machine of what lies in a bucket


@dataclass(frozen=True, slots=True)
class Place:
    """Where bytes are kept: in ``folder``; or at ``url`` (``s3://bucket/prefix``), and then ``folder`` holds locks and copies,
    the latter of at most ``cache_size`` bytes or little more."""

    folder: Path
    url: str = ""
    cache_size: int = CACHE_SIZE

    def blobs(self) -> Blobs:
        if not self.url:
            return BlobStore(self.folder / "blobs")
        from shirushi.storage.s3_blobs import S3BlobStore  # its client need not be installed

        bucket, fetched = self._bucket()
        return S3BlobStore(bucket, fetched)

    def derived(self) -> Blobs:
        """Blobs of their own, apart from all that must be kept."""
        if not self.url:
            return BlobStore(self.folder / "derived" / "files")
        from shirushi.storage.fetched import Fetched
        from shirushi.storage.s3 import Bucket
        from shirushi.storage.s3_blobs import S3BlobStore

        fetched = Fetched(self.folder / "derived" / "fetched", self.cache_size)
        return S3BlobStore(Bucket(f"{self.url.rstrip('/')}/derived"), fetched)

    def store(self) -> Store:
        if not self.url:
            return Store(self.folder / "store")
        from shirushi.storage.s3_files import S3Files

        bucket, fetched = self._bucket()
        return Store(S3Files(bucket, fetched, self.folder / "locks" / "store"))

    def answers(self) -> bool:
        """Whether what is kept there can be asked for just now. A bucket is asked, and given two seconds for it."""
        return self._bucket()[0].answers() if self.url else self.folder.is_dir()

    def _bucket(self) -> "tuple[Bucket, Fetched]":
        from shirushi.storage.fetched import Fetched
        from shirushi.storage.s3 import Bucket

        return Bucket(self.url), Fetched(self.folder / "fetched", self.cache_size)
