"""Every bar of the repository in one table: record JSON and landing page, OAI-PMH, 100,000 files, upload.

usage: python bench/repository.py [record_page oai many_files upload]      (all four without names; about 15 minutes on idle cores)

Each part runs in a process of its own and says more than the table. The exit code is 1 where a bar is not met or a part failed.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

BENCH = Path(__file__).resolve().parent
PARTS = ("record_page", "oai", "many_files", "upload")


def main() -> int:
    asked = sys.argv[1:] or list(PARTS)
    if unknown := set(asked) - set(PARTS):
        raise SystemExit(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    failed = []
    with tempfile.TemporaryDirectory(prefix="shirushi-bench-") as folder:
        place = Path(folder) / "rows"
        place.touch()
        for part in asked:
            print(f"== bench/{part}.py", flush=True)
            before = place.stat().st_size
            environment = {**os.environ, "BENCH_ROWS": str(place), "SHIRUSHI_HOME": str(Path(folder) / part)}
            done = subprocess.run([sys.executable, str(BENCH / f"{part}.py")], env=environment, check=False)
            if place.stat().st_size == before:
                failed.append(f"{part} (exit code {done.returncode})")
        rows = [json.loads(line) for line in place.read_text(encoding="utf-8").splitlines()]
    load = os.getloadavg()[0]
    print(f"\n{'':58} {'measured':>10} {'bar':>8}    (load {load:.1f} on {os.cpu_count()} cores)")
    for row in rows:
        met = "met" if row["value"] <= row["bar"] else "NOT MET"
        print(f"{row['name']:58} {row['value']:8.2f} {row['unit']:>2} {row['bar']:6g} {row['unit']:>2}  {met}")
    for part in failed:
        print(f"{part}: no result")
    return int(bool(failed) or any(row["value"] > row["bar"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
