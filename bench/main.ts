import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { browserLatency, pageToMovingPicture } from './browser.ts';
import { edgesOfAMinute, idleCircuits, writesAndEdges } from './circuits.ts';
import { costPerReader } from './cost-per-reader.ts';
import type { Figure } from './figure.ts';
import { inference } from './inference.ts';
import { firstReader, laterReader } from './joining.ts';
import { pictureLatency } from './picture-latency.ts';
import { idle, startToListening } from './service-process.ts';

/** `npm run bench [NAME…]`: measures the built service, prints a line per budget, writes bench/results/latest.json. */
const BENCHES: Readonly<Record<string, () => Promise<Figure | Figure[]>>> = {
  start: startToListening,
  idle,
  latency: pictureLatency,
  first: firstReader,
  later: laterReader,
  page: pageToMovingPicture,
  browser: browserLatency,
  readers: costPerReader,
  inference,
  circuits: writesAndEdges,
  edges: edgesOfAMinute,
  'idle-circuits': idleCircuits,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0 || wanted.includes('--help')) {
  console.log(`npm run bench [NAME…]   names: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(unknown.length > 0 && !wanted.includes('--help') ? 2 : 0);
}
const figures: Figure[] = [];
for (const [name, run] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const figure of [await run()].flat()) {
    figures.push(figure);
    console.log(`${figure.isMet ? 'met   ' : 'MISSED'}  ${figure.what}: ${figure.measured}`);
    console.log(
      `        budget ${figure.budget}${figure.reference ? `; reference ${figure.reference}` : ''}`,
    );
  }
}
const folder = join(import.meta.dirname, 'results');
mkdirSync(folder, { recursive: true });
const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  node: process.version,
  at: new Date().toISOString(),
};
writeFileSync(join(folder, 'latest.json'), `${JSON.stringify({ machine, figures }, undefined, 2)}\n`);
