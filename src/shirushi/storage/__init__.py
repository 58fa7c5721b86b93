"""Bytes kept safely: content-addressed blobs for drafts, OCFL 1.1 objects for what is published. No Django."""

from shirushi.storage.blobs import Blob, Blobs, BlobStore
from shirushi.storage.errors import (
    BadLogicalPath,
    ContentMismatch,
    NotStored,
    StorageError,
    StoreDamaged,
    StoreFull,
    StoreReadOnly,
    StoreUnreachable,
    TooLarge,
    VersionConflict,
)
from shirushi.storage.files import Content, content_of
from shirushi.storage.findings import Finding
from shirushi.storage.incoming import Incoming, InUse, Partial
from shirushi.storage.inventory import Inventory, ObjectVersion
from shirushi.storage.ocfl import Found, Recovered, Store
from shirushi.storage.sources import Kept, Source, Stored

__all__ = [
    "BadLogicalPath",
    "Blob",
    "BlobStore",
    "Blobs",
    "Content",
    "ContentMismatch",
    "Finding",
    "Found",
    "InUse",
    "Incoming",
    "Inventory",
    "Kept",
    "NotStored",
    "ObjectVersion",
    "Partial",
    "Recovered",
    "Source",
    "StorageError",
    "Store",
    "StoreDamaged",
    "StoreFull",
    "StoreReadOnly",
    "StoreUnreachable",
    "Stored",
    "TooLarge",
    "VersionConflict",
    "content_of",
]
