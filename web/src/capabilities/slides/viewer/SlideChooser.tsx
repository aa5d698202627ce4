import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ListBox, ListBoxItem } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { listImages, thumbnailUrl } from "../../../api/slides";
import { useProblemText } from "../../../shell/problem";
import { Dialog, SearchField } from "../../../ui/controls";

const SHOWN = 60;

interface SlideChooserProps {
  isOpen: boolean;
  onClose: () => void;
  onChoose: (id: string) => void;
}

/** A short list of slides to choose from, narrowed by typing. */
export function SlideChooser({ isOpen, onClose, onChoose }: SlideChooserProps) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  const [text, setText] = useState("");
  const listing = { q: text, status: "available", sort: "newest" } as const;
  const { data, error } = useQuery({
    queryKey: ["images", listing, "chooser"],
    queryFn: ({ signal }) => listImages(listing, 0, SHOWN, signal),
    enabled: isOpen,
    placeholderData: (before) => before,
  });
  return (
    <Dialog title={t("compare.choose")} isOpen={isOpen} onClose={onClose}>
      <div className="chooser">
        <SearchField label={t("library.search")} hint={t("library.searchHint")} value={text} onChange={setText} />
        <ListBox
          aria-label={t("compare.choose")}
          className="chooser-list"
          items={data?.items ?? []}
          selectionMode="single"
          onAction={(key) => { onChoose(String(key)); }}
          renderEmptyState={() => (error ? <p role="alert" className="blank">{problemText(error)}</p> : data && <p className="blank">{t("library.noMatch")}</p>)}
        >
          {(image) => (
            <ListBoxItem id={image.id} textValue={image.name} className="option">
              <span className="thumbnail">
                <img src={thumbnailUrl(image.id, 128)} alt="" />
              </span>
              <span className="name">{image.name}</span>
              <span className="second">{[image.stain, image.organ].filter(Boolean).join(" · ")}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </div>
    </Dialog>
  );
}
