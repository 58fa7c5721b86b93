"""Licence texts told apart, with the place where each starts."""

from pathlib import Path

import pytest

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers.base import File
from shirushi.describe.readers.licence_match import match
from shirushi.describe.readers.licences import read_licence

MIT = """MIT License

Copyright (c) 2024 Someone Else

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES
OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS
BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF
OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
BSD2 = """Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
   disclaimer in the documentation and/or other materials provided with the distribution.
{third}
THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT
NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL
THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES
(INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS
INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE
OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
"""
THIRD = """
3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse or promote products
   derived from this software without specific prior written permission.
"""
CC_DE = (
    "Namensnennung – Nicht kommerziell 4.0 International\n\nDie Creative Commons Corporation\n"
    + "Bedingungen der Lizenz. " * 200
)
TERMS_JA = (
    "サイトポリシー\n本利用ルールは、政府標準利用規約（第２.０版）に準拠しています。\n"
    "当サイトのコンテンツを利用する際は出典を記載してください。第三者の権利を侵害しないようにしてください。\n準拠法と免責について\n"
)
GPL_NOTICE = (
    "This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public\n"
    "License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any\n"
    "later version.\n"
)


def read(folder: Path, text: str, name: str = "LICENSE", media_type: str = "text/x-licence") -> list[Evidence]:
    path = folder / "file"
    path.write_text(text, encoding="utf-8")
    return list(read_licence(File(path, name, path.stat().st_size, media_type, "text")))


def ids(found: list[Evidence]) -> list[str]:
    return [e.value["spdx"] for e in found if e.kind == "licence-text"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MIT, ["MIT"]),
        (MIT.replace("\n", "\r\n"), ["MIT"]),
        (MIT.replace("MIT License\n", ""), ["MIT"]),
        ("\n".join(f"# {line}" for line in MIT.splitlines()), ["MIT"]),
        (BSD2.format(third=""), ["BSD-2-Clause"]),
        (BSD2.format(third=THIRD), ["BSD-3-Clause"]),
        (MIT + "\n----\n" + BSD2.format(third=THIRD), ["BSD-3-Clause", "MIT"]),
        (CC_DE, ["CC-BY-NC-4.0"]),
        (CC_DE.replace("Namensnennung – Nicht kommerziell", "表示-継承"), ["CC-BY-SA-4.0"]),
        (TERMS_JA, ["LicenseRef-GJSTU-2.0"]),
        (GPL_NOTICE, ["GPL-3.0-or-later"]),
        (GPL_NOTICE.replace("either version 3", "version 2").split(", or (at")[0], ["GPL-2.0-only"]),
        ("SPDX-License-Identifier: MIT OR Apache-2.0\n", ["MIT OR Apache-2.0"]),
        ("Licensed under the Apache License, Version 2.0 (the License); you may not", ["Apache-2.0"]),
        ("All rights reserved.", []),
        ("", []),
    ],
)
def test_licence_text(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert ids(read(tmp_path, text)) == expected


def test_licence_place_starts_where_the_text_starts(tmp_path: Path) -> None:
    [found] = read(tmp_path, "Our data\n\nSome words about it.\n\n" + MIT)
    assert (found.place.start, found.place.end) == (5, 19)
    assert found.place.quote.startswith("MIT License\n\nCopyright (c) 2024")


def test_text_that_only_mentions_a_licence_is_left_alone(tmp_path: Path) -> None:
    assert read(tmp_path, "We like the public domain and Creative Commons.", "README.md", "text/markdown") == []


def test_short_licence_file_is_read_as_prose(tmp_path: Path) -> None:
    found = read(tmp_path, "Data\n\nThe data are free\nunder CC BY 4.0.\n")
    assert [(e.kind, e.value["text"], e.place.start) for e in found] == [
        ("paragraph", "Data", 1),
        ("paragraph", "The data are free under CC BY 4.0.", 3),
    ]


def test_large_file_is_left_alone(tmp_path: Path) -> None:
    assert read(tmp_path, MIT + " " * 400_000, "notes.txt", "text/plain") == []


def test_own_licence_is_apache() -> None:
    text = next(p for p in Path(__file__).parents if (p / "pyproject.toml").exists()).joinpath("LICENSE").read_text()
    assert [m.spdx for m in match(text)] == ["Apache-2.0"]


@pytest.mark.parametrize(
    ("case", "name", "expected"),
    [
        ("train/highspeed-behavior", "LICENSE", "CC-BY-SA-4.0"),
        ("train/philly-traces", "LICENSE", "CC-BY-4.0"),
        ("train/ja-jaquad", "LICENSE", "CC-BY-SA-3.0"),
        ("train/moma", "LICENSE.md", "CC0-1.0"),
        ("train/ct-business-formations", "LICENSE", "PDDL-1.0"),
        ("train/argopy-data", "LICENSE", "EUPL-1.2"),
        ("train/skab", "LICENSE", "GPL-3.0-only"),
        ("train/sw-elabftw", "LICENSE", "AGPL-3.0-only"),
        ("train/sw-jsosuite", "LICENSE", "MPL-2.0"),
    ],
)
def test_real_licence_files(shared: Path, case: str, name: str, expected: str) -> None:
    path = shared / "bench" / "describe" / case / "files" / name
    found = list(read_licence(File(path, name, path.stat().st_size, "text/x-licence", "text")))
    assert ids(found) == [expected]
