"""The tutorial on readers and suggesters of other packages does what it says: its package is installed and used."""

import re
import subprocess
import sys
from pathlib import Path

TUTORIAL = Path(__file__).resolve().parents[1] / "docs" / "tutorials" / "own-reader.md"


def test_package_of_the_tutorial_is_found_and_used(tmp_path: Path) -> None:
    toml, code = re.findall(r"```(?:toml|python)\n(.*?)```", TUTORIAL.read_text("utf-8"), re.DOTALL)[:2]
    site = tmp_path / "site"
    site.mkdir()
    (site / "lakes.py").write_text(code)
    # what an installer writes: the name and the entry points of the package
    about = site / "lakes-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: lakes\nVersion: 1.0\n")
    groups = re.findall(r'\[project\.entry-points\."([\w.]+)"\]\n(.+?)\n(?:\n|$)', toml + "\n", re.DOTALL)
    assert [name for name, _ in groups] == ["shirushi.readers", "shirushi.suggesters"]
    (about / "entry_points.txt").write_text(
        "\n".join(f"[{name}]\n{lines.replace(chr(34), '')}" for name, lines in groups)
    )
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "north.buoy").write_text("BUOY 1\nstation=Lake Biwa, north basin\n")
    (folder / "broken.buoy").write_text("nothing\n")
    program = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "from shirushi.describe import describe\n"
        f"found = describe({str(folder)!r})\n"
        "print([(s.value['place'], s.method, s.evidence[0].place.start) for s in found.for_field('locations')])\n"
        "print([(p.file, p.detail) for p in found.problems if 'BUOY' in p.detail])\n"
    )
    environment = {"PYTHONPATH": str(site), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.splitlines() == [
        "[('Lake Biwa, north basin', 'locations.buoy-station', 2)]",
        "[('broken.buoy', 'a .buoy file begins with the word BUOY')]",
    ], done.stderr
