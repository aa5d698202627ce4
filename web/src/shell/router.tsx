import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Navigate } from "@tanstack/react-router";
import type { LinkPurpose } from "../api/types";
import { Frame } from "./Frame";
import { Nowhere } from "./Nowhere";
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
  component: lazyRouteComponent(() => import("../capabilities/slides/library/LibraryPage"), "LibraryPage"),
});

const worklist = createRoute({
  getParentRoute: () => root,
  path: "/worklist",
  validateSearch: decodeWorklist,
  component: lazyRouteComponent(() => import("../capabilities/cases/WorklistPage"), "WorklistPage"),
});

const casePage = createRoute({
  getParentRoute: () => root,
  path: "/cases/$id",
  validateSearch: decodeFilter,
  component: lazyRouteComponent(() => import("../capabilities/cases/CasePage"), "CasePage"),
});

// The viewer keeps its own search keys (view_state.ts): it writes them on every move, past the router.
const slide = createRoute({
  getParentRoute: () => root,
  path: "/slides/$id",
  validateSearch: (search): Record<string, string> => search as Record<string, string>,
  component: lazyRouteComponent(() => import("../capabilities/slides/viewer/ViewerPage"), "ViewerPage"),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: "/compare/$",
  validateSearch: (search): Record<string, string> => search as Record<string, string>,
  component: lazyRouteComponent(() => import("../capabilities/slides/viewer/ViewerPage"), "ComparePage"),
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
  component: lazyRouteComponent(() => import("../capabilities/access/WelcomePage"), "WelcomePage"),
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
  component: lazyRouteComponent(() => import("../capabilities/access/AccountPage"), "AccountPage"),
});

const people = createRoute({
  getParentRoute: () => root,
  path: "/people",
  validateSearch: words("q", "id", "at"),
  component: lazyRouteComponent(() => import("../capabilities/access/PeoplePage"), "PeoplePage"),
});

const organisations = createRoute({
  getParentRoute: () => root,
  path: "/organisations",
  component: lazyRouteComponent(() => import("../capabilities/access/OrganisationsPage"), "OrganisationsPage"),
});

const apps = createRoute({
  getParentRoute: () => root,
  path: "/apps",
  component: lazyRouteComponent(() => import("../capabilities/apps/AppsPage"), "AppsPage"),
});

// Where apps of others send somebody who is to say yes or no.
const authorise = createRoute({
  getParentRoute: () => root,
  path: "/authorise",
  validateSearch: words("request", "refused"),
  component: lazyRouteComponent(() => import("../capabilities/apps/AuthorisePage"), "AuthorisePage"),
});

const audit = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  validateSearch: decodeAudit,
  component: lazyRouteComponent(() => import("../capabilities/audit/AuditPage"), "AuditPage"),
});

const conformity = createRoute({
  getParentRoute: () => root,
  path: "/conformity",
  validateSearch: decodeConformity,
  component: lazyRouteComponent(() => import("../capabilities/conformity/ConformityPage"), "ConformityPage"),
});

const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  component: lazyRouteComponent(() => import("../capabilities/inference/RunsPage"), "RunsPage"),
});

const comparison = createRoute({
  getParentRoute: () => root,
  path: "/comparison",
  validateSearch: words("first", "second"),
  component: lazyRouteComponent(() => import("../capabilities/inference/ComparisonPage"), "ComparisonPage"),
});

const triage = createRoute({
  getParentRoute: () => root,
  path: "/triage",
  validateSearch: decodeTurnaround,
  component: lazyRouteComponent(() => import("../capabilities/triage/TriagePage"), "TriagePage"),
});

const models = createRoute({
  getParentRoute: () => root,
  path: "/models",
  validateSearch: words("version", "add"),
  component: lazyRouteComponent(() => import("../capabilities/models/ModelsPage"), "ModelsPage"),
});

const messages = createRoute({
  getParentRoute: () => root,
  path: "/messages",
  validateSearch: decodeMessages,
  component: lazyRouteComponent(() => import("../capabilities/interfaces/MessagesPage"), "MessagesPage"),
});

const workOrders = createRoute({
  getParentRoute: () => root,
  path: "/orders",
  validateSearch: decodeBench,
  component: lazyRouteComponent(() => import("../capabilities/orders/WorkPage"), "WorkPage"),
});

const turnaround = createRoute({
  getParentRoute: () => root,
  path: "/turnaround",
  validateSearch: decodeTurnaround,
  component: lazyRouteComponent(() => import("../capabilities/cases/TurnaroundPage"), "TurnaroundPage"),
});

const rescreening = createRoute({
  getParentRoute: () => root,
  path: "/rescreening",
  validateSearch: decodeBoard,
  component: lazyRouteComponent(() => import("../capabilities/quality/RescreeningPage"), "RescreeningPage"),
});

const reread = createRoute({
  getParentRoute: () => root,
  path: "/rescreening/$id",
  component: lazyRouteComponent(() => import("../capabilities/quality/RereadPage"), "RereadPage"),
});

const bench = createRoute({
  getParentRoute: () => root,
  path: "/bench",
  component: lazyRouteComponent(() => import("../capabilities/custody/BenchPage"), "BenchPage"),
});

const where = createRoute({
  getParentRoute: () => root,
  path: "/where",
  component: lazyRouteComponent(() => import("../capabilities/custody/WherePage"), "WherePage"),
});

const containers = createRoute({
  getParentRoute: () => root,
  path: "/containers",
  validateSearch: words("code"),
  component: lazyRouteComponent(() => import("../capabilities/custody/ContainersPage"), "ContainersPage"),
});

const keeping = createRoute({
  getParentRoute: () => root,
  path: "/keeping",
  component: lazyRouteComponent(() => import("../capabilities/custody/KeepingPage"), "KeepingPage"),
});

const stations = createRoute({
  getParentRoute: () => root,
  path: "/stations",
  component: lazyRouteComponent(() => import("../capabilities/custody/StationsPage"), "StationsPage"),
});

/** Plain text values: the router's own way would put numbers and quotes through JSON and so change addresses. */
export const router = createRouter({
  routeTree: root.addChildren([library, worklist, casePage, slide, compare, welcome, signIn, account, people, organisations, apps, authorise, audit, conformity, models, runs, comparison, triage, messages, workOrders, turnaround, rescreening, reread, bench, where, containers, keeping, stations]),
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
