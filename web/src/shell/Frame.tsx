import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../capabilities/access/me";
import { Problem, UNREACHABLE } from "../api/client";
import { withTexts } from "../i18n";
import { Button } from "../ui/controls";
import { Icon } from "../ui/icons";
import { Reach } from "../ui/reach";
import { useConnection } from "./connection";
import { Header } from "./Header";
import { settingsOf, settingsStayHere, usePreferences } from "./preferences";
import { takeRelease, useRelease } from "./release";
import { ShellActions } from "./ShellActions";
import { countUnsent } from "./unsent";

// Opened by a key, and then needed at once: fetched when the page has settled.
const Palette = lazy(() => withTexts(import("./Palette"), "menus").then((loaded) => ({ default: loaded.Palette })));
const SettingsDialog = lazy(() => withTexts(import("./SettingsDialog"), "menus").then((loaded) => ({ default: loaded.SettingsDialog })));
const SignInPage = lazy(() => withTexts(import("../capabilities/access/SignInPage"), "sign_in").then((page) => ({ default: page.SignInPage })));

/** The app opened from what this device keeps of it, and no server is there to ask. */
function Offline({ onRetry }: { onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="blank offline">
      <img src="/icon.svg" alt="" width="48" height="48" />
      <h1>{t("offline.title")}</h1>
      <p>{t("offline.what")}</p>
      <Button icon="retry" onPress={onRetry}>
        {t("action.retry")}
      </Button>
    </div>
  );
}

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
    if (person !== undefined) countUnsent(person);
  }, [person, isDemo]);
  const unanswered = me.error instanceof Problem && me.error.status === UNREACHABLE;
  const { refetch } = me;
  useEffect(() => {
    // It was asked for in vain for a while, and is not asked for any more. A refusal stays one.
    if (reachable && unanswered) void refetch();
  }, [reachable, unanswered, refetch]);
  const newer = useRelease((state) => state.waiting !== null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const signedOut = me.error instanceof Problem && me.error.status === 401;
  return (
    <Reach value={reachable}>
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
          {newer && (
            <div className="release-bar">
              {t("release.newer")}
              <Button look="quiet" onPress={takeRelease}>
                {t("release.use")}
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
            ) : me.data ? (
              <Outlet />
            ) : (
              !reachable && <Offline onRetry={() => void me.refetch()} />
            )}
          </Suspense>
        </main>
        <Suspense>
          <SettingsDialog />
          {me.data && <Palette />}
        </Suspense>
      </div>
    </Reach>
  );
}
