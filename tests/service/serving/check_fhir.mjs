// A FHIR checker of another maker (npm: fhir, definitions of R4): node check_fhir.mjs FILE
// FILE is JSON: {good: [resource], bad: [resource]}; answers as JSON what it says against each.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../../web/package.json", import.meta.url));
const { Fhir } = require("fhir");

const checker = new Fhir();
const asked = JSON.parse(readFileSync(process.argv[2], "utf8"));
/** Warnings are about codes of value sets that need not be used. */
const said = (resource) =>
  checker
    .validate(resource, { errorOnUnexpected: true })
    .messages.filter((one) => ["error", "fatal"].includes(one.severity))
    .map((one) => `${one.location}: ${one.message}`);
const answer = Object.fromEntries(Object.entries(asked).map(([name, list]) => [name, list.flatMap(said)]));
console.log(JSON.stringify(answer));
