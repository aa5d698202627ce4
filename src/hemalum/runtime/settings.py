"""Settings of one node: from its data directory, `hemalum.toml` in it, and the environment."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import quote

from hemalum.kernel.actor import Purpose
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import cause_of

type Originals = Literal["link", "store"]
type ModelDevices = Literal["auto", "cpu"] | tuple[int, ...]
type Encryption = Literal["aes-256-gcm", "sm4-gcm", "off"]

_ENVIRONMENT_PREFIX = "HEMALUM_"
_FILE_NAME = "hemalum.toml"
_WORDS = {"true": True, "1": True, "false": False, "0": False}
_CHOICES = {"originals": Originals, "encryption": Encryption}


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A folder whose new files are ingested for an organisation."""

    path: Path
    organisation_id: str | None = None
    """None means the first organisation of the node."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a node needs to know before it starts. Everything has a default for an embedded node."""

    data: Path
    """The data directory; everything of an embedded node lies in it."""
    node_name: str = "hemalum.local"
    """The name under which the log of the node is known to others, best an address below one's own domain;
    stays the same for ever."""
    database_url: str = ""
    """SQLAlchemy URL; default SQLite in the data directory, or `postgresql://...` for many processes."""
    jobs_database_url: str = ""
    """Where durable jobs keep their state; default SQLite in the data directory."""
    blobs_url: str = ""
    """`file:///folder` or `s3://bucket/prefix?endpoint=URL&region=NAME`; default a folder of the data
    directory."""
    originals: Originals = "link"
    """Whether ingest by path leaves originals where they are or copies them to the blob store."""
    encryption: Encryption = "aes-256-gcm"
    """How what the node stores is sealed; `off` only where the disks are encrypted otherwise. Slides that
    have a key stay sealed."""
    node_key: str = ""
    """URL of the key that wraps all others, see `crypto.node_keys`; default a file in the data directory."""
    former_node_key: str = ""
    """The node key before this one, until `hemalum keys rotate` has wrapped every key anew."""
    replica_url: str = ""
    """A second blob store, as `blobs_url`: every blob is copied there, and repaired from there."""
    scrub_days: int = 30
    """Every slide is read and checked once in so many days."""
    scrub_mb_s: int = 50
    """Bytes that this reads in a second, in 10^6."""
    scratch_folder: str = ""
    """Where child processes find and leave plain bytes while they work; a tmpfs keeps them off every disk."""
    public_url: str = ""
    """How people reach the node, `https://slides.example`; default what each browser uses. Passkeys are bound
    to its host, and institutions send people back to it."""
    watch: tuple[WatchedFolder, ...] = ()
    child_memory_mib: int = 4096
    """Address space of a process that reads untrusted files."""
    child_stall_s: int = 120
    """Such a process is stopped when it reports nothing for this long."""
    child_wall_s: int = 6 * 3600
    """Such a process is stopped after this long in any case."""
    ingest_workers: int = 2
    """Slides taken in at the same time."""
    decode_workers: int = 2
    """Processes that decode regions and transcode frames while serving."""
    model_workers: int = 2
    """Processes that run models, one thread each."""
    model_memory_mib: int = 4096
    """Address space of such a process."""
    model_stall_s: int = 120
    """It is stopped when a single patch takes longer, on a device a batch of them."""
    model_devices: ModelDevices = "auto"
    """On which graphics processors models run: on all that onnxruntime can use, `auto`; on none, `cpu`; or on
    those with these numbers, `0,1`."""
    model_device_memory_mib: int = 8192
    """What the process of one model may take of the memory of such a device."""
    worker_idle_s: int = 60
    """A worker process without work leaves after this long."""
    tls_certificate: str = ""
    """File with the server's certificate chain (PEM); with it and `tls_key` the node speaks HTTPS only."""
    tls_key: str = ""
    """File with the private key. Both are read again when they change."""
    requests_per_second: int = 200
    """So many requests of one session, or of all who are not signed in at one address, are answered in the
    long run, and five times as many at once; tiles, DICOM frames that follow each other, and uploads are
    not counted."""
    general_basis: tuple[str, ...] = ("research", "teaching")
    """Purposes for which slides may be used here without consent of the single patient, as where an ethics
    committee waived it. Care and quality of care never need it."""
    time_zone: str = "Asia/Shanghai"
    """IANA name of the zone by which the node counts days."""
    working_hours: Mapping[str, str] = field(default_factory=lambda: {"default": "Mon-Sat 07:00-20:00"})
    """When organisations usually work, by their id, and `default` for all others: what happens outside of it
    is shown to auditors. In the environment `default=Mon-Sat 07:00-20:00;county=Mon-Fri 08:00-18:00`."""
    hl7_listen: str = ""
    """Where systems of hospitals send messages to (MLLP), as `host:port`; default nowhere."""
    hl7_clients: str = ""
    """File with the certificates (PEM) that those of these systems are signed with; with it messages are
    taken in over TLS only, and the node shows `tls_certificate`."""
    hl7_servers: str = ""
    """File with the certificates (PEM) that those of systems are signed with that messages are sent to over
    TLS; default those that the machine trusts."""
    fhir_notify: str = ""
    """Where subscriptions may send to, as `https://host` or `https://host:port`, several with commas; default
    nowhere."""
    dicom_listen: str = ""
    """Where scanners ask for the worklist (DICOM), as `host:port`; default nowhere."""
    dicom_title: str = "HEMALUM"
    """AE title by which they call the node."""
    dicom_clients: str = ""
    """File with the certificates (PEM) that those of scanners are signed with; with it scanners are
    answered over TLS only, and the node shows `tls_certificate`."""
    dicom_clinical: bool = False
    """Whether headers of slides that go out over DICOMweb tell clinical history and diagnosis codes, to who
    may know the patient."""
    drafting_url: str = ""
    """Where a language model of the house words drafts of reports (OpenAI-compatible, as
    `http://127.0.0.1:8000/v1`); default nowhere: the sentences of templates do. Only this host is asked."""
    drafting_model: str = ""
    """What it is called there."""
    drafting_key_file: str = ""
    """File with the key that it asks for."""
    drafting_timeout_s: int = 120
    dictation_url: str = ""
    """Where a speech model of the house makes text of what people dictate (OpenAI-compatible, as
    `http://127.0.0.1:8001/v1`); default nowhere: the screens offer no dictation. What is said is of
    patients, and goes to this host alone."""
    dictation_model: str = ""
    """What it is called there."""
    dictation_key_file: str = ""
    """File with the key that it asks for."""
    dictation_timeout_s: int = 60
    messages_kept_days: int = 90
    """Texts of messages that are dealt with are dropped after this long; that they came stays."""
    max_upload_bytes: int = 1 << 40
    upload_expiry_hours: int = 72
    """An unfinished upload is dropped when nothing arrived for this long."""
    ended_kept_days: int = 30
    """Jobs that ended and uploads that are closed are forgotten after this long; their slides stay."""

    @property
    def incoming(self) -> Path:
        """Uploads in flight."""
        return self.data / "incoming"

    @property
    def scratch(self) -> Path:
        """What worker processes read and write before it is sealed; plain."""
        return Path(self.scratch_folder) if self.scratch_folder else self.data / "scratch"

    @property
    def keys(self) -> Path:
        return self.data / "keys"

    @property
    def log(self) -> Path:
        """The log of an embedded node, and the policy of any."""
        return self.data / "log"

    @property
    def log_policy(self) -> Path:
        """Which logs and witnesses the node knows (C2SP tlog-policy)."""
        return self.log / "policy"

    @property
    def log_public_key(self) -> Path:
        """What the log is verified with, for everybody to know."""
        return self.log / "public-key"

    @property
    def log_database_url(self) -> str:
        """A SQLite file of its own, so that its syncs do not hold up those of the database; or PostgreSQL."""
        embedded = self.database_url.startswith("sqlite")
        return _sqlite(self.log / "log.sqlite") if embedded else self.database_url

    @property
    def subjects_database_url(self) -> str:
        """Where the keys lie that make people in the log unreadable once they are erased."""
        embedded = self.database_url.startswith("sqlite")
        return _sqlite(self.log / "subjects.sqlite") if embedded else self.database_url

    @property
    def worker_lock(self) -> Path:
        """Held by the one process that runs the jobs of an embedded node."""
        return self.data / "worker.lock"

    @property
    def embedded(self) -> bool:
        """Whether jobs live in a file, so that exactly one process may run them."""
        return self.jobs_database_url.startswith("sqlite")


def load_settings(data: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings for a data directory, which need not be there yet (`make_folders`).

    Order: defaults, then `hemalum.toml`, then environment variables `HEMALUM_<NAME>`.

    Raises:
        Invalid: a setting is unknown or has a value that cannot be used.
    """
    data = data.expanduser().resolve()
    environment = os.environ if environment is None else environment
    stated = _from_file(data / _FILE_NAME) | _from_environment(environment)
    known = {field.name for field in fields(Settings)} - {"data"}
    for name in stated:
        if name not in known:
            raise Invalid("There is no setting called {name}.", name=name)
    settings = Settings(data=data, **{name: _parse(name, value) for name, value in stated.items()})
    return _with_defaults(settings)


def make_folders(settings: Settings) -> None:
    """Create the data directory and its folders, readable only by their owner.

    Raises:
        Invalid: the directory cannot be made or written.
    """
    try:
        for folder in (settings.data, settings.incoming, settings.scratch, settings.keys):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Invalid(
            "The data directory {path} cannot be used: {cause}.",
            path=str(settings.data),
            cause=cause_of(error),
        ) from error


def _with_defaults(settings: Settings) -> Settings:
    return replace(
        settings,
        database_url=settings.database_url or _sqlite(settings.data / "hemalum.sqlite"),
        jobs_database_url=settings.jobs_database_url or _sqlite(settings.data / "jobs.sqlite"),
        blobs_url=settings.blobs_url or f"file://{quote(str(settings.data / 'blobs'))}",
        node_key=settings.node_key or f"file:{quote(str(settings.keys / 'node'))}",
    )


def _sqlite(path: Path) -> str:
    return f"sqlite:///{quote(str(path))}"


def _from_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid("{path} is not valid TOML: {reason}.", path=str(path), reason=str(error)) from error
    except OSError as error:
        raise Invalid("{path} cannot be read: {cause}.", path=str(path), cause=cause_of(error)) from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    known = {field.name for field in fields(Settings)} - {"data"}
    names = {_ENVIRONMENT_PREFIX + name.upper(): name for name in known}
    return {names[key]: value for key, value in environment.items() if key in names and value}


def _parse(name: str, value: Any) -> Any:
    if name == "watch":
        return _watched_folders(value)
    if name == "general_basis":
        return _purposes(value)
    if name == "working_hours":
        return _working_hours(value)
    if name == "model_devices":
        return _model_devices(value)
    if name in _CHOICES:
        choices = get_args(_CHOICES[name].__value__)
        if value not in choices:
            raise Invalid("The setting {name} must be {choices}.", name=name, choices=" | ".join(choices))
        return value
    default = next(field.default for field in fields(Settings) if field.name == name)
    if isinstance(default, bool):
        return _yes_or_no(name, value)
    if isinstance(default, int):
        return _whole_number(name, value)
    if not isinstance(value, str):
        raise Invalid("The setting {name} must be text.", name=name)
    return value


def _model_devices(value: Any) -> ModelDevices:
    if value in ("auto", "cpu"):
        named: ModelDevices = value
        return named
    stated = value.split(",") if isinstance(value, str) else value
    if not isinstance(stated, list) or not stated:
        stated = [""]
    numbers = tuple(int(each) for each in stated if _is_number(each))
    if len(numbers) != len(stated):
        raise Invalid("The setting model_devices must be auto, cpu, or numbers of devices such as 0,1.")
    return tuple(dict.fromkeys(numbers))


def _is_number(stated: Any) -> bool:
    digits = str(stated).strip()
    return isinstance(stated, int | str) and digits.isascii() and digits.isdecimal()


def _purposes(value: Any) -> tuple[str, ...]:
    stated = value.split(",") if isinstance(value, str) else value
    if not isinstance(stated, list) or not {str(name).strip() for name in stated} <= {"", *Purpose}:
        raise Invalid(
            "The setting general_basis must list purposes out of {purposes}.", purposes=", ".join(Purpose)
        )
    return tuple(name.strip() for name in stated if name.strip())


def _working_hours(value: Any) -> dict[str, str]:
    if isinstance(value, str):
        value = dict(part.split("=", 1) for part in value.split(";") if "=" in part)
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
        raise Invalid("The setting working_hours must give hours by organisation.")
    return dict(value)


def _yes_or_no(name: str, value: Any) -> bool:
    stated = _WORDS.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(stated, bool):
        raise Invalid("The setting {name} must be true or false.", name=name)
    return stated


def _whole_number(name: str, value: Any) -> int:
    try:
        number = None if isinstance(value, bool | float) else int(value)
    except (TypeError, ValueError):
        number = None
    if number is None:
        raise Invalid("The setting {name} must be a whole number.", name=name)
    if number <= 0:
        raise Invalid("The setting {name} must be more than 0.", name=name)
    return number


def _watched_folders(value: Any) -> tuple[WatchedFolder, ...]:
    entries = value.split(os.pathsep) if isinstance(value, str) else value
    folders = []
    for entry in entries if isinstance(entries, list) else [entries]:
        stated = {"path": entry} if isinstance(entry, str) else entry
        if not isinstance(stated, Mapping) or not isinstance(stated.get("path"), str):
            raise Invalid("A watched folder needs a path.")
        organisation_id = stated.get("organisation_id")
        if not isinstance(organisation_id, str | None):
            raise Invalid("The setting {name} must be text.", name="organisation_id")
        folders.append(WatchedFolder(Path(stated["path"]).expanduser().resolve(), organisation_id))
    return tuple(folders)
