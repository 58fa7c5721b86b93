import bz2
import csv
import gzip
import hashlib
import io
import itertools
import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers import scan as scanning
from shirushi.describe.readers.base import Digest, File
from shirushi.describe.readers.scan import Evenly, Thinning, Transcoded, scan
from shirushi.describe.readers.tabular import read_compressed_table, read_table

CELLS = st.sampled_from(
    ["a", "12", "日本", '"x"', '"a,b"', '"a\nb"', '"a""b"', '"l1\r\nl2 ""q"""', '5" pipe', "", '"\n\n"']
)
ROWS = st.lists(st.one_of(st.just([]), st.lists(CELLS, min_size=2, max_size=4)), min_size=1, max_size=30)


@given(rows=ROWS, end=st.sampled_from(["\n", "\r\n"]), last=st.booleans(), chunk=st.integers(8, 200))
def test_rows_are_counted_as_csv_counts_them(rows: list[list[str]], end: str, last: bool, chunk: int) -> None:
    text = end.join(",".join(row) for row in rows) + (end if last else "")
    expected = list(csv.reader(io.StringIO(text, newline="")))
    before, scanning.CHUNK = scanning.CHUNK, chunk
    try:
        found = scan(io.BytesIO(text.encode()), delimiter=",", quoted=True, sampler=Thinning(0, 16, 4))
    finally:
        scanning.CHUNK = before
    assert (found.records, found.blank) == (len(expected), sum(not row for row in expected))
    assert found.size == len(text.encode())


def test_a_quote_that_never_closes_swallows_nothing() -> None:
    text = 'a,b\n1,"2\n' + "3,4\n" * 1000
    found = scan(io.BytesIO(text.encode()), delimiter=",", quoted=True, sampler=Thinning(0, 16, 4))
    assert found.records == 1002


@pytest.mark.parametrize(("breaks", "rows"), [(2, 401), (scanning.MOST_LINES_IN_FIELD, 401)])
def test_line_breaks_inside_quotes_end_no_row_however_many_cells_hold_them(breaks: int, rows: int) -> None:
    cell = '"' + "long words\n" * breaks + '"'
    text = "a,b\n" + f"1,{cell}\n" * 400
    found = scan(io.BytesIO(text.encode()), delimiter=",", quoted=True, sampler=Thinning(0, 16, 4))
    assert (found.records, found.blank) == (rows, 0)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_lines_are_counted_across_chunks_and_words(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = end + f"a,b{end}" + f'{end}1,"x{end}{end}y"{end}' * 100
    for chunk in (64, 65, 127, 128, 1000):
        monkeypatch.setattr(scanning, "CHUNK", chunk)
        found = scan(io.BytesIO(text.encode()), delimiter=",", quoted=True, sampler=Thinning(0, 16, 4))
        assert (found.records, found.blank) == (202, 101)


def test_blocks_lie_evenly_and_hold_the_bytes_of_their_place() -> None:
    data = bytes(i % 251 for i in range(1_000_000))
    found = scan(
        io.BytesIO(data), delimiter=",", quoted=False, sampler=Evenly(len(data), start=1000, length=500, count=5)
    )
    places = [1000, 1000 + 249_625, 1000 + 499_250, 1000 + 748_875, 999_500]
    assert found.blocks == [data[place : place + 500] for place in places]


def test_thinning_spreads_over_a_stream_of_unknown_size() -> None:
    data = b"".join(b"%09d\n" % i for i in range(200_000))
    found = scan(io.BytesIO(data), delimiter=",", quoted=False, sampler=Thinning(1000, 100, 8))
    starts = [data.index(block) for block in found.blocks]
    assert 8 <= len(starts) <= 16
    gaps = {after - before for before, after in itertools.pairwise(starts)}
    assert len(gaps) == 1  # evenly
    assert starts[-1] > 0.8 * len(data) - max(gaps)


def test_transcoding_gives_utf_8_with_plain_line_ends() -> None:
    source = Transcoded(io.BytesIO("温度\r\n塩分\r".encode("utf-16")), "utf-16")
    buffer = bytearray(100)
    pieces = [bytes(buffer[: source.readinto(memoryview(buffer))]) for _ in range(3)]
    assert b"".join(pieces) == "温度\n塩分\n".encode()


# ---- whole tables


def _table(path: Path, encoding: str, rows: int = 60_000, open_=open) -> int:
    """A table with a row of two lines every hundredth row; returns its rows."""
    with open_(path, "wt", encoding=encoding, newline="") as out:
        out.write("番号,観測日,水温 (degC),備考\r\n")
        for i in range(rows):
            remark = '"二行の\n備考"' if i % 100 == 0 else '"晴れ, 弱風のち曇り一時雨"'
            out.write(f"{i},2024-{1 + i % 12:02}-{1 + i % 28:02},{i / rows * 30:.4f},{remark}\r\n")
    return rows


def _read(path: Path, media_type: str = "text/csv") -> tuple[dict[str, Evidence], File]:
    file = File(path, path.name, path.stat().st_size, media_type, "CSV", Digest())
    reader = read_table if media_type == "text/csv" else read_compressed_table
    found = list(reader(file))
    assert [item.value for item in found if item.kind == "problem"] == []
    named = {item.value["name"]: item for item in found if item.kind == "column"}
    return named | {"": next(item for item in found if item.kind == "table")}, file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16"])
def test_one_pass_counts_samples_and_hashes(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "sea.csv"
    rows = _table(path, encoding)
    found, file = _read(path)
    assert file.digest is not None
    assert file.digest.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    table = found[""].value
    assert (table["rows"], table["counted"], table["sampled"], table["encoding"]) == (rows, True, True, encoding)
    warmth = found["水温 (degC)"].value
    assert warmth["sampled"] is True
    assert warmth["count"] < rows
    assert warmth["minimum"] == 0
    assert warmth["maximum"] > 28  # the sample reaches the end of the file


@pytest.mark.parametrize(
    ("suffix", "open_", "media_type"),
    [
        ("gz", gzip.open, "application/gzip"),
        ("bz2", bz2.open, "application/x-bzip2"),
        ("xz", lzma.open, "application/x-xz"),
    ],
)
def test_compressed_tables_are_read_and_hashed_as_they_lie(tmp_path: Path, suffix: str, open_, media_type: str) -> None:
    path = tmp_path / f"sea.csv.{suffix}"
    rows = _table(path, "cp932", open_=open_)
    found, file = _read(path, media_type)
    assert file.digest is not None
    assert file.digest.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    table = found[""].value
    assert (table["name"], table["rows"], table["counted"], table["packing"]) == ("sea", rows, True, suffix)
    assert found["水温 (degC)"].value["maximum"] > 25


def test_a_packed_table_that_is_cut_says_so(tmp_path: Path) -> None:
    path = tmp_path / "sea.csv.gz"
    _table(path, "utf-8", open_=gzip.open)
    path.write_bytes(path.read_bytes()[:-5000])
    file = File(path, path.name, path.stat().st_size, "application/gzip", "gzip", Digest())
    with pytest.raises(Exception, match="ended before"):
        list(read_compressed_table(file))


def test_a_large_file_without_digest_is_estimated_and_not_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shirushi.describe.readers.tabular.COUNTED", 2_500_000)
    path = tmp_path / "sea.csv"
    rows = _table(path, "utf-8")
    file = File(path, path.name, path.stat().st_size, "text/csv", "CSV")
    monkeypatch.setattr("shirushi.describe.readers.tabular.scan", pytest.fail)
    (table,) = [item.value for item in read_table(file) if item.kind == "table"]
    assert table["counted"] is False
    assert table["rows"] == pytest.approx(rows, rel=0.05)
