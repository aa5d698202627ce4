import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../capabilities/access/me";
import { Problem } from "../api/client";
import { Button } from "../ui/controls";
import { Icon } from "../ui/icons";
import { useConnection } from "./connection";
import { Header } from "./Header";
import { settingsOf, settingsStayHere, usePreferences } from "./preferences";
import { ShellActions } from "./ShellActions";

// Opened by a key, and then needed at once: fetched when the page has settled.
const Palette = lazy(() => import("./Palette").then((loaded) => ({ default: loaded.Palette })));
const SettingsDialog = lazy(() => import("./SettingsDialog").then((loaded) => ({ default: loaded.SettingsDialog })));
const SignInPage = lazy(() => import("../capabilities/access/SignInPage").then((page) => ({ default: page.SignInPage })));

export function Frame() {
  const { t } = useTranslation();
  const me = useMe();
  const reachable = useConnection((state) => state.reachable);
  const waiting = useConnection((state) => Object.values(state.queued).reduce((sum, count) => sum + count, 0));
  const { dimmed, setDimmed } = usePreferences();
  const person = me.data?.person_id;
  const isDemo = me.data?.demo ?? false;
  useEffect(() => {
    if (isDemo) settingsStayHere();
    else if (person !== undefined) void settingsOf(person);
  }, [person, isDemo]);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const signedOut = me.error instanceof Problem && me.error.status === 401;
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <Header />
      <ShellActions />
      <div role="status" className="bars">
        {!reachable && (
          <div className="notice warn">
            <Icon name="warning" />
            {t("connection.lost")}
            {waiting > 0 && <strong>{t("connection.queued", { count: waiting })}</strong>}
          </div>
        )}
        {dimmed && (
          <div className="dimmer-bar">
            <span className="chip">{t("dimmer.chip")}</span>
            <Button look="quiet" onPress={() => { setDimmed(false); }}>
              {t("dimmer.off")}
            </Button>
          </div>
        )}
        {me.data?.demo && <div className="demo">{t("app.demo")}</div>}
      </div>
      <main id="content" tabIndex={-1}>
        <Suspense>
          {path === "/welcome" ? (
            <Outlet />
          ) : signedOut ? (
            <SignInPage />
          ) : me.data?.needs_second_factor && path !== "/account" ? (
            <div className="blank">
              <p>{t("account.needsFactor", { name: me.data.organisation_name })}</p>
              <Link to="/account" className="button primary">
                {t("user.account")}
              </Link>
            </div>
          ) : (
            me.data && <Outlet />
          )}
        </Suspense>
      </main>
      <Suspense>
        <SettingsDialog />
        {me.data && <Palette />}
      </Suspense>
    </div>
  );
}
