import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');

/**
 * Layers, lowest first. A file may import from its own layer's folder and from the layers named for it.
 * The longest matching prefix decides.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  media: ['media', 'core'],
  config: ['config', 'hardware/io', 'hardware/io/drivers', 'streams/encoders', 'media', 'core'],
  'streams/formats': ['streams/formats', 'media', 'core'],
  'streams/encoders': ['streams/encoders', 'streams/formats', 'media', 'core'],
  'streams/transports': ['streams/transports', 'streams/formats', 'streams', 'media', 'core'],
  'hardware/cameras': ['hardware/cameras', 'streams/formats', 'media', 'core'],
  'hardware/cameras/url': [
    'hardware/cameras/url',
    'hardware/cameras',
    'streams/encoders',
    'streams/formats',
    'media',
    'core',
  ],
  'hardware/io': ['hardware/io', 'core'],
  'hardware/machine': ['hardware/machine', 'core'],
  'hardware/io/drivers': ['hardware/io/drivers', 'hardware/io', 'core'],
  streams: ['streams', 'streams/coding', 'streams/encoders', 'media', 'core'],
  'streams/coding': ['streams/coding', 'streams/encoders', 'media', 'core'],
  inference: ['inference', 'streams', 'media', 'core'],
  routes: [
    'routes',
    'inference',
    'streams',
    'streams/transports',
    'hardware/cameras',
    'hardware/io',
    'hardware/machine',
    'config',
    'media',
    'core',
  ],
};

/** The edge of the process and what it is composed of may import everything. */
const COMPOSITION = ['main.ts', 'app.ts', 'service.ts', 'composition', 'cli'];

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Every module a text imports: static, re-exported, side-effect, type and dynamic imports. */
function imports(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const forms = [/\bfrom\s*'([^']+)'/g, /\bimport\s*'([^']+)'/g, /\bimport\(\s*'([^']+)'\s*\)/g];
  return forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] ?? ''));
}

function layerOf(path: string): string | undefined {
  return Object.keys(MAY_IMPORT)
    .filter((layer) => path.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** What is wrong with the imports of one file. */
function violations(path: string, text: string): string[] {
  if (COMPOSITION.some((name) => path === name || path.startsWith(`${name}/`))) return [];
  const layer = layerOf(path);
  if (layer === undefined) return [`${path} is in no layer`];
  return imports(text)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(SRC, resolve(dirname(join(SRC, path)), name)))
    .filter((target) => {
      const into = layerOf(target);
      return into === undefined || !MAY_IMPORT[layer]?.includes(into);
    })
    .map((target) => `${path} imports ${target}`);
}

describe('import directions', () => {
  test('every layer imports only what is below it', () => {
    const all = sources(SRC).flatMap((file) => violations(relative(SRC, file), readFileSync(file, 'utf8')));
    expect(all).toEqual([]);
  });

  test.each([
    ['a from clause', "import { a } from '../streams/index.ts';"],
    ['a side effect', "import '../streams/index.ts';"],
    ['a re-export', "export { a } from '../streams/index.ts';"],
    ['a type', "import type { A } from '../streams/index.ts';"],
    ['a dynamic import', "await import('../streams/index.ts');"],
  ])('a violation by %s is found', (_form, text) => {
    expect(violations('core/planted.ts', text)).toEqual(['core/planted.ts imports streams/index.ts']);
  });
});

describe('files', () => {
  test('none is longer than 500 lines', () => {
    const long = sources(SRC).filter((file) => readFileSync(file, 'utf8').split('\n').length > 500);
    expect(long).toEqual([]);
  });

  test('none has a name that says nothing', () => {
    const vague = sources(SRC).filter((file) => /\/(utils?|helpers?|common|misc|types)\.ts$/.test(file));
    expect(vague).toEqual([]);
  });
});
