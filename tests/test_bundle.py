"""Bundles: everything in one file, opened read-only, and nothing of a hostile one believed."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from command_line import run_kg
from load_stores import environment

from kg.bundle import open_bundle
from kg.errors import InputError, UsageError
from kg.export import export
from kg.graph.store import Graph, open_graph
from kg.graph.views import View
from kg.project import Project

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def graph(small):
    return small


@pytest.fixture(scope="module")
def bundle(graph, tmp_path_factory):
    return export(graph, tmp_path_factory.mktemp("bundle") / "graph.kgz").path


def rebuilt(bundle, path, *, change=lambda entries: None, manifest=lambda data: None):
    """The bundle again with its entries and its manifest changed; checksums are made right before the manifest is."""
    with zipfile.ZipFile(bundle) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    data = json.loads(entries.pop("manifest.json"))
    change(entries)
    for name, content in entries.items():
        data["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    manifest(data)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", json.dumps(data))
    return path


def test_the_same_graph_gives_the_same_bundle(graph, bundle, tmp_path):
    """Byte by byte, so that a checksum of the file means something."""
    assert export(graph, tmp_path / "again.kgz").path.read_bytes() == bundle.read_bytes()


def test_it_opens_as_a_project_and_gives_the_same_graph(graph, bundle, tmp_path):
    """Unpacked, it is the project: the same files, and a build of the same version."""
    folder = open_bundle(bundle, tmp_path / "cache")
    inside, outside = Project(folder), graph.project
    assert inside.digest() == outside.digest()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KG_STATE_DIR", str(tmp_path / "state"))
        assert open_graph(Project(folder)).snapshot.meta["version"] == graph.snapshot.meta["version"]
    assert open_bundle(bundle, tmp_path / "cache") == folder


def test_what_is_unpacked_is_read_only(bundle, tmp_path):
    """Neither file nor folder is writable."""
    folder = open_bundle(bundle, tmp_path / "cache")
    assert not [path for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o222]


def test_the_command_line_asks_it(bundle, tmp_path):
    """`kg --project FILE` answers from a bundle, whatever the working directory."""
    caches = environment(XDG_CACHE_HOME=str(tmp_path / "cache"), PYTHONPATH=str(ROOT))
    done = run_kg("--project", bundle, "query", "members", "-f", "csv", cwd=tmp_path, env=caches)
    assert done.returncode == 0, done.stderr
    assert "id/croatia" in done.stdout


@pytest.mark.parametrize(
    "name",
    [
        "../evil.rq",
        "queries/../../evil.rq",
        "/tmp/evil.rq",  # noqa: S108 - the name that must be refused
        "queries/..\\evil.rq",
        "queries//evil.rq",
        "queries/.hidden.rq",
        "kg/cli/evil.py",
        "queries",
        "C:evil.rq",
    ],
)
def test_names_that_lead_elsewhere(bundle, tmp_path, name):
    """An entry outside the project's three folders is refused and nothing is written there."""
    hostile = rebuilt(bundle, tmp_path / "h.kgz", change=lambda entries: entries.update({name: b"x"}))
    with pytest.raises(InputError, match="KG731"):
        open_bundle(hostile, tmp_path / "cache" / "deep")
    assert not list(tmp_path.rglob("*evil*"))
    assert list((tmp_path / "cache" / "deep").iterdir()) == []


def test_content_that_was_changed(bundle, tmp_path):
    """A file that is not what the manifest says, longer or shorter, is refused."""
    for size in (0, 1, 10**6):

        def other(data, size=size):
            name = next(name for name in data["files"] if name.endswith(".rq"))
            data["files"][name]["size"] = size

        with pytest.raises(InputError, match="KG732"):
            open_bundle(rebuilt(bundle, tmp_path / f"{size}.kgz", manifest=other), tmp_path / "cache")

    def wrong(data):
        data["files"]["graph.nq"]["sha256"] = "0" * 64

    with pytest.raises(InputError, match="KG732"):
        open_bundle(rebuilt(bundle, tmp_path / "w.kgz", manifest=wrong), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_entries_and_manifest_must_agree(bundle, tmp_path):
    """Neither an entry that the manifest does not name, nor one that is missing."""
    for change in (lambda d: d["files"].pop("graph.nq"), lambda d: d["files"].update(x={"sha256": "", "size": 0})):
        with pytest.raises(InputError, match="KG731"):
            open_bundle(rebuilt(bundle, tmp_path / "b.kgz", manifest=change), tmp_path / "cache")


def test_a_link_is_refused(bundle, tmp_path):
    """A symbolic link in a bundle could lead anywhere."""
    path = rebuilt(bundle, tmp_path / "l.kgz")
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if name.endswith("members.rq") else 0o100644) << 16
            archive.writestr(info, content)
    with pytest.raises(InputError, match="KG731"):
        open_bundle(path, tmp_path / "cache")


@pytest.mark.parametrize(
    "manifest", ["[]", "{}", '{"format": 99, "files": {}}', '{"format": 1, "files": {"a": 1}}', "x"]
)
def test_a_manifest_that_is_none(tmp_path, manifest):
    """What this version does not read is said to be so."""
    path = tmp_path / "m.kgz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", manifest)
    with pytest.raises(InputError, match="KG730"):
        open_bundle(path, tmp_path / "cache")


def test_too_large(bundle, tmp_path):
    """A bundle that announces more than the limit is not unpacked."""
    path = rebuilt(bundle, tmp_path / "t.kgz", manifest=lambda d: d["files"]["graph.nq"].update(size=1 << 40))
    with pytest.raises(InputError, match="KG733"):
        open_bundle(path, tmp_path / "cache")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "LZMA"])
def test_another_compression_is_refused(bundle, tmp_path, method):
    """Decoders that no bundle needs are not run on a stranger's bytes: damaged LZMA raises an error of its own."""
    with zipfile.ZipFile(bundle) as archive, zipfile.ZipFile(tmp_path / "x.kgz", "w", method) as other:
        for name in archive.namelist():
            other.writestr(name, archive.read(name))
    with pytest.raises(InputError, match="KG730"):
        open_bundle(tmp_path / "x.kgz", tmp_path / "cache")


def test_a_name_that_is_not_utf_8(bundle, tmp_path):
    """An entry whose name says that it is UTF-8 and is not makes a damaged bundle."""
    with zipfile.ZipFile(tmp_path / "x.kgz", "w") as archive:
        archive.writestr("queries/\xe9.rq", b"ASK {}")
    content = (tmp_path / "x.kgz").read_bytes()
    (tmp_path / "x.kgz").write_bytes(content.replace("\xe9".encode(), b"\xff\xfe"))
    with pytest.raises(InputError, match="KG730"):
        open_bundle(tmp_path / "x.kgz", tmp_path / "cache")


def test_no_bundle_or_half_of_one(bundle, tmp_path):
    """Text, half a file, a missing file: an error with the place, no traceback."""
    (tmp_path / "text.kgz").write_text("not a zip")
    (tmp_path / "half.kgz").write_bytes(bundle.read_bytes()[: bundle.stat().st_size // 2])
    for name in ("text.kgz", "half.kgz", "none.kgz"):
        with pytest.raises(InputError, match="KG730"):
            open_bundle(tmp_path / name, tmp_path / "cache")


def test_a_view_is_no_bundle(graph, tmp_path):
    """A bundle holds the whole graph: asked for with a view, it is refused and nothing is written."""
    other = Graph(graph.project, graph.snapshot, View(accept="affirmed"))
    with pytest.raises(UsageError, match="KG722"):
        export(other, tmp_path / "v.kgz")
    assert list(tmp_path.iterdir()) == []
