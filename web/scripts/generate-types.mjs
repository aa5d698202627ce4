// Writes src/api/schema.ts from the server's OpenAPI description, given as a file or on standard input.
// `scripts/web run types` does the whole.
import { readFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const description = JSON.parse(readFileSync(process.argv[2] ?? 0, "utf8"));
const nodes = await openapiTS(description, { alphabetize: true });
process.stdout.write(`/* Generated from the server's OpenAPI description by web/scripts/generate-types.mjs. */\n\n${astToString(nodes)}`);
