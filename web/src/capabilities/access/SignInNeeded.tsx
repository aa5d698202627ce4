import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/controls";

const COMMAND = "hemalum link --data DIR --user admin";

export function SignInNeeded() {
  const { t } = useTranslation();
  const client = useQueryClient();
  return (
    <section className="sign-in">
      <h1>{t("signIn.title")}</h1>
      <p>{t("signIn.how")}</p>
      <p>{t("signIn.operator")}</p>
      <code>{COMMAND}</code>
      <p>{t("signIn.noPassword")}</p>
      <Button look="primary" onPress={() => void client.invalidateQueries()}>
        {t("signIn.again")}
      </Button>
    </section>
  );
}
