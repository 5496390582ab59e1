import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

function files(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}

/** Codes are the quoted AREA_WHAT words of errors.ts files and of whoever makes an AppError or a problem. */
function codesInSource(): string[] {
  const made =
    /(?:AppError|super|problem)\(\s*(?:\d+,\s*)?'([A-Z]+(?:_[A-Z0-9]+)+)'|^\s+\d{3}: '([A-Z_]+)'/gm;
  return files('src', '.ts')
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => [...read(file).matchAll(made)].map((match) => match[1] ?? match[2] ?? ''));
}

test('every error code is explained in docs/errors.md, and no other', () => {
  const explained = [...read('docs/errors.md').matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map((match) => match[1]);
  expect([...explained].sort()).toEqual([...new Set(codesInSource())].sort());
});

test('every link between documents leads somewhere', () => {
  const documents = [
    ...files('docs', '.md'),
    ...files('openapi', '.md'),
    ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
    'web-player/README.md',
  ];
  const broken = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .map((match) => join(dirname(document), match[1] ?? ''))
      .filter((target) => {
        try {
          return readdirSync(dirname(join(ROOT, target))).every((name) => name !== target.split('/').at(-1));
        } catch {
          return true;
        }
      })
      .map((target) => `${document}: ${target}`),
  );
  expect(broken).toEqual([]);
});
