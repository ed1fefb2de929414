"""Arrays out of `.npy` and `.npz` files that nobody vouches for: no pickle, nothing allocated on a header's word.

A zip archive can claim any size and inflate a thousandfold, so every size is checked against a bound before the bytes
are there. Source of the layouts: numpy.lib.format, and the PKWARE zip specification (end of central directory).
"""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from functools import cached_property
from math import prod
from tokenize import TokenError

import numpy as np

from mazenav.layout.formats.source_file import SourceFile
from mazenav.types import LayoutError

NPY, ZIP = b"\x93NUMPY", b"PK\x03\x04"
MAX_MEMBER = 256 * 2**20
MAX_RATIO, FREE_BYTES = 100, 16 * 2**20
_END = struct.Struct("<4s4H2LH")
_MAX_DIRECTORY = 2**18


def array_of(content: bytes, name: str) -> np.ndarray:
    """The array in the bytes of a `.npy` file, of booleans or numbers; read-only.

    Raises:
        LayoutError: if it is none, holds objects or text, or has another size than its header says.
    """
    stream = io.BytesIO(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old headers are told to be slow
            version = np.lib.format.read_magic(stream)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = read(stream)
    except (
        ValueError,
        TypeError,
        SyntaxError,
        RecursionError,
        MemoryError,
        OverflowError,
        KeyError,
        TokenError,
    ) as error:
        raise LayoutError(f"{name}: this is no array that numpy wrote, its header cannot be read") from error
    if dtype.kind not in "biuf" or any(side < 0 for side in shape):
        raise LayoutError(f"{name}: found an array of {str(dtype)[:40]}, expected booleans or numbers")
    body = content[stream.tell() :]
    if prod(shape) * dtype.itemsize != len(body):
        expected = f"{prod(shape) * dtype.itemsize} bytes for shape {shape}"[:120]
        raise LayoutError(f"{name}: the array has {len(body)} bytes, expected {expected}")
    if prod(shape) == 0:
        raise LayoutError(f"{name}: the array of shape {shape} is empty")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C")


class Archive:
    """The members of a `.npz` (or any other zip) file."""

    def __init__(self, source: SourceFile) -> None:
        """Read the directory of the archive.

        Raises:
            LayoutError: if it is no zip archive, or a broken one, or has more members than any set of layouts.
        """
        self.name = source.name
        self._content = source.content
        end = source.content.rfind(b"PK\x05\x06", max(0, len(source.content) - 2**16 - _END.size))
        if end < 0 or end + _END.size > len(source.content):
            raise LayoutError(f"{self.name}: the zip archive is cut off, its directory is missing")
        if _END.unpack_from(source.content, end)[5] > _MAX_DIRECTORY:
            raise LayoutError(f"{self.name}: the zip archive has too large a directory for a set of layouts")
        try:
            self._file = zipfile.ZipFile(io.BytesIO(source.content))
        except (zipfile.BadZipFile, ValueError, RuntimeError, struct.error, OSError) as error:
            raise LayoutError(f"{self.name}: the zip archive is broken: {error}"[:300].replace("\n", " ")) from error

    @cached_property
    def names(self) -> list[str]:
        """The members' names, `.npy` endings included."""
        return self._file.namelist()

    def size_of(self, member: str) -> int:
        """How many bytes a member says that it has."""
        return self._file.getinfo(member).file_size

    def bytes_of(self, member: str) -> bytes:
        """The bytes of a member.

        Raises:
            LayoutError: if there is none, it is broken or packed in a way of its own, has more than 256 MiB, or
                inflates to more than 16 MiB and 100 times its packed size.
        """
        shown = _shown(self.name, member)
        if member not in self.names:
            raise LayoutError(f"{self.name}: the archive has no member {member[:80]!r}")
        info = self._file.getinfo(member)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
            raise LayoutError(f"{shown}: it is encrypted or packed in a way that numpy does not write")
        packed = min(info.compress_size, len(self._content))
        limit = min(MAX_MEMBER, FREE_BYTES + MAX_RATIO * packed)
        if info.file_size > limit:
            raise LayoutError(f"{shown}: {info.file_size} bytes out of {packed} are more than a layout file may hold")
        try:
            with self._file.open(info) as file:
                content = file.read(limit + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, struct.error, RuntimeError) as error:
            raise LayoutError(f"{shown}: it is broken: {error}"[:300].replace("\n", " ")) from error
        if len(content) != info.file_size:
            raise LayoutError(f"{shown}: found {len(content)} bytes, expected {info.file_size}")
        return content

    def array(self, member: str) -> np.ndarray:
        """The array in a member.

        Raises:
            LayoutError: as `bytes_of` and `array_of`.
        """
        return array_of(self.bytes_of(member), _shown(self.name, member))


def _shown(name: str, member: str) -> str:
    """A member of an archive in errors."""
    return f"{name}, member {member[:80]!r}"
