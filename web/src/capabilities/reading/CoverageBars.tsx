import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format";
import { sureShare } from "./use_reading";

interface CoverageBarsProps {
  /** From the lowest power to the highest. */
  shares: readonly { name: string; share: number }[];
  ofTissue: boolean;
  /** Index of the power of the field on the screen. */
  present?: number;
}

/** One small bar for each power: how much was seen at it or closer. */
export function CoverageBars({ shares, ofTissue, present }: CoverageBarsProps) {
  const { t } = useTranslation();
  const { percent } = useFormats();
  return (
    <ul className="coverage-bars" aria-label={t("reading.bars")}>
      {shares.map(({ name, share }, index) => (
        <li key={name} className={index === present ? "present" : ""} title={t(ofTissue ? "reading.share" : "reading.shareOfImage", { magnification: name, share: percent(sureShare(share)) })}>
          <span className="bar" aria-hidden="true">
            <span style={{ width: `${share * 100}%` }} />
          </span>
          <span aria-hidden="true">{name}</span>
          <span className="visually-hidden">
            {t(ofTissue ? "reading.share" : "reading.shareOfImage", { magnification: name, share: percent(sureShare(share)) })}
          </span>
        </li>
      ))}
    </ul>
  );
}
