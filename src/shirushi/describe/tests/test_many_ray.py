"""A real cluster of two nodes on this machine's loopback; one of them dies in the middle."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from shirushi.describe.many import Options, describe_many, output_of
from shirushi.describe.seen import Context
from shirushi.describe.tests.test_many import _folder

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
ray = pytest.importorskip("ray", reason="the extra [ray] is not installed: nothing of Ray is tested")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    from ray.cluster_utils import Cluster

    # Ray replaces 127.0.0.1 by the machine's own address: this keeps all of it on the loopback.
    for home in ("ray._private.services", "ray.util", "ray._common.network_utils"):
        monkeypatch.setattr(f"{home}.get_node_ip_address", lambda *_: "127.0.0.1", raising=False)
    with tempfile.TemporaryDirectory(prefix="ray", dir="/tmp", ignore_cleanup_errors=True) as folder:
        monkeypatch.setenv(
            "RAY_TMPDIR", folder
        )  # where the address of the cluster is written, in a folder that must be there
        Path(folder, "ray").mkdir()
        small = {"num_cpus": 1, "object_store_memory": 80 * 1024 * 1024, "include_dashboard": False}
        made = Cluster(
            initialize_head=True, head_node_args={**small, "temp_dir": folder, "node_ip_address": "127.0.0.1"}
        )
        try:
            yield made, small
        finally:
            ray.shutdown()
            made.shutdown()


def test_a_node_that_dies_costs_nothing_but_time(cluster: tuple, tmp_path: Path) -> None:
    from shirushi.describe.many_ray import on_ray

    made, small = cluster
    second = made.add_node(**small, node_ip_address="127.0.0.1")
    made.wait_for_nodes()
    folders = [_folder(tmp_path / f"study {i}", i) for i in range(24)]
    folders.append(str(tmp_path / "nowhere"))
    out = tmp_path / "out"
    out.mkdir()
    options = Options(context=Context().to_json(), seconds=60)
    found = {}
    nodes = 0
    for outcome in describe_many(folders, out, lambda wanted: on_ray(wanted, options, made.address)):
        found[outcome.folder] = outcome
        if len(found) == 4:
            nodes = sum(node["Alive"] for node in ray.nodes())
            made.remove_node(second, allow_graceful=False)
    assert nodes == 2
    assert {folder: item.state for folder, item in found.items()} == {
        **dict.fromkeys(folders[:-1], "done"), folders[-1]: "failed",
    }  # fmt: skip
    assert all(json.loads(output_of(folder, out).read_text("utf-8"))["file_count"] == 2 for folder in folders[:-1])
