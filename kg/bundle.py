"""Opening a bundle: one file that holds a whole project, checked before anything of it is used.

A bundle comes from outside. Its manifest must name every entry with its size and SHA-256, and no more; a name may
lead nowhere but below the project's three folders; sizes are bounded; nothing is taken before all of it is right.
It is unpacked once, into the user's cache, read-only, under the digest of the file; the store is built from it
there like any project's.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import zipfile
import zlib
from pathlib import Path
from typing import Any

from kg.errors import InputError, Place, Problem
from kg.files import keeping
from kg.owned import folder_within, has_mark, make_folder, place_folder, remove_folder

#: The form of a bundle, raised when it changes.
FORMAT = 1
MANIFEST, GRAPH = "manifest.json", "graph.nq"
FOLDERS = ("ontology", "corpus", "queries")
_NAME = re.compile(r"(?:ontology|corpus|queries)(?:/\w[\w.-]*)+")
#: The kind of folder that an unpacked bundle is (see ``kg.owned``).
_KIND = "unpacked bundle"
_MANIFEST_LIMIT = 16 << 20
_TOTAL_LIMIT = 4 << 30


def open_bundle(path: Path, cache: Path) -> Path:
    """Check a bundle and unpack it below a cache folder, unless that was done before; gives the project's folder.

    Raises InputError: KG730 no bundle or an unreadable one, KG731 a name that leads elsewhere or is not in the
    manifest, KG732 a checksum or size that differs, KG733 too large; Unwritable for the cache.
    """
    try:
        digest = _digest(path)
        folder = folder_within(cache, digest)
        if folder.is_dir():
            return _own(folder)
        with keeping(cache):
            made = make_folder(cache, "bundle-", _KIND)
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, made, path)
            if place_folder(made, folder):
                _close(folder)
            return _own(folder)
        finally:
            remove_folder(made, _KIND)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeError) as error:
        raise _bad("KG730", f"is no bundle, or a damaged one: {error}", path) from None
    except OSError as error:
        raise _bad("KG730", f"cannot be opened: {error.strerror or error}", path) from None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _own(folder: Path) -> Path:
    """The folder, where this tool unpacked it for this user. Raises InputError (KG007)."""
    if not has_mark(folder, _KIND):
        problem = Problem("KG007", "was not unpacked by this tool for you", Place(str(folder)), "Remove it yourself.")
        raise InputError(problem)
    return folder


def _close(folder: Path) -> None:
    """Let nobody write into what was unpacked."""
    for inside in (folder, *(found for found in folder.rglob("*") if found.is_dir())):
        inside.chmod(0o555)


def _unpack(archive: zipfile.ZipFile, folder: Path, path: Path) -> None:
    if not {entry.compress_type for entry in archive.infolist()} <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise _bad("KG730", "is compressed in a way that no bundle is", path)
    described = _manifest(archive, path)
    entries = {entry.filename: entry for entry in archive.infolist()}
    if len(entries) != len(archive.infolist()):
        raise _bad("KG731", "an entry stands in it twice", path)
    if set(entries) != {*described, MANIFEST}:
        odd = sorted(set(entries) ^ {*described, MANIFEST})[0]
        raise _bad("KG731", f"entries and manifest do not agree: {odd!r}", path)
    if sum(int(about["size"]) for about in described.values()) > _TOTAL_LIMIT:
        raise _bad("KG733", f"holds more than {_TOTAL_LIMIT:,} bytes", path)
    for name, about in described.items():
        if name != GRAPH and not _NAME.fullmatch(name):
            raise _bad("KG731", f"{name!r} is no name of a project's file", path)
        if stat.S_ISLNK(entries[name].external_attr >> 16):
            raise _bad("KG731", f"{name!r} is a link", path)
        _extract(archive, name, about, folder / name, path)


def _manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, dict[str, Any]]:
    try:
        with archive.open(MANIFEST) as file:
            text = file.read(_MANIFEST_LIMIT + 1)
        data = json.loads(text[:_MANIFEST_LIMIT])
        files: dict[str, dict[str, Any]] = data["files"]
        good = data["format"] == FORMAT and all(
            isinstance(about["sha256"], str) and isinstance(about["size"], int) and about["size"] >= 0
            for about in files.values()
        )
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        good = False
    if not good:
        raise _bad("KG730", "has no manifest that this version reads", path)
    return files


def _extract(archive: zipfile.ZipFile, name: str, about: dict[str, Any], target: Path, path: Path) -> None:
    """Unpack one entry, reading no more than the size that the manifest gives."""
    digest, left = hashlib.sha256(), about["size"]
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(name) as source, target.open("wb") as file:
        while piece := source.read(min(1 << 20, left + 1)):
            left -= len(piece)
            if left < 0:
                break
            digest.update(piece)
            file.write(piece)
    if left or digest.hexdigest() != about["sha256"]:
        raise _bad("KG732", f"{name!r} is not what the manifest says: the file was changed or damaged", path)
    os.chmod(target, 0o444)


def _bad(code: str, message: str, path: Path) -> InputError:
    return InputError(Problem(code, message, Place(str(path)), "Get the bundle again from where it comes from."))
