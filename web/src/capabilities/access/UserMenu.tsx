import { useQueryClient } from "@tanstack/react-query";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { signOut } from "../../api/access";
import { Icon } from "../../ui/icons";
import { useMe } from "./me";

export function UserMenu() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const me = useMe().data;
  if (!me) return null;
  const leave = async () => {
    await signOut();
    client.clear();
    window.location.assign("/");
  };
  return (
    <MenuTrigger>
      <AriaButton className="button quiet icon" aria-label={t("user.menu", { name: me.name })}>
        <Icon name="user" />
      </AriaButton>
      <Popover className="popover" placement="bottom end" offset={4}>
        <div className="user-head">
          <strong>{me.name}</strong>
          {me.organisation_name}
        </div>
        <Menu
          aria-label={t("user.menu", { name: me.name })}
          onAction={() => {
            void leave();
          }}
        >
          <MenuItem className="option">{t("user.signOut")}</MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
