import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../capabilities/access/me";
import { Problem } from "../api/client";
import { Icon } from "../ui/icons";
import { useConnection } from "./connection";
import { Header } from "./Header";

const SignInPage = lazy(() => import("../capabilities/access/SignInPage").then((page) => ({ default: page.SignInPage })));

export function Frame() {
  const { t } = useTranslation();
  const me = useMe();
  const reachable = useConnection((state) => state.reachable);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const signedOut = me.error instanceof Problem && me.error.status === 401;
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <Header />
      <div role="status" className="bars">
        {!reachable && (
          <div className="notice warn">
            <Icon name="warning" />
            {t("connection.lost")}
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
    </div>
  );
}
