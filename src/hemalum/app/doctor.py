"""What is ready on this machine, what is missing, what to do."""

import importlib
import os
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from hemalum.kernel.capability import Check
from hemalum.kernel.errors import HemalumError
from hemalum.runtime.settings import Settings, load_settings, make_folders

_FREE_BYTES_WANTED = 5 << 30
_DECODERS = {
    "simplejpeg": "JPEG",
    "imagecodecs": "JPEG 2000, HTJ2K, JPEG-LS, JPEG XL, LZW, deflate",
    "openslide": "vendor formats through OpenSlide",
    "pydicom": "DICOM",
}


def examine(data: Path) -> list[Check]:
    """Look at the machine and at the node in `data`, which is made, and brought to the newest form."""
    checks = [_python(), *_decoders(), _web_app()]
    try:
        settings = load_settings(data)
        make_folders(settings)
    except HemalumError as error:
        return [*checks, Check("data directory", False, str(error), "Name a directory that can be written.")]
    return [*checks, *_node(settings)]


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("Python", sys.version_info >= (3, 12), version, "Install Python 3.12 or newer.")


def _decoders() -> Iterator[Check]:
    for module, reads in _DECODERS.items():
        try:
            importlib.import_module(module)
        except (ImportError, OSError) as error:
            yield Check(module, False, f"{reads}: {error}", f"pip install {module}")
        else:
            yield Check(module, True, reads)


def _web_app() -> Check:
    built = (Path(__file__).parent / "web" / "index.html").is_file()
    return Check(
        "web app", built, "built" if built else "not built", "Run scripts/setup in the source folder."
    )


def _node(settings: Settings) -> Iterator[Check]:
    yield Check("data directory", os.access(settings.data, os.W_OK), str(settings.data))
    free = shutil.disk_usage(settings.data).free
    yield Check(
        "disk space",
        free > _FREE_BYTES_WANTED,
        f"{free / 1e9:.0f} GB free",
        "Make room: a slide takes about 1 GB, and derived levels a few percent more.",
    )
    database = _database(settings)
    yield database
    yield _blobs(settings)
    if database.ready:
        yield _node_key(settings)
        yield _integrity(settings)
        yield _events(settings)
    yield _worker(settings)
    yield _templates(settings)
    yield _printing()
    if database.ready:
        yield _models(settings)
    yield _model_devices(settings)


def _database(settings: Settings) -> Check:
    from hemalum.runtime.db import migrate, newest_revision, open_database

    try:
        database = open_database(settings.database_url)
        try:
            migrate(database)
        finally:
            database.dispose()
    except (HemalumError, SQLAlchemyError) as error:
        told = error if isinstance(error, HemalumError) else error.__cause__ or error
        return Check("database", False, str(told), "Check database_url in hemalum.toml.")
    return Check("database", True, f"{database.dialect.name}, revision {newest_revision()}")


def _blobs(settings: Settings) -> Check:
    from hemalum.runtime.blob_store import open_blob_store

    key, where = "doctor/probe", settings.blobs_url.partition("?")[0]
    try:
        store = open_blob_store(settings.blobs_url)
        store.put(key, [b"hemalum"])
        kept = store.get(key) == b"hemalum"
        store.delete(key)
    except Exception as error:
        return Check("blob store", False, f"{where}: {error}", "Check blobs_url in hemalum.toml.")
    return Check("blob store", kept, where)


def _node_key(settings: Settings) -> Check:
    from hemalum.runtime.crypto.keys import open_keyring
    from hemalum.runtime.crypto.sm4 import sm4_library
    from hemalum.runtime.db import open_database

    database = open_database(settings.database_url)
    remedy = "Put the node key back from its backup, or set node_key in hemalum.toml to where it is."
    try:
        keyring = open_keyring(settings, database)
    except (HemalumError, SQLAlchemyError) as error:
        return Check("node key", False, str(error), remedy)
    finally:
        database.dispose()
    how: str = "what is stored is not sealed" if settings.encryption == "off" else settings.encryption
    if settings.encryption == "sm4-gcm":
        how += f" of {sm4_library()}"
    return Check("node key", True, f"{keyring.node_key_id}; {how}")


def _integrity(settings: Settings) -> Check:
    from hemalum.capabilities.slides import integrity_store
    from hemalum.runtime.db import open_database, reading

    database = open_database(settings.database_url)
    try:
        with reading(database) as connection:
            count, unchecked = integrity_store.count_standings(connection, None)
            found = integrity_store.list_damaged(connection, None)
    except SQLAlchemyError as error:
        return Check("integrity", False, str(error), "Check database_url in hemalum.toml.")
    finally:
        database.dispose()
    damaged = [one.name for one in found if one.is_damaged]
    if damaged:
        names = ", ".join(damaged[:3]) + (" and others" if len(damaged) > 3 else "")
        remedy = "hemalum scrub says what; set replica_url to repair from, or take the slide in anew."
        return Check("integrity", False, f"{len(damaged)} damaged slides: {names}", remedy)
    return Check("integrity", True, f"{count - unchecked} slides checked, {unchecked} not yet")


def _events(settings: Settings) -> Check:
    """Whether what happened reaches the jobs that wait for it."""
    from hemalum.runtime import outbox
    from hemalum.runtime.db import open_database, reading

    database = open_database(settings.database_url)
    try:
        with reading(database) as connection:
            stuck = outbox.list_stuck(connection)
    except SQLAlchemyError as error:
        return Check("events", False, str(error), "Check database_url in hemalum.toml.")
    finally:
        database.dispose()
    if not stuck:
        return Check("events", True, "all reach the jobs that wait for them")
    kinds = sorted({f"{one.type} for {job}" for one in stuck for job in one.jobs})
    told = ", ".join(kinds[:3]) + (" and others" if len(kinds) > 3 else "")
    remedy = "The log of the worker says why. They are tried again every minute; nothing else waits for them."
    return Check("events", False, f"{len(stuck)} set aside: {told}", remedy)


def _worker(settings: Settings) -> Check:
    from hemalum.runtime.worker_lock import worker_is_running

    if not settings.embedded:
        return Check("jobs", True, "any number of workers on PostgreSQL")
    running = worker_is_running(settings)
    return Check(
        "jobs", True, "a worker is running" if running else "no worker runs now; serve and ingest start one"
    )


def _templates(settings: Settings) -> Check:
    from hemalum.capabilities.reports.shelf import Shelf

    files = Shelf(settings.data / "templates").files()
    wrong = [each.complaint for each in files if each.complaint is not None]
    if wrong:
        return Check(
            "report templates", False, str(wrong[0]), "hemalum reports check FILE says what is wrong."
        )
    own = sum(each.is_own for each in files)
    return Check("report templates", True, f"{len(files)}, {own} of them the laboratory's own")


def _printing() -> Check:
    from importlib.util import find_spec

    from hemalum.runtime.typesetting import chinese_font

    if find_spec("typst") is None:
        return Check("printing", False, "reports cannot be printed", "pip install 'hemalum[reports]'")
    font = chinese_font()
    if font is None:
        return Check("printing", False, "no font for Chinese", "Install a font such as fonts-noto-cjk.")
    return Check("printing", True, f"Chinese in {font}")


def _models(settings: Settings) -> Check:
    """Whether networks can be opened, and what the versions on this node are."""
    from hemalum.capabilities.models import store
    from hemalum.runtime.db import open_database, reading

    try:
        runtime = importlib.import_module("onnxruntime").__version__
    except (ImportError, OSError) as error:
        return Check("models", False, f"onnxruntime: {error}", "pip install onnxruntime")
    database = open_database(settings.database_url)
    try:
        with reading(database) as connection:
            counts = store.count_statuses(connection)
    except SQLAlchemyError as error:
        return Check("models", False, str(error), "Check database_url in hemalum.toml.")
    finally:
        database.dispose()
    told = ", ".join(f"{count} {status}" for status, count in counts.items()) or "no versions"
    return Check("models", True, f"onnxruntime {runtime}; {told}")


def _model_devices(settings: Settings) -> Check:
    """On which graphics processors models run. That there is none is nothing that is missing."""
    from hemalum.capabilities.inference.devices import devices_for, find_devices
    from hemalum.runtime.sandbox import Workers

    workers = Workers(1)
    try:
        found = devices_for(settings, partial(find_devices, settings, workers))
    except HemalumError as error:
        return Check("devices for models", False, str(error), "Change model_devices in hemalum.toml.")
    finally:
        workers.close()
    told = ", ".join(f"{each.number} {each.name}".strip() for each in found.devices)
    return Check("devices for models", True, told or f"none: {found.why}")
