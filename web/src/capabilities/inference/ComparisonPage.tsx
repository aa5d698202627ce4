/** Two versions over the slides on which both were run: how far they agree, and where they do not. */
import "./comparison.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { comparisonQuery } from "../../api/inference";
import type { ModelRow, SlideCompared, VersionsCompared } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSaidIn } from "../../i18n/said_in";
import { useProblemText } from "../../shell/problem";
import { Select } from "../../ui/controls";
import { useListKeys } from "../../ui/list_keys";
import { usePermission } from "../access/me";
import { listQuery } from "../models/models_query";

const COMPARED = new Set<ModelRow["task"]>(["tile-score", "region-segmentation", "quality", "slide-head"]);
/** So many CSS pixels of the screen a patch takes when it is opened. */
const PATCH_CSS_PX = 160;
const STEPS = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 } as const;

function useNameOf() {
  const { t } = useTranslation();
  const said = useSaidIn();
  return (row: Pick<ModelRow, "name" | "name_zh" | "status"> & { version: string }) =>
    `${said(row.name, row.name_zh)} ${row.version} · ${t(`models.status.${row.status}`)}`;
}

/** Titles of classes by their names; the empty name is none of them. */
function useTitles(found: VersionsCompared) {
  const { t } = useTranslation();
  const said = useSaidIn();
  const titles = new Map(found.classes.map((one) => [one.name, said(one.title, one.title_zh)]));
  return (name: string) => titles.get(name) ?? t("comparison.noClass");
}

const poseOf = (place: SlideCompared["places"][number]): Record<string, string> => ({
  x: place.x_um.toFixed(1),
  y: place.y_um.toFixed(1),
  z: String(Number((place.side_um / PATCH_CSS_PX).toPrecision(3))),
});

function Table({ found }: { found: VersionsCompared }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const titleOf = useTitles(found);
  const names = [...found.classes.map((one) => one.name), ""];
  const last = names.length - 1;
  const hasNone = found.table.some((row, at) => (row[last] ?? 0) > 0 || (at === last && row.some((count) => count > 0)));
  const shown = hasNone ? names : names.slice(0, last);
  return (
    <table className="agreement">
      <caption>{t(found.unit === "slides" ? "comparison.table.slides" : "comparison.table.patches")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("comparison.rowsColumns")}</th>
          {shown.map((name) => <th key={name} scope="col" className="figures">{titleOf(name)}</th>)}
        </tr>
      </thead>
      <tbody>
        {shown.map((name, row) => (
          <tr key={name}>
            <th scope="row">{titleOf(name)}</th>
            {shown.map((other, column) => (
              <td key={other} className={row === column ? "figures same" : "figures"}>{number(found.table[row]?.[column] ?? 0)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Places({ slide, found }: { slide: SlideCompared; found: VersionsCompared }) {
  const { t } = useTranslation();
  const { number } = useFormats();
  const titleOf = useTitles(found);
  if (slide.places.length === 0) return <>–</>;
  return (
    <ul>
      {slide.places.map((place) => (
        <li key={`${place.x_um} ${place.y_um}`}>
          <Link to="/slides/$id" params={{ id: slide.image_id }} search={poseOf(place)}>
            {t("comparison.place", {
              first: titleOf(place.first),
              second: titleOf(place.second),
              x: number(place.x_um / 1000, 2),
              y: number(place.y_um / 1000, 2),
            })}
          </Link>
        </li>
      ))}
    </ul>
  );
}

const shareOf = (slide: SlideCompared) => (slide.compared === 0 ? null : slide.agreeing / slide.compared);

function Slides({ found }: { found: VersionsCompared }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { number, percent } = useFormats();
  const titleOf = useTitles(found);
  const [active, setActive] = useState(-1);
  const links = useRef<(HTMLAnchorElement | null)[]>([]);
  const slides = useMemo(() => [...found.slides].sort((one, other) => (shareOf(one) ?? 2) - (shareOf(other) ?? 2)), [found]);
  const isOfPatches = found.unit === "patches";
  useListKeys({
    total: slides.length,
    active,
    steps: STEPS,
    select: (index) => {
      const next = Math.min(Math.max(index, 0), slides.length - 1);
      setActive(next);
      links.current[next]?.focus();
    },
    open: () => {
      const slide = slides[active];
      const place = slide?.places[0];
      if (slide) void navigate({ to: "/slides/$id", params: { id: slide.image_id }, search: place ? poseOf(place) : {} });
    },
  });
  const shares = (of: Record<string, number>) => found.classes.map((one) => `${titleOf(one.name)} ${percent(of[one.name] ?? 0)}`).join(", ") || "–";
  return (
    <table className="compared-slides">
      <caption>{t("comparison.slides")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("comparison.slide")}</th>
          {found.unit !== "nothing" && <th scope="col" className="figures">{t("comparison.agree")}</th>}
          {isOfPatches && <th scope="col" className="figures">{t("comparison.patches")}</th>}
          {isOfPatches && <th scope="col" className="figures">{t("comparison.silent")}</th>}
          <th scope="col">{t("comparison.first")}</th>
          <th scope="col">{t("comparison.second")}</th>
          {isOfPatches && <th scope="col">{t("comparison.places")}</th>}
        </tr>
      </thead>
      <tbody>
        {slides.map((slide, row) => {
          const share = shareOf(slide);
          return (
            <tr key={slide.image_id}>
              <th scope="row">
                <Link ref={(link) => { links.current[row] = link; }} to="/slides/$id" params={{ id: slide.image_id }} search={{}} onFocus={() => { setActive(row); }}>
                  {slide.image_name}
                </Link>
              </th>
              {found.unit !== "nothing" && <td className="figures">{share === null ? "–" : percent(share)}</td>}
              {isOfPatches && <td className="figures">{number(slide.compared)}</td>}
              {isOfPatches && <td className="figures">{t("comparison.silentBy", { first: number(slide.only_second), second: number(slide.only_first) })}</td>}
              <td>{shares(slide.first)}</td>
              <td>{shares(slide.second)}</td>
              {isOfPatches && <td><Places slide={slide} found={found} /></td>}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Found({ found }: { found: VersionsCompared }) {
  const { t } = useTranslation();
  const { number, percent, figure } = useFormats();
  const counted = found.table.flat().reduce((sum, count) => sum + count, 0);
  if (found.slides.length === 0) {
    return <p className="second">{t("comparison.none", { first: number(found.first.slides_alone), second: number(found.second.slides_alone) })}</p>;
  }
  return (
    <>
      {found.unit === "nothing" && <p className="warn">{t("comparison.grids")}</p>}
      {found.agreement !== null && (
        <p>
          <strong>{t("comparison.agreement", { share: percent(found.agreement) })}</strong>{" "}
          {t(found.unit === "slides" ? "comparison.of.slides" : "comparison.of.patches", { total: number(counted), slides: number(found.slides.length) })}{" "}
          {found.agreement_low !== null && found.agreement_high !== null
            ? t("comparison.interval", { low: percent(found.agreement_low), high: percent(found.agreement_high) })
            : t("comparison.fewSlides")}{" "}
          {found.kappa !== null && t("comparison.kappa", { kappa: figure(found.kappa) })}
        </p>
      )}
      <p className="second">
        {t("comparison.alone", { first: number(found.first.slides_alone), second: number(found.second.slides_alone) })}{" "}
        {found.left_out > 0 && t("comparison.leftOut", { total: number(found.left_out) })}
      </p>
      {found.unit !== "nothing" && counted > 0 && <Table found={found} />}
      <Slides key={`${found.first.version_id} ${found.second.version_id}`} found={found} />
    </>
  );
}

/** Versions in shadow, each beside those in use for patients of the same kind. */
function Suggested({ rows }: { rows: readonly ModelRow[] }) {
  const { t } = useTranslation();
  const nameOf = useNameOf();
  const pairs = rows
    .filter((row) => row.status === "shadow")
    .flatMap((shadow) => rows.filter((row) => row.status === "clinical" && row.task === shadow.task).map((clinical) => ({ clinical, shadow })));
  if (pairs.length === 0) return <p className="second">{t("comparison.choose")}</p>;
  return (
    <>
      <p className="second">{t("comparison.choose")}</p>
      <ul aria-label={t("comparison.suggested")}>
        {pairs.map(({ clinical, shadow }) => (
          <li key={`${clinical.id} ${shadow.id}`}>
            <Link to="/comparison" search={{ first: clinical.id, second: shadow.id }}>
              {t("comparison.beside", { shadow: nameOf(shadow), clinical: nameOf(clinical) })}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

export function ComparisonPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const problemText = useProblemText();
  const nameOf = useNameOf();
  const { first = "", second = "" } = useSearch({ from: "/comparison" });
  const mayViewShadow = usePermission("inference.view_shadow");
  const mayCompare = usePermission("models.view") && mayViewShadow;
  const list = useQuery({ ...listQuery, enabled: mayCompare });
  const isChosen = first !== "" && second !== "" && first !== second;
  const found = useQuery({ ...comparisonQuery(first, second), enabled: mayCompare && isChosen });
  if (!mayCompare) return <p className="blank">{t("comparison.notYours")}</p>;
  const rows = (list.data ?? []).filter((row) => COMPARED.has(row.task));
  const task = rows.find((row) => row.id === first)?.task;
  const options = (wanted: readonly ModelRow[]) => [{ value: "", text: t("comparison.version") }, ...wanted.map((row) => ({ value: row.id, text: nameOf(row) }))];
  const choose = (search: { first?: string; second?: string }) => void navigate({ to: "/comparison", replace: true, search });
  return (
    <div className="comparison" role="region" aria-label={t("comparison.title")} tabIndex={0}>
      <title>{`${t("comparison.title")} · ${t("app.name")}`}</title>
      <h1>{t("comparison.title")}</h1>
      <p className="second">{t("comparison.about")}</p>
      {list.error && <p role="alert" className="wrong">{problemText(list.error)}</p>}
      {list.data && rows.length < 2 && <p className="second">{t("comparison.tooFew")}</p>}
      {rows.length >= 2 && (
        <div className="comparison-chosen" role="group" aria-label={t("comparison.versions")}>
          <Select label={t("comparison.first")} value={first} options={options(rows)} onChange={(id) => { choose(id === "" ? {} : { first: id }); }} />
          <span>{t("comparison.with")}</span>
          <Select
            label={t("comparison.second")}
            value={second}
            options={options(rows.filter((row) => row.id !== first && (task === undefined || row.task === task)))}
            onChange={(id) => { choose({ ...(first ? { first } : {}), ...(id ? { second: id } : {}) }); }}
          />
        </div>
      )}
      {rows.length >= 2 && !isChosen && <Suggested rows={rows} />}
      {isChosen && found.isLoading && <p role="status" className="second">{t("comparison.loading")}</p>}
      {isChosen && found.error && <p role="alert" className="wrong">{problemText(found.error)}</p>}
      {isChosen && found.data && <Found found={found.data} />}
    </div>
  );
}
