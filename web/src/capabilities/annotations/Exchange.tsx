import { useRef } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { EXPORT_FORMATS, exportMarks, type ExportFormat } from "../../api/annotations";
import { useSay } from "../../i18n/sentences";
import { useProblemText } from "../../shell/problem";
import { Button, IconButton } from "../../ui/controls";
import { giveFile } from "../../ui/give_file";
import { Icon } from "../../ui/icons";
import { useReach } from "../../ui/reach";
import type { Annotator } from "../../viewer/annotate/annotator";
import { usePermission } from "../access/me";
import { setExchanged, useAnnotators } from "./annotators";
import { takeFile } from "./Annotations";

const NAMED = 5;

/** What came of the last import or export. */
function Outcome({ pane }: { pane: string }) {
  const { t } = useTranslation();
  const say = useSay();
  const problemText = useProblemText();
  const result = useAnnotators((state) => state.exchanged[pane]);
  if (!result) return null;
  return (
    <div className="block import-result" role="status">
      {"error" in result && <p className="wrong">{problemText(result.error)}</p>}
      {"exported" in result && <p>{t("annotate.exported", { name: result.exported })}</p>}
      {"leftOut" in result && result.leftOut > 0 && <p className="warn">{t("annotate.leftOut", { count: result.leftOut })}</p>}
      {"added" in result && (
        <>
          <p>{t("annotate.imported", { count: result.added })}</p>
          {result.skipped.length > 0 && <p>{t("annotate.skipped", { count: result.skipped.length })}</p>}
          <ul>
            {result.skipped.slice(0, NAMED).map(({ what, why }, index) => (
              <li key={index} className="second">
                {what}: {say(why)}
              </li>
            ))}
          </ul>
        </>
      )}
      <Button look="quiet" onPress={() => { setExchanged(pane, null); }}>
        {t("action.close")}
      </Button>
    </div>
  );
}

/** Hands a file to the browser, and says what it could not hold. */
async function exportFile(id: string, pane: string, format: ExportFormat): Promise<void> {
  try {
    const { content, name, leftOut } = await exportMarks(id, format);
    giveFile(content, name);
    setExchanged(pane, { exported: name, leftOut });
  } catch (error) {
    setExchanged(pane, { error });
  }
}

/** Annotations from files and to files. */
export function Exchange({ id, pane, annotator }: { id: string; pane: string; annotator: Annotator }) {
  const { t } = useTranslation();
  const mayExport = usePermission("annotations.export");
  const isReached = useReach();
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <>
      {annotator.mayDraw && (
        <>
          <IconButton needsServer icon="folder" label={t("annotate.import")} onPress={() => chooser.current?.click()} />
          <input
            ref={chooser}
            type="file"
            hidden
            accept=".geojson,.json,.xml,.dcm,.gz"
            aria-label={t("annotate.import")}
            onChange={(event) => {
              const file = event.target.files?.[0];
              event.target.value = "";
              if (file) void takeFile(id, pane, file, annotator);
            }}
          />
        </>
      )}
      {mayExport && (
        <MenuTrigger>
          <AriaButton className="button quiet icon" aria-label={t("annotate.export")} isDisabled={!isReached}>
            <Icon name="download" />
          </AriaButton>
          <Popover className="popover" placement="bottom end" offset={4}>
            <Menu aria-label={t("annotate.export")}>
              {EXPORT_FORMATS.map((format) => (
                <MenuItem key={format} id={format} className="option" onAction={() => void exportFile(id, pane, format)}>
                  {t(`annotate.format.${format}`)}
                </MenuItem>
              ))}
            </Menu>
          </Popover>
        </MenuTrigger>
      )}
      <Outcome pane={pane} />
    </>
  );
}
