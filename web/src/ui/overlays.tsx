/** What opens over the page, by React Aria: focus, keys, touch and placing are its own. Asked for through controls.tsx. */
import { useEffect, useMemo, type ReactNode, type RefObject } from "react";
import { Button as AriaButton, Dialog as AriaDialog, Heading, ListBox, ListBoxItem, Modal, ModalOverlay, Popover, Select as AriaSelect, SelectValue, Tooltip, TooltipTriggerStateContext } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { IconButton } from "./controls";

export interface SelectProps<V extends string> {
  label: string;
  value: V;
  options: readonly { value: V; text: string }[];
  onChange: (value: V) => void;
  /** Told when the list opens. */
  onOpen?: () => void;
}

export function OpenSelect({ label, value, options, startsOpen, onChange, onOpen }: SelectProps<string> & { startsOpen: boolean }) {
  return (
    <AriaSelect
      aria-label={label}
      defaultOpen={startsOpen}
      value={value}
      onChange={(key) => {
        onChange(key as string);
      }}
      onOpenChange={(open) => {
        if (open) onOpen?.();
      }}
    >
      <AriaButton className="button">
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </AriaButton>
      <Popover className="popover" offset={4}>
        <ListBox>
          {options.map((option) => (
            <ListBoxItem key={option.value} id={option.value} textValue={option.text} className="option">
              {option.text}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

export interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
}

export function OpenDialog({ title, isOpen, onClose, children }: DialogProps) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      isOpen={isOpen}
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      className="veil"
    >
      <Modal>
        <AriaDialog className="dialog">
          <div className="dialog-head">
            <Heading slot="title">{title}</Heading>
            <IconButton icon="close" label={t("action.close")} keys="Esc" onPress={onClose} />
          </div>
          <div className="dialog-body">{children}</div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

interface TooltipProps {
  trigger: RefObject<HTMLElement | null>;
  placement: "top" | "right";
  onClose: () => void;
  children: ReactNode;
}

export function OpenTooltip({ trigger, placement, onClose, children }: TooltipProps) {
  useEffect(() => {
    // One key hides it, wherever the focus is, and does nothing else then (WCAG 2.2, 1.4.13).
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      onClose();
    };
    window.addEventListener("keydown", onKey, { capture: true });
    return () => { window.removeEventListener("keydown", onKey, { capture: true }); };
  }, [onClose]);
  // The button says when it is open; there is no other trigger.
  const state = useMemo(() => ({ isOpen: true, open: () => undefined, close: onClose, shouldSkipAnimation: true }), [onClose]);
  return (
    <TooltipTriggerStateContext value={state}>
      <Tooltip triggerRef={trigger} className="tooltip" placement={placement} offset={6}>
        {children}
      </Tooltip>
    </TooltipTriggerStateContext>
  );
}
