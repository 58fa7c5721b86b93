"""A bucket of an S3-compatible object store, reduced to what a store of bytes needs, every write compared with what arrived.

Keys and endpoint come from the environment as everywhere (``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``,
``AWS_ENDPOINT_URL_S3`` or ``AWS_ENDPOINT_URL``, ``AWS_REGION``). What the server must be able to do is in this folder's README.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/.
"""

import base64
import hashlib
import io
import logging
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from shirushi.storage.errors import StorageError, StoreDamaged, StoreFull, StoreReadOnly, StoreUnreachable
from shirushi.storage.files import CHUNK
from shirushi.storage.patience import is_hurried

_T = TypeVar("_T")
PART = 8 << 20  # bytes of one part of a large upload
_WHOLE = 4 * PART  # bytes up to which a file is sent in one request
_COPY = 1 << 30  # bytes copied by one request; S3 allows 5 GiB
THREADS = 8  # requests at once
_AGAIN = 2  # times that a file is sent again of which something else arrived
_PATIENCE = 6  # times that a reading that broke off is taken up again


class Taken(Exception):
    """There is something at the key already, or something else than was seen before."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the server says of an object; ``age`` in seconds by its own clock."""

    size: int
    etag: str
    age: float


@dataclass(frozen=True, slots=True)
class Listed:
    """One object of a listing."""

    key: str
    size: int


class Bucket:
    """``s3://bucket/prefix``. Keys are relative to the prefix. Safe for threads and forks."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.name, _, prefix = self.url.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix}/" if prefix else ""

    # -- reading

    def get(self, key: str) -> tuple[bytes, str]:
        """All bytes of an object and its ETag. Raises FileNotFoundError."""
        with self._told():
            answer = self._client.get_object(Bucket=self.name, Key=self._prefix + key)
            size = answer["ContentLength"]
        data = b"".join(self.stream(key, 0, size, answer))
        return data, answer.get("ETag", "")

    def stream(self, key: str, start: int, end: int, answer: Any = None) -> Iterator[bytes]:
        """The bytes from ``start`` up to ``end``, some at a time. Goes on where it was when the connection breaks, provided
        that the object is the same. Raises FileNotFoundError."""
        tries, etag = 0, answer.get("ETag") if answer else None
        while start < end:
            try:
                with self._told():
                    if answer is None:
                        same = {"IfMatch": etag} if etag else {}
                        span = f"bytes={start}-{end - 1}"
                        answer = self._client.get_object(Bucket=self.name, Key=self._prefix + key, Range=span, **same)
                        etag = answer.get("ETag")
                    chunk = answer["Body"].read(min(CHUNK, end - start))
                    if not chunk:
                        raise StoreUnreachable(*_unreachable(self.url, "it broke off"), where=self.url)
            except StoreUnreachable:
                tries, answer = tries + 1, None
                if is_hurried() or tries > _PATIENCE:
                    raise
                time.sleep(min(5.0, 0.2 * 2**tries))
                continue
            except Taken:
                raise StoreDamaged(*_changed(key), where=key) from None
            start += len(chunk)
            yield chunk

    def head(self, key: str) -> Head | None:
        """What is known of an object, or None where there is none."""
        try:
            with self._told():
                answer = self._client.head_object(Bucket=self.name, Key=self._prefix + key)
        except FileNotFoundError:
            return None
        return Head(answer["ContentLength"], answer.get("ETag", ""), _age(answer))

    def folder(self, path: str) -> tuple[list[str], list[str]]:
        """Names of the objects and of the folders directly below ``path``. A key that ends with "/" is an empty folder."""
        prefix = self._prefix + (f"{path}/" if path else "")
        files: list[str] = []
        folders: list[str] = []
        for page in self._pages("list_objects_v2", Prefix=prefix, Delimiter="/"):
            files += [name for item in page.get("Contents", ()) if (name := item["Key"][len(prefix) :])]
            folders += [item["Prefix"][len(prefix) : -1] for item in page.get("CommonPrefixes", ())]
        return files, folders

    def answers(self) -> bool:
        """Whether the server answers for this bucket within two seconds; it is not asked again."""
        try:
            with self._told():
                _client_of(os.getpid(), _endpoint(), "once").list_objects_v2(Bucket=self.name, MaxKeys=1)
        except (StorageError, FileNotFoundError):
            return False
        return True

    def any(self, prefix: str) -> bool:
        with self._told():
            answer = self._client.list_objects_v2(Bucket=self.name, Prefix=self._prefix + prefix, MaxKeys=1)
        return bool(answer.get("Contents"))

    def keys(self, prefix: str, *, after: str = "") -> Iterator[Listed]:
        """Every object whose key begins so, in the order of keys, those up to ``after`` left out."""
        more = {"StartAfter": self._prefix + after} if after else {}
        for page in self._pages("list_objects_v2", Prefix=self._prefix + prefix, **more):
            for item in page.get("Contents", ()):
                yield Listed(item["Key"][len(self._prefix) :], item["Size"])

    # -- writing

    def put(self, key: str, data: bytes, *, new: bool = False, over: str | None = None) -> str:
        """Write an object and return its ETag; what arrived is compared with what was sent.

        Raises:
            Taken: there is one already (``new``), or not the one with the ETag ``over`` any more.
        """
        only = {"IfNoneMatch": "*"} if new else {"IfMatch": over} if over else {}
        digest = hashlib.sha256(data).digest()
        try:
            with self._told():
                answer = self._client.put_object(
                    Bucket=self.name, Key=self._prefix + key, Body=data, ChecksumSHA256=_base64(digest), **only
                )
        except Taken:
            # The answer to an earlier try may have been lost: then it is our own that stands there.
            with suppress(FileNotFoundError):
                there, etag = self.get(key)
                if there == data:
                    return etag
            raise
        self._compare(key, answer, _base64(digest), digest)
        return str(answer["ETag"])

    def put_file(self, key: str, path: Path, sha256: str, *, begun: Callable[[str], None] = lambda _: None) -> None:
        """Write an object from a file with that SHA-256, a large one in parts sent at once, and compare what arrived. ``begun``
        is told the id of an upload in parts, so that it can be aborted when this process dies. Repeating it is safe, and done
        when something else arrived: a server that was killed while it put the parts together may say, asked again, that it
        had done it, and have nothing."""
        for left in range(_AGAIN, -1, -1):
            try:
                self._put_file(key, path, bytes.fromhex(sha256), begun)
            except StoreDamaged:
                if not left:
                    raise
            else:
                return

    def _put_file(self, key: str, path: Path, digest: bytes, begun: Callable[[str], None]) -> None:
        size = path.stat().st_size
        if size <= _WHOLE:
            with path.open("rb") as file, self._told():
                answer = self._client.put_object(
                    Bucket=self.name, Key=self._prefix + key, Body=file, ChecksumSHA256=_base64(digest)
                )
            self._compare(key, answer, _base64(digest), digest)
            return
        spans = _spans(size, PART)

        def send(upload: str, number: int) -> dict[str, Any]:
            start, end = spans[number - 1]
            with path.open("rb") as file:
                file.seek(start)
                data = file.read(end - start)
            part = hashlib.sha256(data).digest()
            with self._told():
                sent = self._client.upload_part(
                    Bucket=self.name, Key=self._prefix + key, UploadId=upload, PartNumber=number, Body=data,
                    ChecksumSHA256=_base64(part),
                )  # fmt: skip
            return {"PartNumber": number, "ETag": sent["ETag"], "ChecksumSHA256": _base64(part)}

        answer, parts = self._in_parts(key, len(spans), send, begun, ChecksumAlgorithm="SHA256")
        joined = hashlib.sha256(b"".join(base64.b64decode(part["ChecksumSHA256"]) for part in parts)).digest()
        self._compare(key, answer, f"{_base64(joined)}-{len(parts)}", digest)

    def copy(self, source: str, target: str, size: int) -> None:
        """Have the server copy an object. The bytes of the copy have yet to be looked at."""
        origin = {"Bucket": self.name, "Key": self._prefix + source}
        if size <= _COPY:
            with self._told():
                self._client.copy_object(Bucket=self.name, Key=self._prefix + target, CopySource=origin)
            return
        spans = _spans(size, _COPY)

        def send(upload: str, number: int) -> dict[str, Any]:
            start, end = spans[number - 1]
            with self._told():
                sent = self._client.upload_part_copy(
                    Bucket=self.name, Key=self._prefix + target, UploadId=upload, PartNumber=number, CopySource=origin,
                    CopySourceRange=f"bytes={start}-{end - 1}",
                )  # fmt: skip
            return {"PartNumber": number, "ETag": sent["CopyPartResult"]["ETag"]}

        self._in_parts(target, len(spans), send, lambda _: None)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects, one after the other. Nothing happens where there is none."""
        for key in keys:
            with self._told():
                self._client.delete_object(Bucket=self.name, Key=self._prefix + key)

    def uploads(self, prefix: str) -> list[tuple[str, str]]:
        """Key and id of every upload in parts that was begun below ``prefix`` and has not ended."""
        with self._told():
            answer = self._client.list_multipart_uploads(Bucket=self.name, Prefix=self._prefix + prefix)
        return [(item["Key"][len(self._prefix) :], item["UploadId"]) for item in answer.get("Uploads", ())]

    def abort(self, key: str, upload: str) -> None:
        """Give up an upload in parts; nothing happens when there is none."""
        with suppress(FileNotFoundError), self._told():
            self._client.abort_multipart_upload(Bucket=self.name, Key=self._prefix + key, UploadId=upload)

    # -- inside

    @property
    def _client(self) -> Any:
        return _client_of(os.getpid(), _endpoint(), "hurried" if is_hurried() else "patient")

    def _pages(self, operation: str, **asked: str) -> Iterator[dict[str, Any]]:
        token: dict[str, str] = {}
        while True:
            with self._told():
                page = getattr(self._client, operation)(Bucket=self.name, **asked, **token)
            yield page
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def _in_parts(
        self,
        key: str,
        count: int,
        send: Callable[[str, int], dict[str, Any]],
        begun: Callable[[str], None],
        **asked: str,
    ) -> tuple[Any, list[dict[str, Any]]]:
        with self._told():
            started = self._client.create_multipart_upload(Bucket=self.name, Key=self._prefix + key, **asked)
        upload = started["UploadId"]
        begun(upload)
        try:
            parts = at_once(lambda number: send(upload, number), range(1, count + 1), threads=4)
            with self._told():
                answer = self._client.complete_multipart_upload(
                    Bucket=self.name, Key=self._prefix + key, UploadId=upload, MultipartUpload={"Parts": parts}
                )
        except BaseException:
            with suppress(StorageError):
                self.abort(key, upload)
            raise
        return answer, parts

    def _compare(self, key: str, answer: dict[str, Any], told: str, sha256: bytes) -> None:
        """See that the server has what was sent: by the checksum it took of it, or by reading it back where it tells none."""
        if (known := answer.get("ChecksumSHA256")) is not None and known == told:
            return
        if known is None:
            digest = hashlib.sha256()
            if (head := self.head(key)) is not None:
                for chunk in self.stream(key, 0, head.size):
                    digest.update(chunk)
            if digest.digest() == sha256:
                return
        raise StoreDamaged(*_changed(key), where=key)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the client and the server say into our errors."""
        from botocore.exceptions import BotoCoreError, ClientError
        from urllib3.exceptions import HTTPError

        try:
            yield
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            raise self._error(code, status) from error
        except (BotoCoreError, HTTPError, ConnectionError, TimeoutError) as error:
            raise StoreUnreachable(*_unreachable(self.url, type(error).__name__), where=self.url) from error

    def _error(self, code: str, status: int) -> Exception:
        if status == 404 and code != "NoSuchBucket":
            return FileNotFoundError(code)
        if status == 412 or code == "ConditionalRequestConflict":
            return Taken(code)
        if status == 507 or code in _FULL:
            return StoreFull(
                f"The object store {self.url} takes no more ({code}); nothing was stored. Free some space or raise the quota.",
                f"オブジェクトストレージ {self.url} に空き容量がないため（{code}）、保存していません。容量か上限を増やしてください。",
                where=self.url,
            )
        if status in (401, 403):
            return StoreReadOnly(
                f"The object store {self.url} refuses ({code}); nothing was stored. Check the AWS_* keys and their rights.",
                f"オブジェクトストレージ {self.url} に拒否されたため（{code}）、保存していません。AWS_* の鍵と権限を確認してください。",
                where=self.url,
            )
        return StoreUnreachable(*_unreachable(self.url, code or str(status)), where=self.url)


class Reader(io.RawIOBase):
    """An object as a file that can be sought in: what is read is fetched, and nothing else."""

    def __init__(self, bucket: Bucket, key: str, size: int) -> None:
        self._bucket, self._key, self._size = bucket, key, size
        self._at = 0
        self._chunks: Iterator[bytes] | None = None
        self._left = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        target = max(0, base + offset)
        if target != self._at:
            self._at, self._chunks, self._left = target, None, b""
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        if not self._left:
            self._chunks = self._chunks or self._bucket.stream(self._key, self._at, self._size)
            self._left = next(self._chunks, b"")
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        self._at += count
        return count


def at_once(action: Callable[[Any], _T], things: Collection[Any], *, threads: int = THREADS) -> list[_T]:
    """Do something with each in some threads; their results in order. Raises the first error, when all under way have ended."""
    if len(things) < 2:
        return [action(thing) for thing in things]
    with ThreadPoolExecutor(min(threads, len(things))) as pool:
        under_way = [pool.submit(copy_context().run, action, thing) for thing in things]  # as patient as who asks
        try:
            return [one.result() for one in under_way]
        except BaseException:
            for one in under_way:
                one.cancel()
            raise


def _endpoint() -> str:
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""


# Seconds to connect, seconds for the next bytes, and how often it is tried: in a hurry less than five seconds together.
_PACES = {"patient": (5.0, 60.0, 7), "hurried": (1.5, 1.8, 2), "once": (2.0, 2.0, 1)}


@lru_cache(maxsize=6)
def _client_of(pid: int, endpoint: str, pace: str) -> Any:
    """One client of a pace for a process: making one takes a quarter of a second. A fork must not share its connections."""
    try:
        import boto3
        from botocore.config import Config
    except ModuleNotFoundError as error:
        raise StorageError(
            "SHIRUSHI_STORE names an object store, but its client is not installed. Install shirushi[s3].",
            "SHIRUSHI_STORE にオブジェクトストレージが指定されていますが、クライアントがありません。shirushi[s3] を入れてください。",
        ) from error
    logging.getLogger("botocore").setLevel(logging.WARNING)  # it tells at each start where the keys were found
    connecting, reading, attempts = _PACES[pace]
    return boto3.session.Session().client(
        "s3",
        region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        config=Config(
            connect_timeout=connecting,
            read_timeout=reading,
            max_pool_connections=4 * THREADS,
            retries={"mode": "standard", "total_max_attempts": attempts},
            request_checksum_calculation="when_required",  # our own are sent, which every store knows or passes over
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if endpoint else "auto"},
        ),
    )


def _spans(size: int, most: int) -> list[tuple[int, int]]:
    """Parts of a large object, at most 10,000 of them."""
    length = max(most, -(-size // 10_000))
    return [(start, min(start + length, size)) for start in range(0, size, length)]


def _age(answer: dict[str, Any]) -> float:
    modified: datetime = answer["LastModified"]
    now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    return max(0.0, (now - modified).total_seconds())


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


_FULL = {"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "EntityTooLarge", "InsufficientCapacity"}


def _unreachable(where: str, why: str) -> tuple[str, str]:
    return (
        f"The object store {where} does not answer as it should ({why}). Try again; if it goes on, check its server.",
        f"オブジェクトストレージ {where} が正しく応答しません（{why}）。もう一度お試しください。続く場合はサーバーを確認してください。",
    )


def _changed(key: str) -> tuple[str, str]:
    return (
        f"What the object store holds at {key} is not what was sent to it. Try again, then run the check.",
        f"オブジェクトストレージの {key} の内容が、送ったものと異なります。もう一度試してから、検査を実行してください。",
    )
