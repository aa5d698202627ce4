import { Outlet } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { SignInNeeded } from "../capabilities/access/SignInNeeded";
import { useMe } from "../capabilities/access/me";
import { Problem } from "../api/client";
import { Icon } from "../ui/icons";
import { useConnection } from "./connection";
import { Header } from "./Header";

export function Frame() {
  const { t } = useTranslation();
  const me = useMe();
  const reachable = useConnection((state) => state.reachable);
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
        {signedOut ? <SignInNeeded /> : me.data ? <Outlet /> : null}
      </main>
    </div>
  );
}
