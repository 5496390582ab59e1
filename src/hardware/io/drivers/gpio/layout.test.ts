import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REQUESTS, STRUCTS, VALUES } from './layout.ts';

/** Every number of the module, under the C expression that gives it. */
function numbers(): Map<string, number> {
  const all = new Map<string, number>();
  for (const [struct, { sizeof, ...fields }] of Object.entries(STRUCTS)) {
    all.set(`sizeof(struct ${struct})`, sizeof);
    for (const [field, offset] of Object.entries(fields))
      all.set(`offsetof(struct ${struct}, ${field})`, offset);
  }
  for (const [name, value] of Object.entries({ ...REQUESTS, ...VALUES })) all.set(name, value);
  return all;
}

/** What the kernel's headers on this machine say, by compiling and running a C program. */
function numbersOfTheHeaders(expressions: Iterable<string>): Map<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'gpio-layout-'));
  try {
    const prints = [...expressions].map((c) => `printf("%lu %s\\n", (unsigned long)(${c}), "${c}");`);
    writeFileSync(
      join(folder, 'layout.c'),
      `#include <stddef.h>\n#include <stdio.h>\n#include <linux/gpio.h>\nint main(void) {\n${prints.join('\n')}\n}\n`,
    );
    execFileSync('gcc', ['-w', '-o', join(folder, 'layout'), join(folder, 'layout.c')], { stdio: 'pipe' });
    return parse(execFileSync(join(folder, 'layout'), { encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function parse(text: string): Map<string, number> {
  return new Map(
    text
      .trimEnd()
      .split('\n')
      .map((line) => {
        const space = line.indexOf(' ');
        return [line.slice(space + 1), Number(line.slice(0, space))];
      }),
  );
}

const canCompile =
  process.arch === 'x64' &&
  existsSync('/usr/include/linux/gpio.h') &&
  spawnSync('gcc', ['--version']).status === 0;

test.skipIf(!canCompile)('every size, offset and constant is the one of the kernel headers here', () => {
  const ours = numbers();
  expect(numbersOfTheHeaders(ours.keys())).toEqual(ours);
});

test('every size, offset and constant is the one that a C compiler gave for 64-bit Linux', () => {
  const recorded = parse(readFileSync(new URL('./layout.expected.txt', import.meta.url), 'utf8'));
  expect(numbers()).toEqual(recorded);
});
