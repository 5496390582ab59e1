import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FACTS } from './facts.ts';
import { Session } from './session.ts';
import { verdictOf } from './verdict.ts';

const HELP = `Asks a service whatever clients of Robopipe rely on, and prints a row for each fact:
fact · what · expected · seen · PASS, FAIL or SKIP

Usage: npm run conformance -- [options] http://HOST:PORT

      --generic FILE        an ONNX model with floats as its output, for the facts about inference
      --yolo FILE           an ONNX detector with a YOLO head, likewise
      --mobilenet FILE      an ONNX detector with an SSD head, likewise
      --yolo-classes N      how many classes the YOLO head has; 80 unless said
      --only TEXT           only facts whose id contains this; some build on those before them in the same section
  -h, --help                shows this text

It reconfigures and closes the first camera, switches outputs, and deploys and removes models. It puts back settings
and outputs, but no model: never point it at a machine at work.

Exit status: 0 when no fact failed, 1 when one did, 2 when the facts could not be checked.`;

const options = {
  generic: { type: 'string' },
  yolo: { type: 'string' },
  mobilenet: { type: 'string' },
  'yolo-classes': { type: 'string', default: '80' },
  only: { type: 'string', default: '' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const [url, ...others] = positionals;
  if (url === undefined || others.length > 0 || !/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new Error('One URL is needed, such as http://127.0.0.1:8080; --help tells more.');
  const yoloClasses = Number(values['yolo-classes']);
  if (!Number.isInteger(yoloClasses) || yoloClasses < 1)
    throw new Error(`--yolo-classes is ${values['yolo-classes']}; expected a whole number from 1.`);
  const facts = FACTS.filter(({ id }) => id.includes(values.only));
  if (facts.length === 0) throw new Error(`No fact's id contains ${values.only}.`);

  const models = {
    ...(values.generic !== undefined && { generic: readFileSync(values.generic) }),
    ...(values.yolo !== undefined && { yolo: readFileSync(values.yolo) }),
    ...(values.mobilenet !== undefined && { mobileNet: readFileSync(values.mobilenet) }),
    yoloClasses,
  };
  const session = await Session.open(url, { models });
  const counts = { PASS: 0, FAIL: 0, SKIP: 0 };
  for (const fact of facts) {
    const { is, seen } = await verdictOf(fact, session);
    counts[is] += 1;
    console.log([fact.id, fact.what, fact.expected, seen, is].join(' · '));
  }
  console.log(`${counts.PASS} passed, ${counts.FAIL} failed, ${counts.SKIP} skipped`);
  return counts.FAIL > 0 ? 1 : 0;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 2;
});
