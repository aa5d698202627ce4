import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { labelUrl, macroUrl, originalUrl } from "../../../api/slides";
import type { ImageDetail } from "../../../api/types";
import { useFormats } from "../../../i18n/format";
import { usePermission } from "../../access/me";
import { LayerPanel } from "../../layers/LayerPanel";
import { AccessSection } from "../access/AccessSection";
import { Clinical } from "../detail/Clinical";
import { Elements, Findings } from "../detail/Metadata";
import { ChannelPanel } from "./ChannelPanel";
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

export function SlidePanel({ image, slide }: { image: ImageDetail | undefined; slide: SlideOnScreen | null }) {
  const { t } = useTranslation();
  const mayLabel = usePermission("slides.view_label");
  const mayClinical = usePermission("slides.view_clinical");
  const mayAudit = usePermission("audit.read");
  const mayState = usePermission("slides.describe");
  const mayGovern = usePermission("slides.govern");
  const mayShare = usePermission("slides.share");
  if (!image) return null;
  const composite = slide?.opening?.mode === "composite" && slide.channels.length > 0;
  const about = (
    <>
      {mayLabel && (image.has_label || image.has_macro) && (
        <div className="glass">
          {image.has_label && <img src={labelUrl(image.id)} alt={t("detail.label")} />}
          {image.has_macro && <img src={macroUrl(image.id)} alt={t("detail.macro")} />}
        </div>
      )}
      {mayClinical && image.has_clinical && <Clinical key={image.id} id={image.id} />}
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
      {(mayGovern || mayShare) && <AccessSection id={image.id} mayGovern={mayGovern} mayShare={mayShare} />}
    </>
  );
  return (
    <aside className="panel" aria-label={t("viewer.details")}>
      <Tabs>
        <TabList aria-label={t("viewer.details")} className="tabs">
          {composite && (
            <Tab id="channels" className="tab">
              {t("viewer.tab.channels")}
            </Tab>
          )}
          <Tab id="slide" className="tab">
            {t("viewer.tab.slide")}
          </Tab>
          <Tab id="layers" className="tab">
            {t("viewer.tab.layers")}
          </Tab>
        </TabList>
        {composite && (
          <TabPanel id="channels">
            <ChannelPanel channels={slide.opening?.channels ?? []} settings={slide.channels} onChange={slide.setChannels} onReset={slide.resetChannels} />
          </TabPanel>
        )}
        <TabPanel id="slide">{about}</TabPanel>
        <TabPanel id="layers">{slide?.view && <LayerPanel view={slide.view} />}</TabPanel>
      </Tabs>
    </aside>
  );
}
