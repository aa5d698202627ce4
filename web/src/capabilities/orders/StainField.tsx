/** Stains, antibodies, probes or tests: found by typing, taken by Enter, whole panels by one press. */
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Button as AriaButton, ComboBox, Input, Label, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { panelsQuery } from "../../api/orders";
import type { Subspecialty, WorkKind } from "../../api/types";
import { Button } from "../../ui/controls";
import { Icon } from "../../ui/icons";

interface StainFieldProps {
  work: WorkKind;
  field: Subspecialty;
  stains: readonly string[];
  onChange: (stains: readonly string[]) => void;
}

export function StainField({ work, field, stains, onChange }: StainFieldProps) {
  const { t, i18n } = useTranslation();
  const { data } = useQuery(panelsQuery);
  const [typed, setTyped] = useState("");
  const hint = useId();
  const add = (...names: string[]) => {
    onChange([...new Set([...stains, ...names.map((one) => one.trim()).filter(Boolean)])]);
    setTyped("");
  };
  const offered = (data?.stains[work] ?? []).filter((one) => !stains.includes(one));
  const panels = data?.panels.filter((panel) => panel.work === work && (panel.fields.length === 0 || panel.fields.includes(field))) ?? [];
  return (
    <div className="stain-field">
      <ComboBox
        // Each stain that was taken begins the field anew: emptied by hand, it would open its list again.
        key={stains.length}
        autoFocus={stains.length > 0}
        className="text-field"
        defaultItems={offered.map((name) => ({ name }))}
        inputValue={typed}
        onInputChange={setTyped}
        value={null}
        onChange={(key) => { if (key !== null) add(String(key)); }}
        allowsCustomValue
        onBlur={() => { if (typed.trim()) add(typed); }}
      >
        <Label>{t(work === "molecular" ? "orders.tests" : "orders.stains")}</Label>
        <span className="combo">
          <Input
            className="input"
            aria-describedby={hint}
            maxLength={100}
            onKeyDown={(event) => {
              if (event.key === "Enter" && typed.trim() && !event.currentTarget.getAttribute("aria-activedescendant")) {
                event.preventDefault();
                add(typed);
              }
            }}
          />
          <AriaButton className="button quiet" aria-label={t("orders.stains.all")}>
            ▾
          </AriaButton>
        </span>
        <Popover className="popover" offset={4}>
          <ListBox<{ name: string }> className="stain-options">
            {({ name }) => (
              <ListBoxItem id={name} textValue={name} className="option">
                {name}
              </ListBoxItem>
            )}
          </ListBox>
        </Popover>
      </ComboBox>
      <p id={hint} className="hint">
        {t("orders.stains.hint")}
      </p>
      {stains.length > 0 && (
        <ul className="stains" aria-label={t("orders.stains.chosen")}>
          {stains.map((name) => (
            <li key={name}>
              <AriaButton className="chip" aria-label={t("orders.stains.drop", { stain: name })} onPress={() => { onChange(stains.filter((one) => one !== name)); }}>
                {name} <Icon name="close" />
              </AriaButton>
            </li>
          ))}
        </ul>
      )}
      {panels.length > 0 && (
        <div className="panels" role="group" aria-label={t("orders.panels")}>
          <span className="second">{t("orders.panels")}</span>
          {panels.map((panel) => (
            <Button key={panel.names["en"]} look="quiet" icon="plus" onPress={() => { add(...panel.stains); }}>
              {panel.names[i18n.language] ?? panel.names["en"]}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}
