import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Alias, Document, LineCounter, Node, Pair, ParsedNode } from 'yaml';
import { ioConfigInvalid } from '../../errors.ts';
import { type EvokContent, EvokValue } from './evok-value.ts';

const MAX_FILE_BYTES = 262_144;
/** Values of one file with its aliases expanded: far more than any board has, far less than a file made to explode. */
const MAX_VALUES = 50_000;
const MAX_DEPTH = 32;

/** @throws an error of the file system, or IO_CONFIG_INVALID when it is too large or no regular file. */
async function readText(driver: string, path: string): Promise<string> {
  // Opening a pipe that nobody writes would wait for ever otherwise.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    const { size } = stat;
    if (!stat.isFile()) throw ioConfigInvalid(driver, `${path} is no regular file.`);
    if (size > MAX_FILE_BYTES)
      throw ioConfigInvalid(
        driver,
        `${path} has ${size} bytes; expected a file of at most ${MAX_FILE_BYTES}.`,
      );
    const bytes = Buffer.alloc(MAX_FILE_BYTES);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * Reads one of evok's files.
 * @param driver the driver's name, for messages.
 * @returns undefined when there is no such file.
 * @throws AppError IO_CONFIG_INVALID with file and line.
 */
export async function readEvokFile(driver: string, path: string): Promise<EvokValue | undefined> {
  let text: string;
  try {
    text = await readText(driver, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error;
    if (error.code === 'ENOENT') return undefined;
    throw ioConfigInvalid(driver, `${path} cannot be read: ${error.message}.`, error);
  }
  return parseEvokText(driver, path, text);
}

/**
 * Reads YAML as evok does, which is YAML 1.1: `yes` and `off` are switches.
 * @throws AppError IO_CONFIG_INVALID with file and line.
 */
export async function parseEvokText(driver: string, path: string, text: string): Promise<EvokValue> {
  // Few appliances have Modbus devices, and the parser takes 30 ms to load.
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  try {
    const document = yaml.parseDocument(text, { version: '1.1', lineCounter: lines, prettyErrors: false });
    const [fault] = document.errors;
    if (fault !== undefined) {
      const { line, col } = lines.linePos(fault.pos[0]);
      throw ioConfigInvalid(driver, `${path}:${line}:${col}: ${fault.message}.`, fault);
    }
    return new Converter(yaml, document, lines, driver, path).value(document.contents, 'the file', 0);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw ioConfigInvalid(driver, `${path} is nested too deeply.`, error);
  }
}

/** Turns the parser's tree into values that know where they stand; aliases are expanded within a budget. */
class Converter {
  readonly #yaml: typeof import('yaml');
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #driver: string;
  readonly #path: string;
  #left = MAX_VALUES;

  constructor(
    yaml: typeof import('yaml'),
    document: Document.Parsed,
    lines: LineCounter,
    driver: string,
    path: string,
  ) {
    this.#yaml = yaml;
    this.#document = document;
    this.#lines = lines;
    this.#driver = driver;
    this.#path = path;
  }

  value(node: Node | null | undefined, key: string, depth: number): EvokValue {
    const at = `${this.#path}:${this.#lines.linePos(node?.range?.[0] ?? 0).line}`;
    this.#left -= 1;
    if (this.#left < 0 || depth > MAX_DEPTH)
      throw ioConfigInvalid(
        this.#driver,
        `${at}: ${key} is too much; expected at most ${MAX_VALUES} values, ${MAX_DEPTH} deep.`,
      );
    return new EvokValue({ driver: this.#driver, at }, key, this.#content(node, key, at, depth));
  }

  #content(given: Node | null | undefined, key: string, at: string, depth: number): EvokContent {
    const { isAlias, isMap, isScalar, isSeq } = this.#yaml;
    const node = isAlias(given) ? this.#target(given, at) : given;
    if (isMap<ParsedNode, ParsedNode | null>(node)) return this.#mapping(node.items, at, depth);
    if (isSeq<ParsedNode>(node)) return node.items.map((item) => this.value(item, key, depth + 1));
    if (!isScalar(node)) return { value: null, text: '' };
    const { value } = node;
    return { value, text: typeof value === 'string' ? value : (node.source ?? '') };
  }

  #mapping(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], at: string, depth: number) {
    const own = new Map<string, EvokValue>();
    const merged: EvokValue[] = [];
    for (const { key, value } of pairs) {
      if (!this.#yaml.isScalar(key))
        throw ioConfigInvalid(this.#driver, `${at}: a key is a collection; expected text.`);
      const name = key.source ?? String(key.value);
      const read = this.value(value, name, depth + 1);
      if (name === '<<') merged.push(...(read.isList ? read.list() : [read]));
      else own.set(name, read);
    }
    // A merge key gives what the mapping itself and earlier ones do not have.
    for (const source of merged)
      for (const [key, value] of source.mapping()) if (!own.has(key)) own.set(key, value);
    return own;
  }

  #target(alias: Alias, at: string): Node {
    const target = alias.resolve(this.#document);
    if (target === undefined)
      throw ioConfigInvalid(this.#driver, `${at}: *${alias.source} names no anchor above it.`);
    return target;
  }
}
