import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useState } from "react";
import { Autocomplete, Dialog as AriaDialog, Header as MenuHeader, Input, Menu, MenuItem, MenuSection, Modal, ModalOverlay, SearchField } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { listImages, thumbnailUrl } from "../api/slides";
import type { ImageSummary } from "../api/types";
import { useMe } from "../capabilities/access/me";
import { imageQuery } from "../capabilities/slides/library/images";
import { allTexts, LANGUAGES, type Language, type Texts } from "../i18n";
import { Icon } from "../ui/icons";
import { useActions } from "./actions";
import { closeDialog, useDialogs } from "./dialogs";
import { recentSlides } from "./recent";

const MOST_SLIDES = 8;
const MOST_RECENT = 6;

/** Names of actions in every language, once somebody asks: they are found by those that are not on the screen, too. */
function useAllNames(): Texts[] {
  const [all, setAll] = useState<Texts[]>([]);
  useEffect(() => {
    void Promise.all((Object.keys(LANGUAGES) as Language[]).map(allTexts)).then(setAll);
  }, []);
  return all;
}

/** Everything that can be done here, and slides, by a few letters of their name. */
export function Palette() {
  const isOpen = useDialogs((state) => state.open === "palette");
  const { t } = useTranslation();
  return (
    <ModalOverlay isOpen={isOpen} isDismissable onOpenChange={(open) => { if (!open) closeDialog(); }} className="veil palette-veil">
      <Modal>
        <AriaDialog className="dialog palette" aria-label={t("palette.title")}>
          <Found />
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

function Found() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const person = useMe().data?.person_id ?? "";
  const lent = useActions((state) => state.lent);
  const all = useAllNames();
  const { typed: text, entered } = useDialogs();
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (...names: (string | undefined)[]) => words.every((word) => names.some((name) => name?.toLowerCase().includes(word)));
  const actions = Object.values(lent).flat().filter(({ name }) => matches(t(name as "app.name"), ...all.map((names) => names[name])));
  const recent = useQueries({ queries: recentSlides(person).slice(0, MOST_RECENT).map((id) => ({ ...imageQuery(id), retry: false })) })
    .flatMap(({ data }) => (data ? [data] : []))
    .filter((image) => matches(image.name, image.stain ?? "", image.organ ?? ""));
  const listing = { q: text.trim(), status: "available", sort: "newest" } as const;
  const found = useQuery({
    queryKey: ["images", listing, "palette"],
    queryFn: ({ signal }) => listImages(listing, 0, MOST_SLIDES, signal),
    enabled: words.length > 0,
    placeholderData: keepPreviousData,
  });
  // What is listed meanwhile was found for other letters.
  const isSearching = words.length > 0 && found.isFetching && (found.isPlaceholderData || found.data === undefined);
  const fits = ({ name, stain, organ }: ImageSummary) => !isSearching || matches(name, stain ?? "", organ ?? "");
  const slides = words.length > 0 ? (found.data?.items ?? []).filter((image) => !recent.some(({ id }) => id === image.id) && fits(image)) : [];
  const open = (id: string) => {
    closeDialog();
    // A window that is in step with another one stays so.
    const step = new URLSearchParams(window.location.search).get("step");
    void navigate({ to: "/slides/$id", params: { id }, search: step === null ? {} : { step } });
  };
  const act = (run: () => void) => {
    closeDialog();
    // Where the action opens a dialog, this one must be gone first.
    setTimeout(run);
  };
  /** What stands first, for whoever presses Enter before the list has marked it; where slides are still being looked for, once they are found. */
  const takeFirst = () => {
    const [action] = actions;
    const [image] = [...recent, ...slides];
    if (action) act(action.run);
    else if (image) open(image.id);
    else useDialogs.setState({ entered: isSearching });
  };
  const takeEntered = useEffectEvent(takeFirst);
  useEffect(() => {
    if (entered) takeEntered();
  }, [entered, isSearching]);
  const slide = ({ id, name, stain, organ }: Pick<ImageSummary, "id" | "name" | "stain" | "organ">) => (
    <MenuItem key={id} id={`slide/${id}`} textValue={name} className="option" onAction={() => { open(id); }}>
      <span className="thumbnail">
        <img src={thumbnailUrl(id, 128)} alt="" />
      </span>
      <span className="name">{name}</span>
      <span className="second">{[stain, organ].filter(Boolean).join(" · ")}</span>
    </MenuItem>
  );
  return (
    <Autocomplete inputValue={text} onInputChange={(typed) => { useDialogs.setState({ typed, entered: false }); }}>
      <div
        onKeyDownCapture={(event) => {
          // The field would only empty itself; one key leads out of a palette.
          if (event.key === "Escape") closeDialog();
          const isUnmarked = event.target instanceof Element && !event.target.hasAttribute("aria-activedescendant");
          if (event.key !== "Enter" || event.nativeEvent.isComposing || words.length === 0 || !isUnmarked) return;
          event.preventDefault();
          event.stopPropagation();
          takeFirst();
        }}
      >
        <SearchField aria-label={t("palette.title")} autoFocus className="search">
          <Icon name="search" />
          <Input className="input" placeholder={t("palette.hint")} />
        </SearchField>
      </div>
      <Menu aria-label={t("palette.title")} className="palette-list" renderEmptyState={() => <p className="blank">{t("palette.none")}</p>}>
        {actions.length > 0 && (
          <MenuSection className="menu-section">
            <MenuHeader>{t("palette.actions")}</MenuHeader>
            {actions.map(({ name, keys, run }) => (
              <MenuItem
                key={name}
                id={`action/${name}`}
                textValue={t(name as "app.name")}
                className="option"
                onAction={() => { act(run); }}
              >
                <span className="name">{t(name as "app.name")}</span>
                {keys && <kbd>{keys}</kbd>}
              </MenuItem>
            ))}
          </MenuSection>
        )}
        {recent.length > 0 && (
          <MenuSection className="menu-section">
            <MenuHeader>{t("palette.recent")}</MenuHeader>
            {recent.map(slide)}
          </MenuSection>
        )}
        {slides.length > 0 && (
          <MenuSection className="menu-section">
            <MenuHeader>{t("palette.slides")}</MenuHeader>
            {slides.map(slide)}
          </MenuSection>
        )}
      </Menu>
    </Autocomplete>
  );
}
