import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button as AriaButton, Header, Menu, MenuItem, MenuSection, MenuTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { actIn } from "../../api/access";
import { useDialogs } from "../../shell/dialogs";
import { useProblemText } from "../../shell/problem";
import { useCompact } from "../../ui/compact";
import { Button, Dialog } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { useMe } from "./me";
import { SignOutDialog, useLeaving } from "./SignOut";

/** An organisation where one wanted to act, and why it did not work. */
interface NotMoved {
  to: string;
  name: string;
  problem: unknown;
}

function NotMovedDialog({ refused, retry, onClose }: { refused: NotMoved | null; retry: (refused: NotMoved) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const problemText = useProblemText();
  return (
    <Dialog title={t("user.notMoved", { name: refused?.name ?? "" })} isOpen={refused !== null} onClose={onClose}>
      {refused && (
        <div className="form">
          <p role="alert" className="wrong">{problemText(refused.problem)}</p>
          <div className="actions">
            <Button look="primary" onPress={onClose}>{t("action.close")}</Button>
            <Button onPress={() => { retry(refused); }}>{t("action.retry")}</Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

/** Who I am, where I act, and the pages about people. */
export function UserMenu() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const me = useMe().data;
  const leaving = useLeaving(me?.person_id);
  const isCompact = useCompact();
  const [notMoved, setNotMoved] = useState<NotMoved | null>(null);
  if (!me) return null;
  const move = async (to: string, name: string) => {
    try {
      await actIn(to);
      client.clear();
      window.location.assign("/");
    } catch (problem) {
      setNotMoved({ to, name, problem });
    }
  };
  // The header has no room for these beside a slide.
  const tasks = [
    ...(me.permissions.includes("cases.view") ? ([{ id: "worklist", name: "worklist.title" }] as const) : []),
    ...(me.permissions.includes("orders.process") ? ([{ id: "orders", name: "orders.bench" }] as const) : []),
    ...(me.permissions.includes("audit.read") ? ([{ id: "audit", name: "audit.open" }] as const) : []),
  ];
  const pages = [
    ...(me.demo ? [] : (["account"] as const)),
    ...(me.permissions.includes("access.administer") ? (["people"] as const) : []),
    ...(me.permissions.includes("conformity.view") ? (["conformity"] as const) : []),
    ...(me.permissions.includes("models.view") ? (["models"] as const) : []),
    ...(me.permissions.includes("inference.run") ? (["runs"] as const) : []),
    ...(me.permissions.includes("interfaces.view") ? (["messages"] as const) : []),
    ...(me.permissions.includes("apps.manage") ? (["apps"] as const) : []),
    ...(me.permissions.includes("access.administer_node") ? (["organisations"] as const) : []),
  ];
  const elsewhere = me.organisations.filter((each) => each.id !== me.organisation_id);
  return (
    <>
      <MenuTrigger>
        <AriaButton className="button quiet icon" aria-label={t("user.menu", { name: me.display_name })}>
          <Icon name="user" />
        </AriaButton>
        <Popover className="popover" placement="bottom end" offset={4}>
          <div className="user-head">
            <strong>{me.display_name}</strong>
            {me.organisation_name}
          </div>
          <Menu aria-label={t("user.menu", { name: me.display_name })}>
            {isCompact &&
              tasks.map(({ id, name }) => (
                <MenuItem key={id} id={id} className="option" onAction={() => void navigate({ to: `/${id}` })}>
                  {t(name)}
                </MenuItem>
              ))}
            {pages.map((page) => (
              <MenuItem key={page} id={page} className="option" onAction={() => void navigate({ to: `/${page}` })}>
                {t(`user.${page}`)}
              </MenuItem>
            ))}
            <MenuItem id="settings" className="option" onAction={() => { useDialogs.setState({ open: "settings" }); }}>
              {t("settings.title")}
            </MenuItem>
            {elsewhere.length > 0 && (
              <MenuSection className="menu-section">
                <Header>{t("user.actIn")}</Header>
                {elsewhere.map((each) => (
                  <MenuItem key={each.id} id={`at-${each.id}`} className="option" onAction={() => void move(each.id, each.name)}>
                    {each.name}
                  </MenuItem>
                ))}
              </MenuSection>
            )}
            <MenuItem id="sign-out" className="option" onAction={leaving.begin}>
              {t("user.signOut")}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      <SignOutDialog leaving={leaving} />
      <NotMovedDialog refused={notMoved} retry={({ to, name }) => void move(to, name)} onClose={() => { setNotMoved(null); }} />
    </>
  );
}
