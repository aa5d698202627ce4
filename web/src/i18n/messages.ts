/** What the app says, by the part of it that is fetched together: en/ and zh/ have one file for each. Keys are checked by the compiler. */
import type { texts as access } from "./en/access";
import type { texts as annotations } from "./en/annotations";
import type { texts as appraisal } from "./en/appraisal";
import type { texts as apps } from "./en/apps";
import type { texts as audit } from "./en/audit";
import type { texts as cases } from "./en/cases";
import type { texts as conformity } from "./en/conformity";
import type { texts as custody } from "./en/custody";
import type { texts as drift } from "./en/drift";
import type { texts as grossing } from "./en/grossing";
import type { texts as inference } from "./en/inference";
import type { texts as interfaces } from "./en/interfaces";
import type { texts as layers } from "./en/layers";
import type { texts as menus } from "./en/menus";
import type { texts as models } from "./en/models";
import type { texts as orders } from "./en/orders";
import type { texts as quality } from "./en/quality";
import type { texts as registration } from "./en/registration";
import type { texts as reports } from "./en/reports";
import type { texts as shell } from "./en/shell";
import type { texts as sign_in } from "./en/sign_in";
import type { texts as slides } from "./en/slides";
import type { texts as triage } from "./en/triage";
import type { texts as turnaround } from "./en/turnaround";
import type { texts as viewer } from "./en/viewer";

interface Parts {
  access: typeof access;
  annotations: typeof annotations;
  appraisal: typeof appraisal;
  apps: typeof apps;
  audit: typeof audit;
  cases: typeof cases;
  conformity: typeof conformity;
  custody: typeof custody;
  drift: typeof drift;
  grossing: typeof grossing;
  inference: typeof inference;
  interfaces: typeof interfaces;
  layers: typeof layers;
  menus: typeof menus;
  models: typeof models;
  orders: typeof orders;
  quality: typeof quality;
  registration: typeof registration;
  reports: typeof reports;
  shell: typeof shell;
  sign_in: typeof sign_in;
  slides: typeof slides;
  triage: typeof triage;
  turnaround: typeof turnaround;
  viewer: typeof viewer;
}

export type Part = keyof Parts;
type KeysOf<Table> = Extract<keyof Table, string>;
export type MessageKey = { [P in Part]: KeysOf<Parts[P]> }[Part];
/** Every key of the app, of whatever part. */
export type Messages = Record<MessageKey, string>;
/** The same part in Chinese, which has no singular. A missing or surplus key does not compile. */
export type Chinese<Table> = Record<Exclude<KeysOf<Table>, `${string}_one`>, string>;
