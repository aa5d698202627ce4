import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { labelUrl, macroUrl, originalUrl } from "../../../api/slides";
import type { ImageDetail } from "../../../api/types";
import { withTexts } from "../../../i18n";
import { useFormats } from "../../../i18n/format";
import { useProblemText } from "../../../shell/problem";
import { BottomSheet } from "../../../ui/BottomSheet";
import { useCompact } from "../../../ui/compact";
import { sheetStepOf, type SheetStep } from "../../../ui/sheet_steps";
import { usePermission } from "../../access/me";
import { ImageCaseSection } from "../../cases/ImageCaseSection";
import { CoverageSection } from "../../reading/CoverageSection";
import { AccessSection } from "../access/AccessSection";
import { Clinical } from "../detail/Clinical";
import { SlideBlock } from "../../conformity/SlideBlock";
import { Elements, Findings } from "../detail/Metadata";
import { currentSearch, writeSearch } from "./address";
import type { SlideOnScreen } from "./use_slide";

function Properties({ properties }: { properties: Record<string, string> }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const wanted = text.toLowerCase();
  const shown = Object.entries(properties).filter(([name, value]) => `${name} ${value}`.toLowerCase().includes(wanted));
  return (
    <details className="block">
      <summary>
        <h3>{t("detail.properties")}</h3>
      </summary>
      <input
        className="input"
        type="search"
        placeholder={t("detail.filter")}
        aria-label={t("detail.filter")}
        value={text}
        onChange={(event) => { setText(event.target.value); }}
      />
      <dl className="properties">
        {shown.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Levels({ image }: { image: ImageDetail }) {
  const { t } = useTranslation();
  const { number, figure } = useFormats();
  return (
    <details className="block">
      <summary>
        <h3>{t("detail.levels")}</h3>
      </summary>
      <ul className="levels">
        {image.levels.map((level) => (
          <li key={level.number}>
            <span>{`${number(level.width_px)} × ${number(level.height_px)}`}</span>
            <span className="second">{`1 : ${figure(level.downsample)}`}</span>
            <span className="second">{level.derived ? t("detail.derived") : ""}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Objects({ image }: { image: ImageDetail }) {
  const { t } = useTranslation();
  const { bytes } = useFormats();
  return (
    <details className="block">
      <summary>
        <h3>{t("detail.objects")}</h3>
      </summary>
      <ul className="objects">
        {image.objects.map((object) => (
          <li key={object.number}>
            <span className="name">{object.name}</span>
            <span className="second">{bytes(object.size_bytes)}</span>
            <code>{object.sha256}</code>
          </li>
        ))}
      </ul>
      <a href={originalUrl(image.id)} download={image.name}>
        {t("detail.original")}
      </a>
    </details>
  );
}

const ChannelPanel = lazy(() => withTexts(import("./ChannelPanel"), "viewer").then((panel) => ({ default: panel.ChannelPanel })));
const AnnotatePanel = lazy(() => withTexts(import("../../annotations/AnnotatePanel"), "annotations").then((panel) => ({ default: panel.AnnotatePanel })));
const SlideModels = lazy(() => withTexts(import("../../inference/SlideModels"), "inference", "models").then((models) => ({ default: models.SlideModels })));
const ScanBlock = lazy(() => withTexts(import("../../appraisal/ScanBlock"), "appraisal").then((scan) => ({ default: scan.ScanBlock })));
const LayerPanel = lazy(() => withTexts(import("../../layers/LayerPanel"), "layers").then((panel) => ({ default: panel.LayerPanel })));

interface PanelTab {
  id: "channels" | "annotate" | "layers" | "slide";
  content: ReactNode;
}

/** The tab that the address names, else the first; one tab needs no row of tabs. */
function PanelTabs({ tabs }: { tabs: PanelTab[] }) {
  const { t } = useTranslation();
  const [named, setNamed] = useState(() => currentSearch().get("tab"));
  const chosen = tabs.find(({ id }) => id === named) ?? tabs[0];
  if (!chosen || tabs.length === 1) return chosen?.content;
  return (
    <Tabs
      selectedKey={chosen.id}
      onSelectionChange={(key) => {
        setNamed(String(key));
        writeSearch((search) => {
          if (key === tabs[0]?.id) search.delete("tab");
          else search.set("tab", String(key));
        });
      }}
    >
      <TabList aria-label={t("viewer.details")} className="tabs">
        {tabs.map(({ id }) => (
          <Tab key={id} id={id} className="tab">
            {t(`viewer.tab.${id}`)}
          </Tab>
        ))}
      </TabList>
      {tabs.map(({ id, content }) => (
        <TabPanel key={id} id={id}>
          {content}
        </TabPanel>
      ))}
    </Tabs>
  );
}

interface SlidePanelProps {
  image: ImageDetail | undefined;
  /** Why there is none. */
  error: Error | null;
  slide: SlideOnScreen | null;
  pane: string;
  onClose: () => void;
}

/** At the right of the slide, on small screens below it. */
function Place({ onClose, children }: { onClose: () => void; children?: ReactNode }) {
  const { t } = useTranslation();
  const isCompact = useCompact();
  const [step, setStep] = useState(() => sheetStepOf(currentSearch().get("sheet")));
  if (!isCompact) {
    return (
      <aside className="panel" aria-label={t("viewer.details")}>
        {children}
      </aside>
    );
  }
  const change = (next: SheetStep) => {
    setStep(next);
    writeSearch((search) => {
      if (next === 1) search.delete("sheet");
      else search.set("sheet", String(next));
    });
  };
  return (
    <BottomSheet label={t("viewer.details")} step={step} onStep={change} onClose={onClose}>
      {children}
    </BottomSheet>
  );
}

export function SlidePanel({ image, error, slide, pane, onClose }: SlidePanelProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const maySeeMarks = usePermission("annotations.view");
  const mayLabel = usePermission("slides.view_label");
  const mayClinical = usePermission("slides.view_clinical");
  const mayAudit = usePermission("audit.read");
  const mayState = usePermission("slides.describe");
  const mayGovern = usePermission("slides.govern");
  const mayShare = usePermission("slides.share");
  // Its room is taken from the first: a field that changes under a slide no longer shows the whole of it.
  if (!image) return <Place onClose={onClose}>{error && <p className="blank">{problemText(error)}</p>}</Place>;
  const composite = slide?.opening?.mode === "composite" && slide.channels.length > 0;
  const about = (
    <>
      {mayLabel && (image.has_label || image.has_macro) && (
        <div className="glass">
          {image.has_label && <img src={labelUrl(image.id)} alt={t("detail.label")} />}
          {image.has_macro && <img src={macroUrl(image.id)} alt={t("detail.macro")} />}
        </div>
      )}
      <ImageCaseSection key={`case ${image.id}`} id={image.id} hasClinical={image.has_clinical} />
      {mayClinical && image.has_clinical && <Clinical key={`clinical ${image.id}`} id={image.id} />}
      <SlideBlock id={image.id} />
      <Suspense><ScanBlock id={image.id} view={slide?.view ?? null} /></Suspense>
      <Findings findings={image.findings} />
      <Elements image={image} editable={mayState} />
      {image.levels.length > 0 && <Levels image={image} />}
      {Object.keys(image.properties).length > 0 && <Properties properties={image.properties} />}
      {image.objects.length > 0 && <Objects image={image} />}
      {mayAudit && (
        <p className="block">
          <Link to="/audit" search={{ target: `image/${image.id}` }}>
            {t("audit.followSlide")}
          </Link>
        </p>
      )}
      <CoverageSection key={image.id} id={image.id} />
      {(mayGovern || mayShare) && <AccessSection id={image.id} mayGovern={mayGovern} mayShare={mayShare} />}
    </>
  );
  const tabs: PanelTab[] = [{ id: "slide", content: about }];
  if (maySeeMarks) tabs.push({ id: "annotate", content: <Suspense><AnnotatePanel id={image.id} pane={pane} /></Suspense> });
  if (slide?.view) tabs.push({ id: "layers", content: <Suspense><LayerPanel view={slide.view} /><SlideModels imageId={image.id} view={slide.view} /></Suspense> });
  if (composite) {
    tabs.unshift({ id: "channels", content: <Suspense><ChannelPanel id={image.id} slide={slide} /></Suspense> });
  }
  return (
    <Place onClose={onClose}>
      <PanelTabs tabs={tabs} />
    </Place>
  );
}
