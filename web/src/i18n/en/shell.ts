export const texts = {
  "app.name": "Hemalum",
  "app.library": "Library",
  "app.nowhere": "There is no page at this address.",
  "app.skip": "Skip to content",
  "app.demo": "Demo node: made-up slides, not for care",

  "dimmer.on": "Dim the glass",
  "dimmer.off": "Undim the glass",
  "dimmer.chip": "Glass dimmed: colours are not as scanned",

  "theme.toLight": "Use the light theme",
  "theme.toDark": "Use the dark theme",

  "language.other": "中文",
  "language.label": "Language",

  "user.menu": "Signed in as {{name}}",
  "user.account": "My account",
  "user.apps": "Applications of others",
  "user.people": "People and roles",
  "user.messages": "Messages of other systems",
  "user.organisations": "Organisations",
  "user.actIn": "Act in",
  "user.notMoved": "You do not act in {{name}}",
  "user.signOut": "Sign out",

  "connection.lost": "No connection to the server. Read only: what you draw and see waits in this browser; what needs the server is off until it is back.",
  "connection.queued_one": "{{count}} thing waits to be saved.",
  "connection.queued_other": "{{count}} things wait to be saved.",

  "offline.title": "No connection to the server",
  "offline.what": "Hemalum continues as soon as the server answers. Slides and patient data are never kept on this device.",

  "release.newer": "A newer release of Hemalum is ready.",
  "release.use": "Load it now",

  "problem.generic": "Something went wrong on the server.",
  "problem.unreachable": "The server does not answer.",
  "problem.not-found": "This does not exist, or you may not see it.",
  "problem.not-permitted": "You may not do this. An administrator of your organisation can allow it.",
  "problem.busy": "The server is busy. Try again in a moment.",

  "action.retry": "Try again",
  "action.close": "Close",
  "action.cancel": "Cancel",
  "action.back": "Back to the library",
  "action.save": "Save",
  "action.change": "Change",
  "action.remove": "Remove",
  "action.copy": "Copy",
  "action.copied": "Copied",

  "account.needsFactor": "{{name}} asks for a second factor. Set up a passkey or an authenticator app, or sign in with the one that you have.",

  "worklist.title": "Worklist",

  "orders.bench": "Work orders",

  "turnaround.title": "Turnaround",

  "quality.title": "Rescreening",

  "drift.title": "Scanners and stains",

  "settings.title": "Settings",

  "purpose.label": "Purpose",
  "purpose.care": "Care",
  "purpose.quality": "Quality",
  "purpose.research": "Research",
  "purpose.trial": "Trial",
  "purpose.teaching": "Teaching",
  "purpose.support": "Support",

  "user.runs": "Runs of models",

  "comparison.title": "Comparison of versions",
  "triage.title": "Triage by models",

  "user.models": "Models",
  "user.conformity": "Conformity of metadata",

  "custody.bench": "Bench",
  "custody.where": "Where is it",
  "custody.containers": "Containers",
  "custody.keeping": "Loans and discards",
  "custody.stations": "Stations",

  "audit.open": "Audit",
} as const;
