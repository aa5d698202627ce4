/** The controls of the app: accessible behaviour from React Aria, looks from base.css. */
import { useId, type ReactNode } from "react";
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Dialog as AriaDialog,
  Heading,
  Input,
  ListBox,
  ListBoxItem,
  Modal,
  ModalOverlay,
  Popover,
  SearchField as AriaSearchField,
  Select as AriaSelect,
  SelectValue,
  ToggleButton as AriaToggleButton,
  Tooltip,
  TooltipTrigger,
} from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Icon, type IconName } from "./icons";
import { useReach } from "./reach";

interface ButtonProps extends Omit<AriaButtonProps, "className" | "children" | "style"> {
  look?: "plain" | "primary" | "quiet";
  icon?: IconName;
  /** It is off while the server does not answer. What sends a form always is. */
  needsServer?: boolean;
  children: ReactNode;
}

export function Button({ look = "plain", icon, needsServer = false, children, ...rest }: ButtonProps) {
  const isCut = !useReach() && (needsServer || rest.type === "submit");
  return (
    <AriaButton {...rest} {...(isCut ? { isDisabled: true } : {})} className={`button ${look}`}>
      {icon && <Icon name={icon} />}
      {children}
    </AriaButton>
  );
}

interface IconButtonProps extends Omit<AriaButtonProps, "className" | "children" | "style" | "aria-label"> {
  icon: IconName;
  label: string;
  /** The key that does the same, shown in the tooltip. */
  keys?: string | undefined;
  /** Makes it a switch. */
  pressed?: boolean;
  /** Where the tooltip goes, so that it does not cover the neighbours. */
  tip?: "top" | "right";
  /** It is off while the server does not answer. */
  needsServer?: boolean;
}

export function IconButton({ icon, label, keys, pressed, tip = "top", needsServer = false, onPress, ...given }: IconButtonProps) {
  const isCut = !useReach() && needsServer;
  const rest = isCut ? { ...given, isDisabled: true } : given;
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      {pressed === undefined ? (
        <AriaButton {...rest} {...(onPress ? { onPress } : {})} aria-label={label} className="button quiet icon">
          <Icon name={icon} />
        </AriaButton>
      ) : (
        <AriaToggleButton
          aria-label={label}
          isSelected={pressed}
          {...(rest.isDisabled === undefined ? {} : { isDisabled: rest.isDisabled })}
          {...(onPress ? { onPress } : {})}
          className="button quiet icon"
        >
          <Icon name={icon} />
        </AriaToggleButton>
      )}
      <Tooltip className="tooltip" placement={tip} offset={6}>
        {label}
        {keys && <kbd>{keys}</kbd>}
      </Tooltip>
    </TooltipTrigger>
  );
}

interface SelectProps<V extends string> {
  label: string;
  value: V;
  options: readonly { value: V; text: string }[];
  onChange: (value: V) => void;
}

export function Select<V extends string>({ label, value, options, onChange }: SelectProps<V>) {
  return (
    <AriaSelect
      aria-label={label}
      value={value}
      onChange={(key) => {
        onChange(key as V);
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

interface SearchFieldProps {
  label: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
  onKeyDown?: (event: { key: string }) => void;
  inputRef?: React.Ref<HTMLInputElement>;
}

export function SearchField({ label, hint, value, onChange, onKeyDown, inputRef }: SearchFieldProps) {
  const { t } = useTranslation();
  return (
    <AriaSearchField aria-label={label} value={value} onChange={onChange} className="search" {...(onKeyDown ? { onKeyDown } : {})}>
      <Icon name="search" />
      <Input className="input" placeholder={hint} {...(inputRef ? { ref: inputRef } : {})} />
      <AriaButton className="button quiet icon" aria-label={t("action.cancel")}>
        <Icon name="close" />
      </AriaButton>
    </AriaSearchField>
  );
}

interface TextFieldProps extends Omit<React.ComponentProps<"input">, "value" | "onChange" | "id" | "hidden"> {
  label: string;
  /** Keeps the label for those who listen, where the place of the field says what it is. */
  hidden?: boolean;
  value: string;
  onChange: (value: string) => void;
  hint?: string | undefined;
}

export function TextField({ label, hidden, value, onChange, hint, ...rest }: TextFieldProps) {
  const id = useId();
  return (
    <div className="text-field">
      <label htmlFor={id} className={hidden ? "visually-hidden" : undefined}>
        {label}
      </label>
      <input
        {...rest}
        id={id}
        className="input"
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

interface CheckProps {
  label: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  /** It is off while the server does not answer. */
  needsServer?: boolean;
}

export function Check({ label, checked, onChange, disabled, needsServer = false }: CheckProps) {
  const isCut = !useReach() && needsServer;
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled === true || isCut}
        onChange={(event) => {
          onChange(event.target.checked);
        }}
      />
      <span>{label}</span>
    </label>
  );
}

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
}

export function Dialog({ title, isOpen, onClose, children }: DialogProps) {
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

export function Meter({ label, done, total }: { label: string; done: number; total: number }) {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  return (
    <div className="meter" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}>
      <div style={{ width: `${share * 100}%` }} />
    </div>
  );
}
