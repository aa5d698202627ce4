import "./library.css";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ImageSummary, Sort, Status } from "../../../api/types";
import { InHeader } from "../../../shell/header_slot";
import { useProblemText } from "../../../shell/problem";
import { Button, IconButton, SearchField, Select } from "../../../ui/controls";
import { useListKeys } from "../../../ui/list_keys";
import { useMe } from "../../access/me";
import { PurposeChip } from "../access/PurposeChip";
import { AddSlides, DropTarget } from "../upload/AddSlides";
import { useUploads } from "../upload/store";
import { UploadPanel } from "../upload/UploadPanel";
import { useImages, useRevision } from "./images";
import { decodeList, type LibraryState } from "./library_state";
import { Preview } from "./Preview";
import { GridRows, ListRows } from "./Rows";

const SEARCH_DELAY_MS = 200;
const MESSAGE_DELAY_MS = 800;

/** True once `wanted` has held for a while, so that quick work shows no message. */
function useLate(wanted: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!wanted) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => {
      setLate(true);
    }, MESSAGE_DELAY_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [wanted]);
  return late;
}

export function LibraryPage() {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const state = useSearch({ from: "/" });
  const mayAdd = useMe().data?.permissions.includes("slides.ingest") ?? false;
  const searchInput = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(state.q ?? "");
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const [columns, setColumns] = useState(1);
  const [place, setPlace] = useState(-1);
  const listing = useMemo(
    () => ({ q: state.q ?? "", status: state.status ?? ("" as const), sort: state.sort ?? ("newest" as const) }),
    [state.q, state.status, state.sort],
  );
  const images = useImages(listing, range[0], range[1], place);
  const uploading = useUploads((store) => store.entries.some((entry) => entry.state.kind !== "paused" && entry.state.kind !== "failed"));
  useRevision(images.busy || uploading);
  const loadingLate = useLate(images.total === null && !images.error);
  const total = images.total ?? 0;

  const change = useCallback(
    (patch: { [K in keyof LibraryState]?: LibraryState[K] | undefined }) =>
      void navigate({
        to: "/",
        replace: true,
        search: (before) =>
          Object.fromEntries(Object.entries({ ...before, ...patch }).filter(([, value]) => value !== undefined && value !== "")),
      }),
    [navigate],
  );

  useEffect(() => {
    if (text === (state.q ?? "")) return;
    const timer = setTimeout(() => {
      change({ q: text || undefined, id: undefined });
    }, SEARCH_DELAY_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [text, state.q, change]);

  // The selected row: remembered by identity in the address, by place while the list changes under it.
  const active = useMemo(() => {
    if (!state.id) return -1;
    if (images.at(place)?.id === state.id) return place;
    for (let index = range[0]; index <= range[1]; index++) if (images.at(index)?.id === state.id) return index;
    return -1;
  }, [state.id, images, place, range]);
  const selected = active >= 0 ? images.at(active) : undefined;

  const select = useCallback(
    (index: number) => {
      const clamped = Math.min(Math.max(index, 0), total - 1);
      const image = images.at(clamped);
      setPlace(clamped);
      if (image) change({ id: image.id });
    },
    [change, images, total],
  );
  // The viewer carries the list along, for its next and previous slide and for the way back.
  const origin = useMemo(
    () => ({ ...decodeList({ ...state }), ...(active >= 0 ? { at: String(active) } : {}) }),
    [state, active],
  );
  const open = useCallback(
    (image: ImageSummary) => {
      if (image.status === "available") void navigate({ to: "/slides/$id", params: { id: image.id }, search: origin });
    },
    [navigate, origin],
  );
  // A jump to a row that was not loaded yet selects it once it is.
  const target = images.at(place);
  useEffect(() => {
    if (place >= 0 && target && active < 0) change({ id: target.id });
  }, [place, target, active, change]);

  const steps: Record<string, number> = { j: columns, k: -columns, ArrowDown: columns, ArrowUp: -columns };
  if (columns > 1) Object.assign(steps, { ArrowRight: 1, ArrowLeft: -1, j: 1, k: -1 });
  useListKeys({ total, active, steps, select, open: selected ? () => { open(selected); } : null, searchInput });

  const onRange = useCallback((first: number, last: number) => {
    setRange((before) => (before[0] === first && before[1] === last ? before : [first, last]));
  }, []);
  const filtered = Boolean(state.q ?? state.status);
  const Rows = state.view === "grid" ? GridRows : ListRows;
  return (
    <div className="library">
      <title>{`${t("library.title")} · ${t("app.name")}`}</title>
      <h1 className="visually-hidden">{t("app.library")}</h1>
      <InHeader>
        <SearchField label={t("library.search")} hint={t("library.searchHint")} value={text} onChange={setText} inputRef={searchInput} />
        <PurposeChip />
      </InHeader>
      <div className="library-main">
        <div className="toolbar">
          <Select<Status | "all">
            label={t("library.filter")}
            value={state.status ?? "all"}
            options={(["all", "available", "hashed", "receiving", "quarantined"] as const).map((value) => ({
              value,
              text: value === "all" ? t("library.all") : t(`status.${value}`),
            }))}
            onChange={(value) => {
              change({ status: value === "all" ? undefined : value });
            }}
          />
          <Select<Sort>
            label={t("library.sort")}
            value={state.sort ?? "newest"}
            options={(["newest", "oldest", "name", "size"] as const).map((value) => ({ value, text: t(`library.sort.${value}`) }))}
            onChange={(value) => {
              change({ sort: value === "newest" ? undefined : value });
            }}
          />
          <span className="second" role="status">
            {images.total === null ? "" : t(images.more ? "library.countMore" : "library.count", { count: images.total })}
          </span>
          <span className="spring" />
          <IconButton
            icon={state.view === "grid" ? "list" : "grid"}
            label={`${t("library.view")}: ${t(state.view === "grid" ? "library.view.list" : "library.view.grid")}`}
            onPress={() => {
              change({ view: state.view === "grid" ? undefined : "grid" });
            }}
          />
          {mayAdd && <AddSlides />}
        </div>
        {images.error !== null && images.total === null ? (
          <div className="blank" role="alert">
            <p>{t("library.failed")}</p>
            <p>{problemText(images.error)}</p>
            <Button icon="retry" onPress={images.retry}>
              {t("action.retry")}
            </Button>
          </div>
        ) : images.total === 0 ? (
          <div className="blank">
            <p>{t(filtered ? "library.noMatch" : "library.empty")}</p>
            {filtered ? (
              <Button
                onPress={() => {
                  setText("");
                  change({ q: undefined, status: undefined });
                }}
              >
                {t("library.noMatch.action")}
              </Button>
            ) : (
              mayAdd && <AddSlides />
            )}
          </div>
        ) : images.total === null ? (
          <div className="blank" role="status">
            {loadingLate && t("library.loading")}
          </div>
        ) : (
          <Rows total={total} at={images.at} active={active} goal={place} onActive={select} onOpen={open} onRange={onRange} onColumns={setColumns} />
        )}
        {mayAdd && <UploadPanel />}
      </div>
      <Preview summary={selected} origin={origin} />
      {mayAdd && <DropTarget />}
    </div>
  );
}
