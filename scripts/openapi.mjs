// Makes openapi/openapi.json from the routes of the built service.
//   node scripts/openapi.mjs --write    writes the file
//   node scripts/openapi.mjs --check    ends with 1 when the file is not what the routes say
import { readFileSync, writeFileSync } from 'node:fs';
import { builtApp } from './built-app.mjs';

const FILE = new URL('../openapi/openapi.json', import.meta.url);
const [mode] = process.argv.slice(2);

const app = await builtApp();
const document = `${JSON.stringify(app.fastify.swagger(), undefined, 2)}\n`;
await app[Symbol.asyncDispose]();

if (mode === '--write') writeFileSync(FILE, document);
else if (mode === '--check') {
  if (readFileSync(FILE, 'utf8') !== document) {
    console.error('openapi/openapi.json is not what the routes say; run: npm run openapi');
    process.exitCode = 1;
  }
} else {
  console.error('usage: node scripts/openapi.mjs --write | --check');
  process.exitCode = 2;
}
