/** Where one-time links lead: come in, choose how to sign in from now on, and at first say which hospital this is. */
import "./access.css";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { changeOrganisation, listOrganisations, signInByLink } from "../../api/access";
import type { LinkPurpose } from "../../api/types";
import { Button } from "../../ui/controls";
import { NewPasskey, NewPassword } from "./Credential";
import { useMe } from "./me";
import { OrganisationForm } from "./OrganisationForm";
import { SecondFactor, Trouble, useWay } from "./SignInPage";

export function WelcomePage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { purpose } = useSearch({ from: "/welcome" });
  const [code] = useState(() => window.location.hash.slice(1));
  const [ticket, setTicket] = useState<string | null>(null);
  const isIn = purpose !== undefined;
  const me = useMe().data;
  const enter = async (why: LinkPurpose) => {
    await client.resetQueries();
    await navigate({ to: "/welcome", search: { purpose: why }, hash: "", replace: true });
  };
  const way = useWay((answer) => {
    if (answer.ticket) setTicket(answer.ticket);
    else void enter(answer.purpose ?? "enter");
  });
  const begun = useRef(false);
  const take = way.take;
  useEffect(() => {
    // Once only: a link is good for one request.
    if (begun.current || isIn || code === "") return;
    begun.current = true;
    take(() => signInByLink(code));
  }, [code, isIn, take]);
  return (
    <div className="door">
      <title>{`${t("welcome.title")} · ${t("app.name")}`}</title>
      <section className="door-card wide">
        {ticket !== null && !isIn ? (
          <>
            <h1>{t("signIn.title")}</h1>
            <SecondFactor ticket={ticket} onDone={() => void enter("reset")} onBack={() => void navigate({ to: "/" })} />
          </>
        ) : isIn && me ? (
          <SetUp purpose={purpose} name={me.name} />
        ) : (
          <>
            <h1>{t("welcome.title")}</h1>
            <Trouble way={way} />
            {code === "" && <p>{t("welcome.noCode")}</p>}
            {(way.error !== null || code === "") && (
              <Link to="/" className="button">
                {t("welcome.toSignIn")}
              </Link>
            )}
          </>
        )}
      </section>
    </div>
  );
}

function SetUp({ purpose, name }: { purpose: LinkPurpose; name: string }) {
  const { t } = useTranslation();
  const me = useMe().data;
  const navigate = useNavigate();
  const [hasCredential, setHasCredential] = useState(false);
  const isFirst = purpose === "first" && (me?.permissions.includes("access.administer_node") ?? false);
  const done = () => void navigate({ to: "/", replace: true });
  if (hasCredential && isFirst) return <Hospital onDone={done} />;
  const next = () => {
    if (isFirst) setHasCredential(true);
    else done();
  };
  return (
    <>
      <p className="label">{isFirst ? t("welcome.step", { step: 1, steps: 2 }) : me?.organisation_name}</p>
      <h1>{t(purpose === "reset" ? "welcome.reset" : "welcome.choose", { name: me?.display_name ?? name })}</h1>
      <p>{t("welcome.signInName", { name })}</p>
      <NewPassword needsCurrent={false} name={name} onDone={next} />
      <div className="or">{t("signIn.or")}</div>
      <NewPasskey onDone={next} />
    </>
  );
}

function Hospital({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const home = useMe().data?.organisation_id;
  const organisations = useQuery({ queryKey: ["organisations"], queryFn: ({ signal }) => listOrganisations(signal) }).data;
  const mine = organisations?.find((each) => each.id === home);
  return (
    <>
      <p className="label">{t("welcome.step", { step: 2, steps: 2 })}</p>
      <h1>{t("welcome.hospital")}</h1>
      <p>{t("welcome.hospitalHow")}</p>
      {mine && (
        <OrganisationForm
          known={mine}
          isBrief
          save={(stated) => changeOrganisation(mine.id, stated)}
          onDone={() => {
            void client.invalidateQueries().then(onDone);
          }}
          beside={
            <Button look="quiet" onPress={onDone}>
              {t("welcome.later")}
            </Button>
          }
        />
      )}
    </>
  );
}
