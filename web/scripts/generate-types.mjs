// Writes TypeScript types from an OpenAPI description: generate-types.mjs DESCRIPTION.json TYPES.ts
// `scripts/web run types` does the whole.
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const [description, types] = process.argv.slice(2);
const nodes = await openapiTS(JSON.parse(readFileSync(description, "utf8")), { alphabetize: true });
const head = "/* Generated from the server's OpenAPI description by web/scripts/generate-types.mjs. */";
writeFileSync(types, `${head}\n\n${astToString(nodes)}`);
