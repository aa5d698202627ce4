/** The foundation encoders that are known, and which of them this laboratory has supplied weights for. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { KnownEncoder } from "../../api/types";
import { useFormats } from "../../i18n/format";
import { useSaidIn } from "../../i18n/said_in";
import { useProblemText } from "../../shell/problem";
import { encodersQuery } from "./models_query";

function Stands({ encoder }: { encoder: KnownEncoder }) {
  const { t } = useTranslation();
  if (!encoder.version_id) return <span className="second">{t("models.encoders.missing")}</span>;
  return (
    <>
      <Link to="/models" search={{ version: encoder.version_id }}>{t("models.encoders.here")}</Link>
      {encoder.awaits_acceptance && <span className="waits">{t("models.licence.waits")}</span>}
    </>
  );
}

export function Encoders() {
  const { t } = useTranslation();
  const said = useSaidIn();
  const problemText = useProblemText();
  const { number } = useFormats();
  const found = useQuery(encodersQuery);
  return (
    <section className="encoders" aria-label={t("models.encoders.title")}>
      <h2>{t("models.encoders.title")}</h2>
      <p>{t("models.encoders.supplied")}</p>
      {found.error && <p role="alert">{problemText(found.error)}</p>}
      <ul>
        {found.data?.map((each) => (
          <li key={each.id}>
            <span className="encoder-name">
              <strong>{each.name}</strong>
              <span className="second">{each.publisher} · {each.paper}</span>
              <span className="second">{said(each.note, each.note_zh)}</span>
            </span>
            <span className="encoder-facts">
              <span>{each.licence} · {t(each.access === "gated" ? "models.encoders.gated" : "models.encoders.open")}</span>
              <span className="second">
                {t("models.encoders.size", { dimensions: number(each.dimensions), parameters: number(each.parameters_million) })}
              </span>
              <span className="second">{each.source}</span>
            </span>
            <span className="encoder-stands"><Stands encoder={each} /></span>
          </li>
        ))}
      </ul>
      <p className="second">{t("models.encoders.how")}</p>
    </section>
  );
}
