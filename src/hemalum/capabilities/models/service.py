"""What people do with models: add, try, release and withdraw versions; and what the node asks about them."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.conformity.service import Conformity
from hemalum.capabilities.models import store
from hemalum.capabilities.models.model import (
    MANAGE,
    RELEASE,
    VIEW,
    ArchiveChecked,
    CheckStep,
    Fit,
    LocalValidation,
    ModelStatusChanged,
    Publisher,
    SlideFacts,
    StatusChange,
    StepChecked,
    Trial,
    Version,
    check_chain,
    check_releasable,
    check_transition,
    fits,
)
from hemalum.capabilities.slides.model import Image, ImageStatus
from hemalum.capabilities.slides.service import Slides
from hemalum.formats.model.contract import Status
from hemalum.formats.model.folder import (
    LIST_FILE,
    ModelFolder,
    list_of,
    read_contract_of,
    read_model_folder,
)
from hemalum.formats.model.reading import BadModel
from hemalum.formats.model.signing import check_signature
from hemalum.formats.profile.record import Concept
from hemalum.formats.profile.terms import Kind, find_by_codes
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import (
    Conflict,
    HemalumError,
    Invalid,
    NotFound,
    UnreadableSlide,
)
from hemalum.kernel.ids import OrganisationId, new_id
from hemalum.kernel.sentence import Sentence
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.policy import check_permission
from hemalum.runtime.sandbox import Limits, Workers

_CHECK = "hemalum.analysis.golden:check_folder"
_CHECK_WALL_S = 300
_UNPACK = "hemalum.formats.model.archive:unpack_model"
_MOST_NAME = 200
_PLACE_LASTS_S = 3600


type Passed = Callable[[CheckStep], None]
"""Told of each step of a check that went well."""


def _unheard(_step: CheckStep) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class VersionShown:
    """A version with all that the laboratory has written down about it."""

    version: Version
    publisher: Publisher | None
    """Who signed it, where this laboratory trusts them."""
    changes: tuple[StatusChange, ...]
    validations: tuple[LocalValidation, ...]


@dataclass(frozen=True)
class Models:
    """The models of a node. May be used from many threads."""

    slides: Slides
    conformity: Conformity
    workers: Workers
    """Children that open networks from outside."""

    @property
    def _database(self) -> sa.Engine:
        return self.slides.database

    # Adding ----------------------------------------------------------------------------------------------

    def add(self, actor: Actor, path: Path) -> Version:
        """Add the version in a folder as research; the same once more is the one that there is.

        Everything is checked first, and either all of it is kept or nothing.

        Raises:
            NotPermitted: the actor may not.
            BadModel: the folder is not a model that keeps the contract.
            Conflict: this version is there with other content, or its publisher has withdrawn it.
        """
        check_permission(actor, MANAGE)
        return self._add(actor, path, _unheard)

    def add_archive(self, actor: Actor, archive: Path) -> ArchiveChecked:
        """Unpack a .zip or .tar in a child process, check what is in it, and add it as `add` does.

        What is wrong with it is answered step by step, with all that is wrong in the step that failed.

        Raises:
            NotPermitted: the actor may not.
            DiskFull: there is no room to unpack it.
        """
        check_permission(actor, MANAGE)
        passed: list[CheckStep] = []
        with tempfile.TemporaryDirectory(prefix="model-", dir=self.slides.settings.scratch) as at:
            try:
                self.workers.call(_UNPACK, {"archive": str(archive), "folder": at})
                passed.append(CheckStep.ARCHIVE)
                version = self._add(actor, Path(at), passed.append)
            except BadModel as error:
                return _refused(passed, error.problems)
            except (Invalid, Conflict, UnreadableSlide) as error:
                return _refused(passed, (error.sentence,))
        return ArchiveChecked(tuple(StepChecked(each, is_good=True) for each in CheckStep), version)

    def _add(self, actor: Actor, path: Path, passed: Passed) -> Version:
        folder, tiles, difference = check_folder(path, self.workers, passed)
        identity = folder.contract.identity
        if identity.status is Status.WITHDRAWN:
            raise Conflict("Its publisher has withdrawn this version.")
        known = self._find_same(actor.organisation_id, folder)
        if known is not None:
            return known
        for each in folder.files:
            self.slides.blobs.put_file(_key(folder.address, each.path), folder.file(each.path))
        version = Version(
            new_id(),
            actor.organisation_id,
            folder.address,
            folder.contract,
            Status.RESEARCH,
            sum(each.size for each in folder.files),
            tiles,
            difference,
            "" if folder.signature is None else folder.signature.public_key,
            self.slides.clock(),
            actor.person_id,
            actor.called,
        )
        try:
            with transaction(self._database) as connection:
                store.add_version(connection, version, folder.files)
                self._tell(actor, "add", version, address=folder.address)
                self._publish(connection, version, Status.RESEARCH)
        except sa.exc.IntegrityError:  # somebody else was faster: theirs is the one that there is
            known = self._find_same(actor.organisation_id, folder)
            if known is None:
                raise
            return known
        return version

    def _find_same(self, organisation_id: str, folder: ModelFolder) -> Version | None:
        identity = folder.contract.identity
        with reading(self._database) as connection:
            known = store.find_by_name(connection, organisation_id, identity.id, identity.version)
        if known is not None and known.address != folder.address:
            raise Conflict(
                "Version {version} of {id} is there with other content; give yours a new number.",
                version=identity.version,
                id=identity.id,
            )
        return known

    # Looking ---------------------------------------------------------------------------------------------

    def list_versions(self, actor: Actor) -> list[Version]:
        """All versions of the actor's organisation, by model, those added last first."""
        check_permission(actor, VIEW)
        return self.versions_of(actor.organisation_id)

    def versions_of(self, organisation_id: str) -> list[Version]:
        """The same of any organisation, for the node itself."""
        with reading(self._database) as connection:
            return store.list_versions(connection, organisation_id)

    def get_version(self, organisation_id: str, version_id: str) -> Version:
        """A version of an organisation, for the node itself.

        Raises:
            NotFound: it has none of this id.
        """
        with reading(self._database) as connection:
            return _found(store.find_version(connection, organisation_id, version_id))

    def show(self, actor: Actor, version_id: str) -> VersionShown:
        """A version with its history.

        Raises:
            NotPermitted: the actor may not see models.
            NotFound: the organisation has none of this id.
        """
        check_permission(actor, VIEW)
        with reading(self._database) as connection:
            version = _found(store.find_version(connection, actor.organisation_id, version_id))
            publishers = store.list_publishers(connection, actor.organisation_id)
            return VersionShown(
                version,
                next((one for one in publishers if one.public_key == version.signed_with), None),
                tuple(store.list_changes(connection, version_id)),
                tuple(store.list_validations(connection, version_id)),
            )

    def network_of(self, version: Version) -> dict[str, Any]:
        """What a child process is told to open the network of a version.

        `network` is its place with the `sha256` that it has to have; `weights` the same with its `name`, of
        weights that lie in a file of their own, else None.
        """
        named = version.contract.network
        with reading(self._database) as connection:
            files = {each.path: each for each in store.files_of(connection, version.id)}

        def place_of(path: str) -> dict[str, Any]:
            key = _key(version.address, path)
            return self.slides.blobs.place(key, files[path].size, _PLACE_LASTS_S)

        weights = None
        if named.weights:
            sha256 = files[named.weights].sha256
            weights = {"name": named.weights, "place": place_of(named.weights), "sha256": sha256}
        return {
            "network": place_of(named.file),
            "sha256": files[named.file].sha256,
            "weights": weights,
        }

    @contextmanager
    def open_folder(self, version: Version) -> Iterator[ModelFolder]:
        """The files of a version in a folder of their own, each the one that was added.

        Raises:
            BadModel: the blob store no longer holds what was added.
        """
        with reading(self._database) as connection:
            files = store.files_of(connection, version.id)
        with tempfile.TemporaryDirectory(prefix="model-", dir=self.slides.settings.scratch) as at:
            folder = Path(at)
            for each in files:
                target = folder / each.path
                target.parent.mkdir(parents=True, exist_ok=True)
                self.slides.blobs.fetch(_key(version.address, each.path), target)
            (folder / LIST_FILE).write_bytes(list_of(files))
            opened = read_model_folder(folder)
            if opened.address != version.address:
                raise BadModel("The stored files are not those that were added.")
            yield opened

    # What it fits ----------------------------------------------------------------------------------------

    def facts_of(self, image: Image, jurisdiction: str) -> SlideFacts:
        """What is known of an available image, in the terms that contracts use."""
        summary = image.summary
        scale = None
        if summary.spacing_x_um is not None and summary.spacing_y_um is not None:
            scale = max(summary.spacing_x_um, summary.spacing_y_um)
        specimen = self.conformity.specimen_of(image)
        return SlideFacts(
            scale,
            _term(Kind.STAIN, specimen.stain),
            _term(Kind.SITE, specimen.site),
            summary.scanner_model or "",
            jurisdiction,
            _term(Kind.COLLECTION, specimen.collection),
        )

    def fit(self, actor: Actor, version_id: str, image_id: str) -> Fit:
        """Whether a version may run on a slide now.

        Raises as `Slides.permit` does, and:
            NotFound: the organisation has no such version, or the image is not available yet.
        """
        check_permission(actor, VIEW)
        version = self.get_version(actor.organisation_id, version_id)
        image = self.slides.permit(actor, image_id).image
        if image.status is not ImageStatus.AVAILABLE:
            raise NotFound("This image is not available yet.")
        return fits(version, self.facts_of(image, actor.jurisdiction), self.slides.clock().date())

    # Deciding --------------------------------------------------------------------------------------------

    def accept_licence(self, actor: Actor, version_id: str) -> Version:
        """Accept the licence of a version for the actor's organisation, in the actor's name; once.

        Raises:
            NotPermitted: the actor may not.
            NotFound: the organisation has no such version.
        """
        check_permission(actor, MANAGE)
        with transaction(self._database) as connection:
            version = _held(connection, actor, version_id)
            if version.licence_accepted is None:
                self._tell(actor, "accept_licence", version, licence=version.contract.licence.name)
                store.accept_licence(connection, version_id, actor, self.slides.clock())
        return self.get_version(actor.organisation_id, version_id)

    def set_status(self, actor: Actor, version_id: str, after: Status, reason: str) -> Version:
        """Let a version be used for something else, from now on, and say why.

        Raises:
            NotPermitted: the actor may not; release and withdrawal ask for more than shadow does.
            NotFound: the organisation has no such version.
            Invalid: no reason is given.
            Conflict: there is no way from its status, or it lacks what release asks for.
        """
        check_permission(actor, RELEASE if after in (Status.CLINICAL, Status.WITHDRAWN) else MANAGE)
        with transaction(self._database) as connection:
            version = _held(connection, actor, version_id)
            if version.status is Status.CLINICAL:
                check_permission(actor, RELEASE)
            check_transition(version, after, reason)
            if after is Status.CLINICAL:
                check_chain(version, store.list_versions(connection, actor.organisation_id))
                trusted = store.list_publishers(connection, actor.organisation_id)
                check_releasable(
                    version,
                    len(store.list_validations(connection, version_id)),
                    is_trusted=any(one.public_key == version.signed_with for one in trusted),
                )
            change = {"before": version.status.value, "after": after.value, "reason": reason.strip()}
            self._tell(actor, "set_status", version, **change)
            store.set_status(connection, version, after, actor, reason.strip(), self.slides.clock())
            self._publish(connection, version, after)
        return self.get_version(actor.organisation_id, version_id)

    def record_validation(self, actor: Actor, version_id: str, trial: Trial) -> VersionShown:
        """Keep what the laboratory found when it tried a version on its own slides.

        Raises:
            NotPermitted: the actor may not.
            NotFound: the organisation has no such version.
            Invalid: nothing was measured.
        """
        check_permission(actor, MANAGE)
        if not trial.cohort.strip() or trial.n < 1 or not trial.metrics:
            raise Invalid("A validation names its cohort, how many it holds, and at least one metric.")
        with transaction(self._database) as connection:
            version = _held(connection, actor, version_id)
            self._tell(actor, "record_validation", version, cohort=trial.cohort, n=trial.n)
            store.add_validation(connection, version_id, trial, actor, self.slides.clock())
        return self.show(actor, version_id)

    # Publishers ------------------------------------------------------------------------------------------

    def list_publishers(self, actor: Actor) -> list[Publisher]:
        """Whom the actor's organisation trusts."""
        check_permission(actor, VIEW)
        with reading(self._database) as connection:
            return store.list_publishers(connection, actor.organisation_id)

    def trust(self, actor: Actor, public_key: str, name: str) -> None:
        """Trust whoever signs with a key. Trusting them once more changes nothing.

        Raises:
            NotPermitted: the actor may not.
            Invalid: it is no key, or nobody is named.
        """
        check_permission(actor, RELEASE)
        key = public_key.strip().lower()
        if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
            raise Invalid("A public key is 64 hexadecimal digits.")
        if not name.strip() or len(name) > _MOST_NAME:
            raise Invalid("Say whose key it is, in at most {most} characters.", most=_MOST_NAME)
        with transaction(self._database) as connection:
            known = store.list_publishers(connection, actor.organisation_id)
            if any(one.public_key == key for one in known):
                return
            self._tell_of_publisher(actor, "trust", key)
            store.add_publisher(
                connection, actor.organisation_id, key, name.strip(), actor, self.slides.clock()
            )

    def distrust(self, actor: Actor, public_key: str) -> None:
        """Trust whoever signs with a key no longer. What was released stays as it is.

        Raises:
            NotPermitted: the actor may not.
            NotFound: nobody trusts it.
        """
        check_permission(actor, RELEASE)
        with transaction(self._database) as connection:
            if not store.remove_publisher(connection, actor.organisation_id, public_key):
                raise NotFound("This laboratory does not trust this key.")
            self._tell_of_publisher(actor, "distrust", public_key)

    def _publish(self, connection: sa.Connection, version: Version, status: Status) -> None:
        event = ModelStatusChanged(
            self.slides.clock(), version.id, OrganisationId(version.organisation_id), status.value
        )
        outbox.publish(connection, event)

    def _tell(self, actor: Actor, verb: str, version: Version, **detail: str | int) -> None:
        identity = version.contract.identity
        self.slides.record(
            Record(
                f"models.{verb}",
                actor,
                target=f"model/{version.id}",
                organisation_id=version.organisation_id,
                detail={"model": identity.id, "version": identity.version, **detail},
            )
        )

    def _tell_of_publisher(self, actor: Actor, verb: str, public_key: str) -> None:
        self.slides.record(
            Record(
                f"models.{verb}",
                actor,
                target=f"publisher/{public_key}",
                organisation_id=actor.organisation_id,
            )
        )


def _refused(passed: Sequence[CheckStep], problems: tuple[Sentence, ...]) -> ArchiveChecked:
    """The steps that went well, the one that did not, and those that were not come to."""
    steps = [StepChecked(each, is_good=True) for each in passed]
    failed, *left = [each for each in CheckStep if each not in passed]
    steps.append(StepChecked(failed, is_good=False, problems=problems))
    steps += [StepChecked(each, is_good=None) for each in left]
    return ArchiveChecked(tuple(steps), None)


def open_models(slides: Slides, conformity: Conformity) -> Models:
    """The models of a node. Child processes start on demand."""
    limits = Limits(
        memory_mib=slides.settings.child_memory_mib,
        cpu_s=_CHECK_WALL_S,
        stall_s=_CHECK_WALL_S,
        wall_s=_CHECK_WALL_S,
        idle_s=slides.settings.worker_idle_s,
    )
    return Models(slides, conformity, Workers(1, limits))


def check_folder(
    path: Path, workers: Workers | None = None, passed: Passed = _unheard
) -> tuple[ModelFolder, int, float]:
    """Read a folder, check its signature, and run its golden tiles in a child process.

    Answers the folder, how many golden tiles it has, and the greatest difference. `passed` is told of each
    step that went well.

    Raises:
        BadModel: something in the folder is not as it has to be. The sentence says what.
    """
    read_contract_of(path)
    passed(CheckStep.CONTRACT)
    folder = read_model_folder(path)
    passed(CheckStep.FILES)
    if folder.signature is not None:
        check_signature(folder.address, folder.signature)
    passed(CheckStep.SIGNATURE)
    children = workers or Workers(1, Limits(cpu_s=_CHECK_WALL_S, wall_s=_CHECK_WALL_S))
    try:
        found = children.call(_CHECK, {"path": str(path)})
    except UnreadableSlide as error:
        raise BadModel("The network could not be checked: {reason}", reason=error.sentence) from error
    except HemalumError as error:
        # What crosses the pipe has lost its own class.
        raise BadModel.saying(error.sentence) from error
    finally:
        if workers is None:
            children.close()
    passed(CheckStep.NETWORK)
    return folder, int(found["tiles"]), float(found["difference"])


def _found(version: Version | None) -> Version:
    if version is None:
        raise NotFound("There is no such version of a model.")
    return version


def _held(connection: sa.Connection, actor: Actor, version_id: str) -> Version:
    return _found(store.find_version(connection, actor.organisation_id, version_id, to_write=True))


def _term(kind: Kind, concept: Concept | None) -> str:
    """The term of a coded element; the code itself where it is of no table, so that it fits nothing."""
    if concept is None or not concept.codes:
        return ""
    term = find_by_codes(kind, concept.codes)
    return term.id if term is not None else concept.codes[0].value


def _key(address: str, path: str) -> str:
    return f"models/{address}/{path}"
