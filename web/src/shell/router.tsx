import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Navigate } from "@tanstack/react-router";
import type { LinkPurpose } from "../api/types";
import { beginOpening, forgetOpening } from "../capabilities/slides/access/opening";
import { withTexts } from "../i18n";
import { hasGraphicsProcessor } from "../viewer/graphics";
import { Frame } from "./Frame";
import { Nowhere } from "./Nowhere";
import { decodeDrift } from "../capabilities/appraisal/drift_state";
import { decodeAudit } from "../capabilities/audit/audit_state";
import { decodeConformity } from "../capabilities/conformity/conformity_state";
import { decodeMessages } from "../capabilities/interfaces/messages_state";
import { decodeBench } from "../capabilities/orders/bench_state";
import { decodeBoard } from "../capabilities/quality/board_state";
import { decodeTurnaround } from "../capabilities/cases/turnaround_state";
import { decodeFilter, decodeWorklist } from "../capabilities/cases/worklist_state";
import { decodeLibrary } from "../capabilities/slides/library/library_state";

const root = createRootRoute({ component: Frame });

const library = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: decodeLibrary,
  component: lazyRouteComponent(() => withTexts(import("../capabilities/slides/library/LibraryPage"), "slides"), "LibraryPage"),
});

const worklist = createRoute({
  getParentRoute: () => root,
  path: "/worklist",
  validateSearch: decodeWorklist,
  component: lazyRouteComponent(() => withTexts(import("../capabilities/cases/WorklistPage"), "cases", "orders", "reports", "viewer"), "WorklistPage"),
});

const casePage = createRoute({
  getParentRoute: () => root,
  path: "/cases/$id",
  validateSearch: decodeFilter,
  component: lazyRouteComponent(() => withTexts(import("../capabilities/cases/CasePage"), "apps", "audit", "cases", "custody", "grossing", "orders", "reports", "viewer"), "CasePage"),
});

// The viewer keeps its own search keys (view_state.ts): it writes them on every move, past the router.
const slide = createRoute({
  getParentRoute: () => root,
  path: "/slides/$id",
  validateSearch: (search): Record<string, string> => search as Record<string, string>,
  // The slide is opened, and the browser says what it draws with, while what shows the slide is on its way.
  loader: ({ params }) => {
    beginOpening(params.id);
    hasGraphicsProcessor();
  },
  onLeave: ({ params }) => { forgetOpening(params.id); },
  shouldReload: false,
  component: lazyRouteComponent(() => withTexts(import("../capabilities/slides/viewer/ViewerPage"), "annotations", "audit", "cases", "conformity", "layers", "orders", "reports", "slides", "viewer"), "ViewerPage"),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: "/compare/$",
  validateSearch: (search): Record<string, string> => search as Record<string, string>,
  component: lazyRouteComponent(() => withTexts(import("../capabilities/slides/viewer/ViewerPage"), "annotations", "audit", "cases", "conformity", "layers", "orders", "reports", "slides", "viewer"), "ComparePage"),
});

const words =
  <Key extends string>(...keys: Key[]) =>
  (search: Record<string, unknown>): { [K in Key]?: string } =>
    Object.fromEntries(keys.flatMap((key) => (typeof search[key] === "string" && search[key] !== "" ? [[key, search[key]]] : []))) as {
      [K in Key]?: string;
    };

const welcome = createRoute({
  getParentRoute: () => root,
  path: "/welcome",
  validateSearch: (search) => words("purpose")(search) as { purpose?: LinkPurpose },
  component: lazyRouteComponent(() => withTexts(import("../capabilities/access/WelcomePage"), "access", "sign_in"), "WelcomePage"),
});

// Where a sign-in that came to nothing lands; whoever is not signed in sees the sign-in page at any address.
const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: words("refused"),
  component: () => <Navigate to="/" replace />,
});

const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: lazyRouteComponent(() => withTexts(import("../capabilities/access/AccountPage"), "access", "apps"), "AccountPage"),
});

const people = createRoute({
  getParentRoute: () => root,
  path: "/people",
  validateSearch: words("q", "id", "at"),
  component: lazyRouteComponent(() => withTexts(import("../capabilities/access/PeoplePage"), "access"), "PeoplePage"),
});

const organisations = createRoute({
  getParentRoute: () => root,
  path: "/organisations",
  component: lazyRouteComponent(() => withTexts(import("../capabilities/access/OrganisationsPage"), "access"), "OrganisationsPage"),
});

const apps = createRoute({
  getParentRoute: () => root,
  path: "/apps",
  component: lazyRouteComponent(() => withTexts(import("../capabilities/apps/AppsPage"), "apps"), "AppsPage"),
});

// Where apps of others send somebody who is to say yes or no.
const authorise = createRoute({
  getParentRoute: () => root,
  path: "/authorise",
  validateSearch: words("request", "refused"),
  component: lazyRouteComponent(() => withTexts(import("../capabilities/apps/AuthorisePage"), "apps", "cases"), "AuthorisePage"),
});

const audit = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  validateSearch: decodeAudit,
  component: lazyRouteComponent(() => withTexts(import("../capabilities/audit/AuditPage"), "access", "audit", "slides"), "AuditPage"),
});

const conformity = createRoute({
  getParentRoute: () => root,
  path: "/conformity",
  validateSearch: decodeConformity,
  component: lazyRouteComponent(() => withTexts(import("../capabilities/conformity/ConformityPage"), "conformity"), "ConformityPage"),
});

const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  component: lazyRouteComponent(() => withTexts(import("../capabilities/inference/RunsPage"), "inference", "models"), "RunsPage"),
});

const comparison = createRoute({
  getParentRoute: () => root,
  path: "/comparison",
  validateSearch: words("first", "second"),
  component: lazyRouteComponent(() => withTexts(import("../capabilities/inference/ComparisonPage"), "inference", "models"), "ComparisonPage"),
});

const triage = createRoute({
  getParentRoute: () => root,
  path: "/triage",
  validateSearch: decodeTurnaround,
  component: lazyRouteComponent(() => withTexts(import("../capabilities/triage/TriagePage"), "cases", "models", "triage", "turnaround"), "TriagePage"),
});

const models = createRoute({
  getParentRoute: () => root,
  path: "/models",
  validateSearch: words("version", "add"),
  component: lazyRouteComponent(() => withTexts(import("../capabilities/models/ModelsPage"), "models", "inference"), "ModelsPage"),
});

const messages = createRoute({
  getParentRoute: () => root,
  path: "/messages",
  validateSearch: decodeMessages,
  component: lazyRouteComponent(() => withTexts(import("../capabilities/interfaces/MessagesPage"), "interfaces"), "MessagesPage"),
});

const workOrders = createRoute({
  getParentRoute: () => root,
  path: "/orders",
  validateSearch: decodeBench,
  component: lazyRouteComponent(() => withTexts(import("../capabilities/orders/WorkPage"), "cases", "orders", "viewer"), "WorkPage"),
});

const turnaround = createRoute({
  getParentRoute: () => root,
  path: "/turnaround",
  validateSearch: decodeTurnaround,
  component: lazyRouteComponent(() => withTexts(import("../capabilities/cases/TurnaroundPage"), "cases", "turnaround"), "TurnaroundPage"),
});

const rescreening = createRoute({
  getParentRoute: () => root,
  path: "/rescreening",
  validateSearch: decodeBoard,
  component: lazyRouteComponent(() => withTexts(import("../capabilities/quality/RescreeningPage"), "cases", "orders", "quality", "turnaround"), "RescreeningPage"),
});

const reread = createRoute({
  getParentRoute: () => root,
  path: "/rescreening/$id",
  component: lazyRouteComponent(() => withTexts(import("../capabilities/quality/RereadPage"), "annotations", "cases", "quality", "reports"), "RereadPage"),
});

const scanners = createRoute({
  getParentRoute: () => root,
  path: "/scanners",
  validateSearch: decodeDrift,
  component: lazyRouteComponent(() => withTexts(import("../capabilities/appraisal/DriftPage"), "drift"), "DriftPage"),
});

const bench = createRoute({
  getParentRoute: () => root,
  path: "/bench",
  component: lazyRouteComponent(() => withTexts(import("../capabilities/custody/BenchPage"), "cases", "custody", "grossing", "orders", "viewer"), "BenchPage"),
});

const where = createRoute({
  getParentRoute: () => root,
  path: "/where",
  component: lazyRouteComponent(() => withTexts(import("../capabilities/custody/WherePage"), "cases", "custody", "orders"), "WherePage"),
});

const containers = createRoute({
  getParentRoute: () => root,
  path: "/containers",
  validateSearch: words("code"),
  component: lazyRouteComponent(() => withTexts(import("../capabilities/custody/ContainersPage"), "cases", "custody", "orders"), "ContainersPage"),
});

const keeping = createRoute({
  getParentRoute: () => root,
  path: "/keeping",
  component: lazyRouteComponent(() => withTexts(import("../capabilities/custody/KeepingPage"), "custody"), "KeepingPage"),
});

const stations = createRoute({
  getParentRoute: () => root,
  path: "/stations",
  component: lazyRouteComponent(() => withTexts(import("../capabilities/custody/StationsPage"), "custody"), "StationsPage"),
});

/** Plain text values: the router's own way would put numbers and quotes through JSON and so change addresses. */
export const router = createRouter({
  routeTree: root.addChildren([library, worklist, casePage, slide, compare, welcome, signIn, account, people, organisations, apps, authorise, audit, conformity, models, runs, comparison, triage, messages, workOrders, turnaround, rescreening, reread, scanners, bench, where, containers, keeping, stations]),
  defaultNotFoundComponent: Nowhere,
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(
      Object.entries(search as Record<string, unknown>).flatMap(([key, value]): [string, string][] =>
        value === undefined || value === "" ? [] : [[key, String(value)]],
      ),
    ).toString();
    return text && `?${text}`;
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
