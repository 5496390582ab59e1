// Makes the table of keys in docs/configuration.md from the configuration's schema.
//   node scripts/configuration.mjs --write    writes the table into the file
//   node scripts/configuration.mjs --check    ends with 1 when the file does not have this table
import { readFileSync, writeFileSync } from 'node:fs';
import { allowed } from '../dist/config/check.js';
import { ConfigSchema } from '../dist/config/schema.js';

const FILE = new URL('../docs/configuration.md', import.meta.url);
const BEGIN = '<!-- keys: made by scripts/configuration.mjs -->\n';
const END = '<!-- end of keys -->';
const [mode] = process.argv.slice(2);

const cell = (text) => text.replaceAll('|', '\\|');
const code = (value) =>
  value === undefined ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

/** The keys below a schema, as [path, schema]; what a person names himself is shown as `<…>`. */
function keysOf(schema, path = '') {
  const at = (key) => (path === '' ? key : `${path}.${key}`);
  if (schema.anyOf)
    return schema.anyOf.flatMap((each) => keysOf(each, `${path} (${each.properties.kind.const})`));
  if (schema.type === 'array' && schema.items.anyOf)
    return [[path, schema], ...keysOf(schema.items, `${path}[]`)];
  if (schema.patternProperties) {
    const [[pattern, item]] = Object.entries(schema.patternProperties);
    return keysOf(
      item,
      at(pattern.includes('/') ? '<mxid>/<sensor>' : pattern.includes('CAM_') ? '<sensor>' : '<name>'),
    );
  }
  if (schema.properties)
    return Object.entries(schema.properties).flatMap(([key, each]) => keysOf(each, at(key)));
  return schema.const === undefined ? [[path, schema]] : [];
}

const rows = keysOf(ConfigSchema).map(([path, schema]) => {
  const cells = [`\`${path}\``, schema.description ?? '', allowed(schema), code(schema.default)];
  return `| ${cells.map(cell).join(' | ')} |\n`;
});
const table = `| key | what | allowed | default |\n|---|---|---|---|\n${rows.join('')}`;

const text = readFileSync(FILE, 'utf8');
const [before, rest] = text.split(BEGIN);
const after = rest.slice(rest.indexOf(END));
const wanted = `${before}${BEGIN}\n${table}\n${after}`;
if (mode === '--write') writeFileSync(FILE, wanted);
else if (mode === '--check') {
  if (text !== wanted) {
    console.error(
      'The keys in docs/configuration.md are not those of the schema; run: node scripts/configuration.mjs --write',
    );
    process.exitCode = 1;
  }
} else {
  console.error('usage: node scripts/configuration.mjs --write | --check');
  process.exitCode = 2;
}
