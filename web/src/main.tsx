import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/lists.css";
import "./shell/shell.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { I18nProvider } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { watchInputs } from "./api/attended";
import { onSignedOut, Problem, UNREACHABLE } from "./api/client";
import { meQuery } from "./capabilities/access/me";
import { startLanguages } from "./i18n";
import { keepRelease } from "./shell/release";
import { router } from "./shell/router";
import "./shell/preferences";
import "./shell/connection";

watchInputs(window);
await startLanguages();

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays a refusal; only silence and faults of the server are worth asking again.
      retry: (failures, error) => error instanceof Problem && (error.status === UNREACHABLE || error.status >= 500) && failures < 3,
      refetchOnWindowFocus: false,
      // "Online" of the browser says nothing of a server in the same building.
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});
onSignedOut(() => {
  if (client.getQueryState(meQuery.queryKey)?.status === "success") void client.invalidateQueries(meQuery);
});

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
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
