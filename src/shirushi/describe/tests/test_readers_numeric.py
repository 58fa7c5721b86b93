"""NumPy, MATLAB, R and Avro files: made by NumPy and SciPy, or byte by byte after the formats' descriptions; then damaged."""

import bz2
import gzip
import io
import json
import lzma
import random
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io

from shirushi.describe.evidence import JSON, Candidate
from shirushi.describe.tests.made import Read
from shirushi.describe.tests.test_readers_damaged import damaged


def columns(found: Read) -> dict[str, JSON]:
    return {value["name"]: value for value in found.of("column")}


# ---- NumPy


def npy(array: np.ndarray, **options: bool) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


RECORDS = np.array(
    [("大津", 35.0, 3, True, (1.0, 2.0)), ("彦根", 35.25, 4, False, (3.0, 4.0))],
    dtype=[("city", "U4"), ("lat", ">f8"), ("n", "<u2"), ("open", "?"), ("pair", "<f4", 2)],
)


def test_npy_tells_its_shape_and_type(tmp_path: Path) -> None:
    found = Read(tmp_path, npy(np.zeros((3, 4), ">f4")), "depth.npy")
    assert found.of("array") == [{"name": "depth", "shape": [3, 4], "dtype": "float32", "group": ""}]
    assert found.problems == []


def test_records_are_a_table(tmp_path: Path) -> None:
    found = Read(tmp_path, npy(RECORDS), "cities.npy")
    [table] = found.of("table")
    assert (table["rows"], table["header"]) == (2, ["city", "lat", "n", "open", "pair"])
    told = columns(found)
    assert told["city"]["examples"] == ["大津", "彦根"]
    assert (told["lat"]["minimum"], told["lat"]["maximum"], told["lat"]["type"]) == (35, 35.25, "number")
    assert (told["n"]["type"], told["n"]["maximum"], told["open"]["type"]) == ("integer", 4, "boolean")
    assert (told["pair"]["count"], told["pair"]["missing"]) == (0, 0)


def test_records_inside_records_have_dotted_names(tmp_path: Path) -> None:
    inner = np.dtype([("x", "<i4"), ("y", "<i4")], align=True)
    array = np.array([((1, 2), 7)], dtype=[("at", inner), ("n", "<i4")])
    assert columns(Read(tmp_path, npy(array), "a.npy"))["at.y"]["maximum"] == 2
    assert columns(Read(tmp_path, npy(array), "a.npy"))["n"]["maximum"] == 7


def test_npz_names_its_arrays(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.savez_compressed(stream, temperature=np.arange(1_000_000), flags=np.zeros(5, bool))
    found = Read(tmp_path, stream.getvalue(), "run.npz")
    assert [(a["name"], a["shape"], a["dtype"]) for a in found.of("array")] == [
        ("temperature", [1_000_000], "int64"),
        ("flags", [5], "bool"),
    ]


def test_pickled_objects_are_never_opened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
            return (Path.touch, (str(tmp_path / "sprung"),))  # type: ignore[return-value]

    found = Read(tmp_path, npy(np.array([Trap()], dtype=object), allow_pickle=True), "a.npy")
    assert found.of("array")[0]["dtype"] == "object"
    assert not (tmp_path / "sprung").exists()
    assert found.problems == []


def headed(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (headed("__import__('os').system('true')"), "malformed"),
        (headed("{'descr': '<f8', 'shape': (" + "(" * 9_000 + ")"), "too-deep"),
        (headed("{'descr': '<f8', 'shape': (" + "-" * 30_000 + "1,)}"), "too-deep"),
        (headed("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}"), "malformed"),
        (headed("{'descr': '<f8', 'fortran_order': False, 'shape': (" + "9999999999," * 60 + ")}"), "malformed"),
        (headed("{'descr': [('a',)], 'shape': (1,)}"), "malformed"),
        (headed("{'descr': '<f8', 'shape': (9999,)}"), "truncated"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\x7f{", "too-large"),
        (b"\x93NUMPY\x09\x00\x10\x00{", "malformed"),
        (b"\x93NUMPY\x01", "malformed"),
    ],
)
def test_hostile_header_is_refused(data: bytes, code: str, tmp_path: Path) -> None:
    assert [problem for problem, _ in Read(tmp_path, data, "a.npy").problems] == [code]


def test_record_larger_than_the_file_gives_no_values(tmp_path: Path) -> None:
    found = Read(tmp_path, headed("{'descr': [('a', 'S999999999'), ('b', '<i4')], 'shape': (3,)}") + b"x" * 99, "a.npy")
    assert columns(found)["b"]["count"] == 0
    assert [code for code, _ in found.problems] == ["truncated"]


# ---- MATLAB


def mat(*, compress: bool = True, **variables: object) -> bytes:
    stream = io.BytesIO()
    scipy.io.savemat(stream, variables, do_compression=compress)
    return stream.getvalue()


VARIABLES = {
    "temperature": np.zeros((4, 250)),
    "valid": np.array([[True, False]]),
    "site": "彦根",
    "run": {"depth": np.zeros((1, 9), "f4"), "note": "calm", "at": {"n": np.int16(3)}},
    "names": np.array(["a", "bcd"], dtype=object),
}


@pytest.mark.parametrize("compress", [True, False])
def test_variables_of_matlab(tmp_path: Path, *, compress: bool) -> None:
    found = Read(tmp_path, mat(compress=compress, **VARIABLES), "a.mat")
    arrays = {(a["group"], a["name"]): (a["shape"], a["dtype"]) for a in found.of("array")}
    assert arrays == {
        ("", "temperature"): ([4, 250], "float64"),
        ("", "valid"): ([1, 2], "bool"),
        ("run", "depth"): ([1, 9], "float32"),
        ("run.at", "n"): ([1, 1], "int16"),
        ("", "names"): ([1, 2], "cell"),
    }
    assert (found.attributes["site"], found.attributes["note"]) == ("彦根", "calm")
    assert found.problems == []
    assert found.of("software-used") == []  # SciPy borrows MATLAB's words


def element(kind: int, data: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "II", kind, len(data)) + data + bytes(-len(data) % 8)


def matrix(name: str, kind: int = 6, rest: bytes = b"", order: str = "<", shape: Sequence[int] = (2, 3)) -> bytes:
    flags = element(6, struct.pack(order + "II", kind, 0), order)
    size = element(5, struct.pack(f"{order}{len(shape)}i", *shape), order)
    return element(14, flags + size + element(1, name.encode(), order) + rest, order)


def level5(text: str, *parts: bytes, order: str = "<") -> bytes:
    mark = struct.pack(order + "HH", 0x0100, 0x4D49)
    return text.encode().ljust(116) + bytes(8) + mark + b"".join(parts)


def packed(data: bytes) -> bytes:
    data = zlib.compress(data)
    return struct.pack("<II", 15, len(data)) + data


HEAD = "MATLAB 5.0 MAT-file, Platform: PCWIN64, Created on: Tue Mar 12 10:11:12 2019"


def test_head_of_matlab_says_when_and_where(tmp_path: Path) -> None:
    found = Read(tmp_path, level5(HEAD, matrix("x")), "a.mat")
    assert found.attributes == {"platform": "PCWIN64", "file created": "2019-03-12T10:11:12"}
    assert found.of("software-used") == [{"name": "MATLAB"}]


def test_octave_and_big_endian(tmp_path: Path) -> None:
    head = "MATLAB 5.0 MAT-file, written by Octave 6.4.0, 2022-05-01 08:09:10 UTC"
    found = Read(tmp_path, level5(head, matrix("x", 8, order=">"), order=">"), "a.mat")
    assert found.of("software-used") == [{"name": "GNU Octave", "version": "6.4.0"}]
    assert found.attributes["file created"] == "2022-05-01T08:09:10"
    assert [(a["name"], a["dtype"], a["shape"]) for a in found.of("array")] == [("x", "int8", [2, 3])]


def test_numbers_of_a_compressed_variable_are_not_unpacked(tmp_path: Path) -> None:
    data = level5(HEAD, packed(matrix("big", rest=element(9, bytes(40_000_000)))), matrix("next"))
    before = time.process_time()
    assert [a["name"] for a in Read(tmp_path, data, "a.mat").of("array")] == ["big", "next"]
    assert time.process_time() - before < 0.5


def test_version_7_3_is_read_as_hdf5(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "made", "w", userblock_size=512) as file:
        file["depth"] = np.array([[1.0, 2.0]])
    data = bytearray((tmp_path / "made").read_bytes())
    head = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Tue Mar 12 10:11:12 2019 HDF5 schema 1.00 ."
    data[: len(head)] = head
    found = Read(tmp_path, bytes(data), "a.mat")
    assert (found.what.format, found.problems) == ("MATLAB 7.3", [])
    assert [(a["name"], a["shape"], a["maximum"]) for a in found.of("array")] == [("depth", [1, 2], 2)]


def nested(depth: int) -> bytes:
    inner = matrix("", shape=(1, 1))
    for _ in range(depth):
        fields = element(5, struct.pack("<I", 8)) + element(1, b"f".ljust(8, b"\0"))
        inner = matrix("s", 2, fields + inner, shape=(1, 1))
    return inner


def test_hostile_matlab_is_bounded(tmp_path: Path) -> None:
    assert Read(tmp_path, level5(HEAD, nested(2_000)), "a.mat").problems == []
    fields = element(5, struct.pack("<I", 8)) + element(1, b"f".ljust(8, b"\0") + b"g".ljust(8, b"\0"))
    bomb = matrix("s", 2, fields + matrix("", rest=element(9, bytes(120_000_000))) + matrix(""), shape=(1, 1))
    found = Read(tmp_path, level5(HEAD, packed(bomb), matrix("after")), "a.mat")
    assert [a["name"] for a in found.of("array")] == ["f", "after"]
    assert [code for code, _ in found.problems] == ["too-large"]
    assert Read(tmp_path, level5(HEAD, matrix("x"))[:100], "a.mat").problems[0][0] == "truncated"
    assert Read(tmp_path, level5(HEAD, packed(b"no matrix"), struct.pack("<II", 15, 3) + b"abc"), "a.mat").problems


# ---- R


def symbol(name: str) -> bytes:
    return struct.pack(">i", 1) + text(name)


def text(value: str | None) -> bytes:
    data = (value or "").encode()
    return struct.pack(">ii", 0x40009, -1 if value is None else len(data)) + data


def vector(kind: int, values: Sequence[JSON], **attributes: bytes) -> bytes:
    flags = kind | (0x200 if attributes else 0) | (0x100 if "class_" in attributes else 0)
    if kind == 16:
        body = b"".join(map(text, values))
    elif kind == 19:
        body = b"".join(values)
    else:
        body = struct.pack(f">{len(values)}{'d' if kind == 14 else 'i'}", *values)
    tail = pairs({key.rstrip("_"): value for key, value in attributes.items()}) if attributes else b""
    return struct.pack(">ii", flags, len(values)) + body + tail


def pairs(items: dict[str, bytes]) -> bytes:
    body = b"".join(struct.pack(">i", 0x402) + symbol(key) + value for key, value in items.items())
    return body + struct.pack(">i", 254)


def strings(*values: str) -> bytes:
    return vector(16, values)


def serial(body: bytes, version: int = 3) -> bytes:
    native = struct.pack(">i", 5) + b"UTF-8" if version == 3 else b""
    return b"X\n" + struct.pack(">iii", version, 0x040102, 0x030500) + native + body


def run_of(length: float, first: float = 1, step: float = 1) -> bytes:
    about = struct.pack(">i", 2) + symbol("compact_intseq")
    about += struct.pack(">i", 2) + symbol("base") + struct.pack(">i", 2) + vector(13, [13]) + struct.pack(">i", 254)
    return struct.pack(">i", 238) + about + vector(14, [length, first, step]) + struct.pack(">i", 254)


FRAME = vector(
    19,
    [
        vector(14, [1.5, 2.0, float("nan")], label=strings("Depth of the lake")),
        vector(13, [1, 2, -(1 << 31)], levels=strings("north", "south"), class_=strings("factor")),
        vector(14, [17_897.0, 17_898.0, 17_900.0], class_=strings("Date")),
        vector(16, ["大津", None, "彦根"]),
        vector(14, [1.0, 2.0, 3.0], units=strings("mins"), class_=strings("difftime")),
        run_of(3),
    ],
    names=strings("depth", "side", "day", "city", "took", "number"),
    row_names=run_of(3),
    class_=strings("tbl_df", "data.frame"),
)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("version", [2, 3])
def test_data_frame_is_a_table(version: int, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    found = Read(tmp_path, pack(serial(FRAME, version)), "lake.rds")
    assert found.problems == []
    assert found.of("software-used") == [{"name": "R", "version": "4.1.2"}]
    [table] = found.of("table")
    assert (table["name"], table["rows"], table["columns"], table["sampled"]) == ("lake", 3, 6, False)
    told = columns(found)
    assert (told["depth"]["label"], told["depth"]["maximum"], told["depth"]["missing"]) == ("Depth of the lake", 2, 1)
    assert (told["side"]["type"], told["side"]["examples"]) == ("string", ["north", "south"])
    assert (told["day"]["type"], told["day"]["minimum"]) == ("date", "2019-01-01")
    assert (told["city"]["examples"], told["city"]["missing"]) == (["大津", "彦根"], 1)
    assert told["took"]["unit"] == "mins"
    assert (told["number"]["type"], told["number"]["maximum"]) == ("integer", 3)
    assert found.of("time-range")[0]["end"] == "2019-01-04"


def test_objects_of_a_workspace(tmp_path: Path) -> None:
    items = {
        "lake": FRAME,
        "counts": vector(13, list(range(6)), dim=vector(13, [2, 3])),
        "title": strings("Depths of Biwa"),
        "settings": vector(19, [vector(14, [0.5, 1.0]), strings("calm")], names=strings("rate", "sea")),
        "model": vector(19, [vector(14, [1.0])], names=strings("call"), class_=strings("lm")),
        ".hidden": vector(14, [1.0]),
    }
    found = Read(tmp_path, gzip.compress(b"RDX3\n" + serial(pairs(items))), "all.RData")
    assert found.problems == []
    assert [t["name"] for t in found.of("table")] == ["lake"]
    assert [(a["group"], a["name"], a["shape"], a["dtype"]) for a in found.of("array")] == [
        ("", "counts", [2, 3], "int32"),
        ("settings", "rate", [2], "float64"),
    ]
    assert found.attributes == {"title": "Depths of Biwa", "sea": "calm", "class": ["lm"]}


def test_ascii_form(tmp_path: Path) -> None:
    words = [
        "A",
        "3",
        "262402",
        "197888",
        "5",
        "UTF-8",
        "526",
        "2",
        "1.5",
        "NA",
        "1026",
        "1",
        "262153",
        "5",
        "label",
        "16",
        "1",
        "262153",
        "6",
    ]
    data = "\n".join([*words, r"a\040\303\251\n", "254", ""]).encode()  # fmt: skip
    found = Read(tmp_path, data, "x.rds")
    assert found.of("array") == [{"name": "x", "shape": [2], "dtype": "float64", "group": "", "long_name": "a é"}]


def test_long_vectors_are_passed_over(tmp_path: Path) -> None:
    body = vector(19, [vector(14, [float(i) for i in range(50_000)])], names=strings("x"), class_=strings("data.frame"))
    found = Read(tmp_path, gzip.compress(serial(body)), "x.rds")
    assert (found.of("table")[0]["rows"], found.of("table")[0]["sampled"]) == (50_000, True)
    assert columns(found)["x"]["count"] == 2_000


def test_columns_of_unlike_lengths_are_read_as_far_as_the_shortest(tmp_path: Path) -> None:
    parts = [
        vector(14, [35.0, 35.5, 36.0]),
        vector(14, [135.0, 136.0]),
        vector(19, []),
        vector(14, [1.0] * 4, dim=vector(13, [2, 2])),
    ]
    frame = vector(19, parts, names=strings("lat", "lon", "geometry", "m"), class_=strings("data.frame"))
    found = Read(tmp_path, serial(frame), "x.rds")
    assert found.problems == []
    assert [(c["name"], c["count"]) for c in found.of("column")] == [("lat", 2), ("lon", 2), ("geometry", 0), ("m", 0)]
    assert (found.of("coordinates")[0]["north"], found.of("table")[0]["sampled"]) == (35.5, True)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (struct.pack(">ii", 19, 1) * 100_000, "too-deep"),
        (struct.pack(">ii", 14, 2_000_000_000), "truncated"),
        (struct.pack(">iiii", 14, -1, 0x7FFFFFFF, -1), "malformed"),
        (struct.pack(">ii", 16, -5), "malformed"),
        (struct.pack(">i", 0x5FF), "malformed"),
        (struct.pack(">i", 99), "malformed"),
        (run_of(float("inf")), "malformed"),
        (run_of(5, float("nan")), "malformed"),
        (struct.pack(">ii", 19, 1_000_000) + struct.pack(">i", 254) * 1_000_000, "too-large"),
    ],
)
def test_hostile_r_is_bounded(body: bytes, code: str, tmp_path: Path) -> None:
    assert [problem for problem, _ in Read(tmp_path, gzip.compress(serial(body)), "x.rds").problems] == [code]


def test_bomb_of_r_ends_and_keeps_what_came_before(tmp_path: Path) -> None:
    big = struct.pack(">ii", 24, 1_000_000_000) + bytes(210_000_000)
    data = b"RDX3\n" + serial(
        struct.pack(">i", 0x402) + symbol("a") + strings("told") + struct.pack(">i", 0x402) + symbol("b") + big
    )
    found = Read(tmp_path, gzip.compress(data, 1), "x.rda")
    assert found.attributes == {"a": "told"}
    assert [code for code, _ in found.problems] == ["too-large"]


# ---- Avro


def number(value: int) -> bytes:
    value, out = (value << 1) ^ (value >> 63), bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def avro(schema: JSON) -> bytes:
    entry = b"".join(number(len(part)) + part for part in (b"avro.schema", json.dumps(schema).encode()))
    return b"Obj\x01" + number(1) + entry + number(0) + bytes(16)


SCHEMA = {
    "type": "record", "name": "Cast", "doc": "Casts of 2019",
    "fields": [
        {"name": "depth", "type": ["null", "double"], "doc": "Depth in m"},
        {"name": "when", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "at", "type": {"type": "record", "name": "At", "fields": [{"name": "lat", "type": "float"}]}},
    ],
}  # fmt: skip


def test_schema_of_avro(tmp_path: Path) -> None:
    found = Read(tmp_path, avro(SCHEMA), "casts.avro")
    assert [(c["name"], c["type"], c.get("description")) for c in found.of("column")] == [
        ("depth", "number", "Depth in m"),
        ("when", "datetime", None),
        ("at.lat", "number", None),
    ]
    assert found.of("table")[0]["name"] == "Cast"
    assert found.attributes == {"description": "Casts of 2019"}


def test_hostile_avro_is_refused(tmp_path: Path) -> None:
    assert Read(tmp_path, b"Obj\x01" + b"\xff" * 40, "a.avro").problems[0][0] == "malformed"
    assert Read(tmp_path, avro(SCHEMA)[:30], "a.avro").problems[0][0] == "truncated"
    assert (
        Read(
            tmp_path, avro({"type": "record", "fields": [None, {"name": 5}, {"name": "a", "type": {}}]}), "a.avro"
        ).problems
        == []
    )


# ---- all of them

SAMPLES = {
    "a.npy": npy(RECORDS), "a.mat": mat(**VARIABLES), "b.mat": mat(compress=False, **VARIABLES), "a.rds": serial(FRAME),
    "a.rda": gzip.compress(b"RDX3\n" + serial(pairs({"f": FRAME})), mtime=0), "a.avro": avro(SCHEMA),
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_file_is_answered(name: str, tmp_path: Path) -> None:
    chance = random.Random(name)
    for _ in range(150):
        found = Read(tmp_path, damaged(SAMPLES[name], chance) or b"\0", name)
        assert "reader-error" not in [code for code, _ in found.problems], found.problems


def test_damaged_archive_of_numpy_is_answered(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", npy(np.zeros(500)))
        archive.writestr("bad.npy", b"not an array")
    chance = random.Random(1)
    assert [code for code, _ in Read(tmp_path, stream.getvalue(), "a.npz").problems] == ["malformed"]
    for _ in range(150):
        found = Read(tmp_path, damaged(stream.getvalue(), chance) or b"\0", "a.npz")
        assert "reader-error" not in [code for code, _ in found.problems], found.problems


def test_variables_are_suggested(suggest: Callable[..., list[Candidate]]) -> None:
    found = suggest({"a.mat": mat(**VARIABLES), "lake.rds": gzip.compress(serial(FRAME))}, "variables")
    told = {(c.value.get("part"), c.value["name"]): c.value["type"] for c in found}
    assert told[("run", "depth")] == "number"
    assert told[(None, "valid")] == "boolean"
    assert (
        next(c.value for c in found if c.value["name"] == "depth" and c.value["file"] == "lake.rds")["label"]
        == "Depth of the lake"
    )
