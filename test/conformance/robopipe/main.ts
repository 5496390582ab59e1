import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FACTS } from './facts.ts';
import { line, run } from './run.ts';
import { Session } from './session.ts';

const HELP = `Asks a service whatever clients of Robopipe rely on, and prints a row for each fact:
fact · what · expected · seen · PASS, FAIL or SKIP

Usage: npm run conformance -- [options] http://HOST:PORT

      --generic FILE        an ONNX model with floats as its output, for the facts about inference
      --yolo FILE           an ONNX detector with a YOLO head, likewise
      --mobilenet FILE      an ONNX detector with an SSD head, likewise
      --yolo-classes N      how many classes it has; 80 unless said
      --only TEXT           only facts whose id contains this
  -h, --help                shows this text

It reconfigures and closes the first camera, switches outputs and deploys models, and puts back what it can:
never point it at a machine at work.

Exit status: 0 when no fact failed, 1 when one did, 2 for wrong arguments.`;

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
  const [url] = positionals;
  if (values.help || url === undefined || !URL.canParse(url)) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  const models = {
    ...(values.generic !== undefined && { generic: readFileSync(values.generic) }),
    ...(values.yolo !== undefined && { yolo: readFileSync(values.yolo) }),
    ...(values.mobilenet !== undefined && { mobileNet: readFileSync(values.mobilenet) }),
    yoloClasses: Number(values['yolo-classes']),
  };
  const session = await Session.open(url, { models });
  const counts = { PASS: 0, FAIL: 0, SKIP: 0 };
  for await (const row of run(
    FACTS.filter(({ id }) => id.includes(values.only)),
    session,
  )) {
    counts[row.is] += 1;
    console.log(line(row));
  }
  console.log(`${counts.PASS} passed, ${counts.FAIL} failed, ${counts.SKIP} skipped`);
  return counts.FAIL > 0 ? 1 : 0;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 2;
});
