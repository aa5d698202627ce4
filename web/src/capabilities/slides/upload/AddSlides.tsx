import { useEffect, useRef, useState } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Icon } from "../../../ui/icons";
import { chosenFiles, droppedFiles } from "./dropped";
import { addFiles } from "./store";

/** The button that adds slides: files, or a folder. */
export function AddSlides() {
  const { t } = useTranslation();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (event: React.ChangeEvent<HTMLInputElement>) => {
    addFiles(chosenFiles(event.target.files));
    event.target.value = "";
  };
  return (
    <>
      <MenuTrigger>
        <AriaButton className="button primary">
          <Icon name="plus" />
          {t("upload.add")}
        </AriaButton>
        <Popover className="popover" placement="bottom end" offset={4}>
          <Menu
            aria-label={t("upload.add")}
            onAction={(key) => {
              (key === "folder" ? folder : files).current?.click();
            }}
          >
            <MenuItem id="files" className="option" textValue={t("upload.files")}>
              <Icon name="file" />
              {t("upload.files")}
            </MenuItem>
            <MenuItem id="folder" className="option" textValue={t("upload.folder")}>
              <Icon name="folder" />
              {t("upload.folder")}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      <input ref={files} type="file" multiple hidden aria-label={t("upload.files")} data-testid="choose-files" onChange={take} />
      <input ref={folder} type="file" multiple hidden aria-label={t("upload.folder")} {...{ webkitdirectory: "" }} onChange={take} />
    </>
  );
}

/** Takes files dropped anywhere on the page. */
export function DropTarget() {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  useEffect(() => {
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth++;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth--;
      if (depth <= 0) setOver(false);
    };
    const drag = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      depth = 0;
      setOver(false);
      if (!event.dataTransfer || !hasFiles(event)) return;
      event.preventDefault();
      void droppedFiles(event.dataTransfer).then(addFiles);
    };
    const listeners = { dragenter: enter, dragleave: leave, dragover: drag, drop } as const;
    for (const [name, listener] of Object.entries(listeners)) window.addEventListener(name as "drop", listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) window.removeEventListener(name as "drop", listener);
    };
  }, []);
  if (!over) return null;
  return (
    <div className="drop-target">
      <div>
        <strong>{t("upload.drop")}</strong>
        <span>{t("upload.dropHint")}</span>
      </div>
    </div>
  );
}
