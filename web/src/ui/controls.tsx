/** The controls of the app. Buttons and fields are the browser's own; what opens over the page comes from React Aria, once it is wanted. */
import { lazy, Suspense, useEffect, useId, useRef, useState, type ComponentProps, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Icon, type IconName } from "./icons";
import type { DialogProps, SelectProps } from "./overlays";
import { useReach } from "./reach";

const overlays = () => import("./overlays");
const OpenDialog = lazy(() => overlays().then((loaded) => ({ default: loaded.OpenDialog })));
const OpenSelect = lazy(() => overlays().then((loaded) => ({ default: loaded.OpenSelect })));
const OpenTooltip = lazy(() => overlays().then((loaded) => ({ default: loaded.OpenTooltip })));

const TOOLTIP_AFTER_MS = 500;

interface PressProps extends Omit<ComponentProps<"button">, "className" | "children" | "style" | "disabled" | "ref" | "onClick" | "onPointerDown" | "onKeyDown" | "onKeyUp"> {
  isDisabled?: boolean;
  /** What it began is under way: it keeps the focus and does nothing until then. */
  isPending?: boolean;
  onPress?: () => void;
}

/** A press is the button's alone: neither the row nor the shortcuts around it take it for theirs. */
const stop = (event: SyntheticEvent) => { event.stopPropagation(); };
const stopPressKeys = (event: React.KeyboardEvent) => {
  if (event.key === "Enter" || event.key === " ") event.stopPropagation();
};

function pressOf({ isDisabled = false, isPending = false, onPress, type = "button", ...rest }: PressProps): ComponentProps<"button"> {
  return {
    ...rest,
    type,
    disabled: isDisabled,
    "aria-disabled": isPending || undefined,
    onPointerDown: stop,
    onKeyDown: stopPressKeys,
    onKeyUp: stopPressKeys,
    onClick: (event) => {
      event.stopPropagation();
      // A form is sent by a press of its button, also by Enter in one of its fields: it must not be sent twice.
      if (isPending) event.preventDefault();
      else onPress?.();
    },
  };
}

interface ButtonProps extends PressProps {
  look?: "plain" | "primary" | "quiet";
  icon?: IconName;
  /** It is off while the server does not answer. What sends a form always is. */
  needsServer?: boolean;
  children: ReactNode;
}

export function Button({ look = "plain", icon, needsServer = false, children, ...rest }: ButtonProps) {
  const isCut = !useReach() && (needsServer || rest.type === "submit");
  return (
    <button {...pressOf(isCut ? { ...rest, isDisabled: true } : rest)} className={`button ${look}`}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<PressProps, "aria-label"> {
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

export function IconButton({ icon, label, keys, pressed, tip = "top", needsServer = false, ...given }: IconButtonProps) {
  const isCut = !useReach() && needsServer;
  const button = useRef<HTMLButtonElement>(null);
  const tooltip = useTooltip();
  const onPress = () => {
    tooltip.close();
    given.onPress?.();
  };
  const press = pressOf({ ...given, ...(isCut ? { isDisabled: true } : {}), onPress });
  const id = useId();
  return (
    <>
      <button
        {...press}
        ref={button}
        aria-label={label}
        aria-pressed={pressed}
        aria-describedby={tooltip.isOpen ? id : undefined}
        className="button quiet icon"
        onPointerEnter={(event) => { if (event.pointerType !== "touch") tooltip.openSoon(); }}
        onPointerLeave={tooltip.close}
        onPointerDown={(event) => {
          event.stopPropagation();
          tooltip.close();
        }}
        onFocus={(event) => { if (event.currentTarget.matches(":focus-visible")) tooltip.open(); }}
        onBlur={tooltip.close}
      >
        <Icon name={icon} />
      </button>
      {tooltip.isOpen && !press.disabled && (
        <Suspense>
          <OpenTooltip trigger={button} placement={tip} onClose={tooltip.close}>
            <span id={id}>
              {label}
              {keys && <kbd>{keys}</kbd>}
            </span>
          </OpenTooltip>
        </Suspense>
      )}
    </>
  );
}

function useTooltip() {
  const [isOpen, setOpen] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => { clearTimeout(timer.current); }, []);
  const show = (open: boolean) => {
    clearTimeout(timer.current);
    setOpen(open);
  };
  return {
    isOpen,
    open: () => { show(true); },
    close: () => { show(false); },
    openSoon: () => {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => { setOpen(true); }, TOOLTIP_AFTER_MS);
    },
  };
}

export function Select<V extends string>(props: SelectProps<V>) {
  const { label, value, options } = props;
  const [isWanted, setWanted] = useState(false);
  const chosen = options.find((option) => option.value === value)?.text;
  // Who presses before it has come finds it open once it is there.
  const want = () => {
    setWanted(true);
    props.onOpen?.();
  };
  const closed = (
    <button type="button" className="button" aria-busy="true" aria-label={`${chosen ?? ""} ${label}`} onPointerDown={want} onClick={want}>
      <span>{chosen}</span>
      <span aria-hidden="true">▾</span>
    </button>
  );
  return (
    <Suspense fallback={closed}>
      <OpenSelect {...props} startsOpen={isWanted} onChange={(key) => { props.onChange(key as V); }} />
    </Suspense>
  );
}

/** Fetched when it first opens; from then on it opens and closes in place, and the focus goes back where it was. */
export function Dialog(props: DialogProps) {
  const [wasOpen, setWasOpen] = useState(props.isOpen);
  if (props.isOpen && !wasOpen) setWasOpen(true);
  return wasOpen && (
    <Suspense>
      <OpenDialog {...props} />
    </Suspense>
  );
}

interface SearchFieldProps {
  label: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
  onKeyDown?: (event: { key: string }) => void;
  inputRef?: React.RefObject<HTMLInputElement | null>;
}

export function SearchField({ label, hint, value, onChange, onKeyDown, inputRef }: SearchFieldProps) {
  const { t } = useTranslation();
  const own = useRef<HTMLInputElement>(null);
  const input = inputRef ?? own;
  return (
    <div className="search" data-empty={value === "" || undefined}>
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        className="input"
        aria-label={label}
        placeholder={hint}
        value={value}
        onChange={(event) => { onChange(event.target.value); }}
        onKeyDown={(event) => {
          onKeyDown?.(event);
          if (event.key !== "Escape" || value === "") return;
          // It empties the field, and leaves open what the field stands in.
          event.preventDefault();
          event.stopPropagation();
          onChange("");
        }}
      />
      <button
        type="button"
        tabIndex={-1}
        className="button quiet icon"
        aria-label={t("action.cancel")}
        onClick={() => {
          onChange("");
          input.current?.focus();
        }}
      >
        <Icon name="close" />
      </button>
    </div>
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

export function Meter({ label, done, total }: { label: string; done: number; total: number }) {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  return (
    <div className="meter" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}>
      <div style={{ width: `${share * 100}%` }} />
    </div>
  );
}
