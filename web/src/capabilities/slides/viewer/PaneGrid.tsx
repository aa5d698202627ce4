/** One, two or four panes, and between them what holds them together. */
import { useEffect, useState, type ReactNode } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "../../../ui/controls";
import { Icon } from "../../../ui/icons";
import type { PaneLink } from "../../../viewer/compare/pane_link";
import { keysOf } from "../../../viewer/keys";

interface PaneGridProps {
  panes: readonly ReactNode[];
  /** What stands between the panes. */
  gutter: ReactNode;
  /** The one pane that has all the room for now. */
  alone: number | null;
}

export function PaneGrid({ panes, gutter, alone }: PaneGridProps) {
  return (
    <div className="panes" data-count={panes.length} data-alone={alone ?? undefined}>
      {panes.length > 1 && gutter}
      {panes}
    </div>
  );
}

interface EmptyPaneProps {
  prefix: string;
  name: string;
  ring: boolean;
  onActive: () => void;
  onChoose: () => void;
}

/** A place for one more slide. */
export function EmptyPane({ prefix, name, ring, onActive, onChoose }: EmptyPaneProps) {
  const { t } = useTranslation();
  return (
    <section className={`pane empty ${ring ? "ring" : ""}`} onPointerDownCapture={onActive} onFocusCapture={onActive} aria-label={name} data-pane={prefix} tabIndex={-1}>
      <p className="second">{t("compare.empty")}</p>
      <Button icon="plus" onPress={onChoose}>
        {t("compare.choose")}
      </Button>
    </section>
  );
}

interface GutterProps {
  linked: boolean;
  onLinked: () => void;
  sameScale: boolean;
  comparable: boolean;
  onSameScale: () => void;
  onChange: () => void;
  link: PaneLink | null;
  children?: ReactNode;
}

/** How the panes hang together, and the way to change that. */
export function Gutter({ linked, onLinked, sameScale, comparable, onSameScale, onChange, link, children }: GutterProps) {
  const { t } = useTranslation();
  const moved = useIsMoved(link);
  return (
    <div className="gutter" role="toolbar" aria-orientation="vertical" aria-label={t("compare.tools")}>
      <IconButton icon="link" label={t(linked ? "compare.unlink" : "compare.link")} keys={keysOf("link")} pressed={linked} onPress={onLinked} />
      <IconButton
        icon="scale"
        label={comparable ? t("compare.sameScale") : t("compare.noScale")}
        keys={keysOf("sameScale")}
        pressed={sameScale && comparable}
        isDisabled={!comparable}
        onPress={onSameScale}
      />
      {sameScale && comparable && <span className="second">{t("compare.sameScaleOn")}</span>}
      <IconButton icon="align" label={t("compare.align")} keys={keysOf("alignPanes")} isDisabled={!moved} onPress={() => link?.align()} />
      <IconButton icon="folder" label={t("compare.change")} onPress={onChange} />
      {children}
    </div>
  );
}

/** Whether somebody moved any pane by hand away from its place. */
function useIsMoved(link: PaneLink | null): boolean {
  const [moved, setMoved] = useState(false);
  useEffect(() => {
    if (!link) {
      setMoved(false);
      return;
    }
    const look = () => { setMoved(link.isAnyMoved()); };
    look();
    return link.onChange(look);
  }, [link]);
  return moved;
}

const COUNTS = { one: 1, two: 2, four: 4 } as const;
const WORDS = ["one", "two", "four"] as const;

/** How many panes there are. */
export function PaneMenu({ count, onCount }: { count: number; onCount: (count: 1 | 2 | 4) => void }) {
  const { t } = useTranslation();
  const keys = { one: "", two: keysOf("split"), four: keysOf("fourPanes") };
  const present = WORDS.find((word) => COUNTS[word] === count) ?? "one";
  return (
    <MenuTrigger>
      <AriaButton className="button quiet icon" aria-label={`${t("compare.layout")}: ${t(`compare.${present}`)}`}>
        <Icon name={count === 4 ? "grid" : "split"} />
      </AriaButton>
      <Popover className="popover" offset={4}>
        <Menu
          aria-label={t("compare.layout")}
          selectionMode="single"
          selectedKeys={[present]}
          onAction={(key) => { onCount(COUNTS[key as keyof typeof COUNTS]); }}
        >
          {WORDS.map((word) => (
            <MenuItem key={word} id={word} className="option" textValue={t(`compare.${word}`)}>
              {t(`compare.${word}`)} <span className="spring" />
              <kbd>{keys[word]}</kbd>
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
