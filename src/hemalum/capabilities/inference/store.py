"""Queries on the tables of inference. Every function works in the caller's transaction."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.inference.model import (
    LIVE,
    Chunk,
    DoneRun,
    Engine,
    InferenceRun,
    Pass,
    Recolouring,
    RunState,
    SecondReading,
)
from hemalum.capabilities.inference.tables import chunk_table, pass_table, reread_table, run_table
from hemalum.kernel.ids import ImageId
from hemalum.kernel.typed import typed
from hemalum.runtime.db import among, hold

_TIMES = ("created_at", "started_at", "ended_at")


def add_pass(connection: sa.Connection, pass_id: str, image_id: str) -> None:
    """A job that is about to be handed in."""
    connection.execute(sa.insert(pass_table).values(id=pass_id, image_id=image_id))


def find_pass(connection: sa.Connection, pass_id: str) -> Pass | None:
    """A pass, if its image is still there."""
    row = connection.execute(sa.select(pass_table).where(pass_table.c.id == pass_id)).first()
    return None if row is None else Pass(*row)


def keep_plan(connection: sa.Connection, pass_id: str, key: str | None, plan: Mapping[str, Any]) -> None:
    """What is to be looked at in a pass."""
    update = sa.update(pass_table).where(pass_table.c.id == pass_id)
    connection.execute(update.values(plan_key=key, plan=dict(plan)))


def keep_encoder_run(connection: sa.Connection, pass_id: str, run_id: str, encoder_run_id: str) -> None:
    """On which run of its encoder a head of a pass rests."""
    query = sa.select(pass_table.c.plan).where(pass_table.c.id == pass_id).with_for_update()
    plan = dict(connection.execute(query).scalar() or {})
    plan["encoder_runs"] = {**plan.get("encoder_runs", {}), run_id: encoder_run_id}
    update = sa.update(pass_table).where(pass_table.c.id == pass_id)
    connection.execute(update.values(plan=plan))


def keep_engine(connection: sa.Connection, pass_id: str, run_id: str, engine: Engine) -> None:
    """That a part of a run of a pass was computed on something. Once for each that is not kept already."""
    query = sa.select(pass_table.c.plan).where(pass_table.c.id == pass_id).with_for_update()
    plan = dict(connection.execute(query).scalar() or {})
    engines = plan.get("engines", {})
    known, new = engines.get(run_id, []), msgspec.to_builtins(engine)
    if new in known:
        return
    plan["engines"] = {**engines, run_id: [*known, new]}
    connection.execute(sa.update(pass_table).where(pass_table.c.id == pass_id).values(plan=plan))


def list_engines(connection: sa.Connection, pass_id: str, run_id: str) -> list[Engine]:
    """What a run of a pass was computed on, first things first; nothing of runs of before this was kept."""
    kept = find_pass(connection, pass_id)
    engines = {} if kept is None or kept.plan is None else kept.plan.get("engines", {})
    return [typed(each, Engine) for each in engines.get(run_id, [])]


def add_run(connection: sa.Connection, run: InferenceRun) -> None:
    """A run in its first state."""
    values = msgspec.to_builtins(run) | {name: getattr(run, name) for name in _TIMES}
    connection.execute(sa.insert(run_table).values(values))


def next_number(connection: sa.Connection, image_id: str, model_id: str, version: str) -> int:
    """The number of the next run of a version on an image; nobody else gets one of the image before the
    transaction ends."""
    hold(connection, f"inference_run {image_id}")
    column = run_table.c
    query = sa.select(sa.func.max(column.number)).where(
        column.image_id == image_id, column.model_id == model_id, column.model_version == version
    )
    return (connection.execute(query).scalar() or 0) + 1


def find_run(connection: sa.Connection, run_id: str, *, to_write: bool = False) -> InferenceRun | None:
    """A run of any organisation; `to_write` holds it."""
    query = sa.select(run_table).where(run_table.c.id == run_id)
    row = connection.execute(query.with_for_update() if to_write else query).first()
    return None if row is None else _run(row)


def list_of_pass(connection: sa.Connection, pass_id: str) -> list[InferenceRun]:
    """The runs of a pass in the order in which they were asked for."""
    query = sa.select(run_table).where(run_table.c.pass_id == pass_id).order_by(run_table.c.id)
    return [_run(row) for row in connection.execute(query)]


def list_of_image(connection: sa.Connection, image_id: str) -> list[InferenceRun]:
    """The runs on an image, newest first."""
    column = run_table.c
    query = sa.select(run_table).where(column.image_id == image_id)
    return [
        _run(row) for row in connection.execute(query.order_by(column.created_at.desc(), column.id.desc()))
    ]


def list_runs(
    connection: sa.Connection,
    organisation_id: str,
    *,
    state: RunState | None = None,
    model_id: str | None = None,
    most: int,
) -> list[InferenceRun]:
    """The newest runs of an organisation."""
    column = run_table.c
    query = sa.select(run_table).where(column.organisation_id == organisation_id)
    if state is not None:
        query = query.where(column.state == state.value)
    if model_id is not None:
        query = query.where(column.model_id == model_id)
    query = query.order_by(column.created_at.desc(), column.id.desc()).limit(most)
    return [_run(row) for row in connection.execute(query)]


def list_done(
    connection: sa.Connection,
    organisation_id: str,
    model_id: str,
    version: str,
    *,
    among_ids: Collection[str] | None = None,
) -> list[InferenceRun]:
    """The last run that is done of a version, for each image, or each of those with these ids."""
    column = run_table.c
    query = sa.select(run_table).where(
        column.organisation_id == organisation_id,
        column.model_id == model_id,
        column.model_version == version,
        column.state == RunState.DONE.value,
    )
    if among_ids is not None:
        query = query.where(among(connection, column.image_id, among_ids))
    last = {row.image_id: row for row in connection.execute(query.order_by(column.number))}
    return [_run(row) for row in last.values()]


def list_last_done(
    connection: sa.Connection, organisation_id: str, model_id: str, version: str
) -> dict[ImageId, DoneRun]:
    """By image the last run of a version that is done, without what came out of it."""
    column = run_table.c
    query = (
        sa.select(column.id, column.image_id, column.generation, column.created_at)
        .where(
            column.organisation_id == organisation_id,
            column.model_id == model_id,
            column.model_version == version,
            column.state == RunState.DONE.value,
        )
        .order_by(column.number)
    )
    return {ImageId(row.image_id): DoneRun(*row) for row in connection.execute(query)}


def list_images_of_version(
    connection: sa.Connection, organisation_id: str, version_id: str, after: str, most: int
) -> list[ImageId]:
    """Images on which a version was run, in the order of their ids, those after one."""
    column = run_table.c
    query = (
        sa.select(column.image_id)
        .where(
            column.organisation_id == organisation_id,
            column.version_id == version_id,
            column.image_id > after,
        )
        .distinct()
        .order_by(column.image_id)
        .limit(most)
    )
    return [ImageId(one) for one in connection.execute(query).scalars()]


def list_live(connection: sa.Connection) -> list[InferenceRun]:
    """Runs that wait or run, of any organisation."""
    query = sa.select(run_table).where(run_table.c.state.in_([each.value for each in LIVE]))
    return [_run(row) for row in connection.execute(query)]


def begin_run(
    connection: sa.Connection,
    run_id: str,
    patches: int,
    now: datetime,
    recolouring: Recolouring | None = None,
) -> None:
    """A run that waited goes to work; one that was cancelled meanwhile does not."""
    column = run_table.c
    connection.execute(
        sa.update(run_table)
        .where(column.id == run_id, column.state == RunState.WAITING.value)
        .values(
            state=RunState.RUNNING.value,
            started_at=now,
            patches=patches,
            recolouring=None if recolouring is None else msgspec.to_builtins(recolouring),
        )
    )


def update_run(connection: sa.Connection, run_id: str, **values: Any) -> None:
    """Set columns of a run."""
    plain = {name: _plain(value) for name, value in values.items()}
    connection.execute(sa.update(run_table).where(run_table.c.id == run_id).values(plain))


def add_chunk(connection: sa.Connection, chunk: Chunk) -> None:
    """The output for some patches, with what it adds to its run."""
    connection.execute(sa.insert(chunk_table).values(msgspec.to_builtins(chunk)))
    column = run_table.c
    connection.execute(
        sa.update(run_table)
        .where(column.id == chunk.run_id)
        .values(
            patches_done=column.patches_done + chunk.patches, abstained=column.abstained + chunk.abstained
        )
    )


def list_chunks(connection: sa.Connection, run_ids: Iterable[str]) -> list[Chunk]:
    """The outputs of runs, in the order of the plan."""
    query = (
        sa.select(chunk_table)
        .where(chunk_table.c.run_id.in_(list(run_ids)))
        .order_by(chunk_table.c.run_id, chunk_table.c.number)
    )
    return [Chunk(*row) for row in connection.execute(query)]


def add_second_reading(connection: sa.Connection, begun: SecondReading, now: datetime) -> None:
    """Keep that a version reads a case a second time, unless that is kept already."""
    known = sa.select(reread_table.c.reread_id).where(reread_table.c.reread_id == begun.reread_id)
    if connection.execute(known).first() is None:
        connection.execute(sa.insert(reread_table).values(msgspec.to_builtins(begun) | {"begun_at": now}))


def list_second_readings(
    connection: sa.Connection, *, reread_id: str | None = None, version_id: str | None = None
) -> list[SecondReading]:
    """Those that have not ended: all, one, or those of a version."""
    column = reread_table.c
    names = [each.name for each in fields(SecondReading)]
    query = sa.select(*(column[name] for name in names)).where(column.ended_at.is_(None))
    if reread_id is not None:
        query = query.where(column.reread_id == reread_id)
    if version_id is not None:
        query = query.where(column.version_id == version_id)
    return [SecondReading(*row) for row in connection.execute(query.order_by(column.reread_id))]


def end_second_reading(connection: sa.Connection, reread_id: str, now: datetime) -> None:
    """A second reading was handed in, or nobody waits for it any more."""
    connection.execute(
        sa.update(reread_table).where(reread_table.c.reread_id == reread_id).values(ended_at=now)
    )


def _plain(value: Any) -> Any:
    return value if value is None or hasattr(value, "isoformat") else msgspec.to_builtins(value)


def _run(row: sa.Row[Any]) -> InferenceRun:
    return typed({each.name: row._mapping[each.name] for each in fields(InferenceRun)}, InferenceRun)
