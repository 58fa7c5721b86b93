"""What Python's ``zipfile`` may raise on a damaged or hostile archive, in opening it and in reading its members."""

import zipfile
import zlib

# OSError: an offset before the beginning of the file is sought (EINVAL)
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
