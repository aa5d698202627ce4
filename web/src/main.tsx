import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/lists.css";
import "./shell/shell.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { I18nProvider } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { watchInputs } from "./api/attended";
import { onSignedOut } from "./api/client";
import { meQuery } from "./capabilities/access/me";
import { startLanguages } from "./i18n";
import { watchPaletteKey } from "./shell/palette_key";
import { queryClient } from "./shell/query_client";
import { keepRelease } from "./shell/release";
import { router } from "./shell/router";
import "./shell/preferences";
import "./shell/connection";

watchInputs(window);
watchPaletteKey();
onSignedOut(() => {
  if (queryClient.getQueryState(meQuery.queryKey)?.status === "success") void queryClient.invalidateQueries(meQuery);
});
// Who is here, what the first page is made of and its texts are asked for at once, not each after the other.
void queryClient.prefetchQuery(meQuery);
const speaking = startLanguages();
void router.load();
await speaking;

function App() {
  const { i18n } = useTranslation();
  return (
    <I18nProvider locale={i18n.language}>
      <RouterProvider router={router} />
    </I18nProvider>
  );
}

if (import.meta.env.PROD) keepRelease();

const element = document.getElementById("root");
if (!element) throw new Error("The page has no root.");
createRoot(element).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
