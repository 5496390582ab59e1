import { isMap, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml';
import { configSyntax } from './errors.ts';

/** A parsed file: its content as plain values, and where in the text each key stands. */
export interface ConfigFile {
  /** undefined when the file has no content. */
  readonly content: unknown;
  /** `file:line` of a key, or of the nearest one above it that is there. */
  where(path: readonly string[]): string;
}

/** Enough for anchors a person writes; a document that multiplies itself by aliases is refused. */
const MAX_ALIASES = 100;

/** The node of a key or list position in a collection, and the node of its value. */
function child(node: Node | null | undefined, key: string): { at?: Node; value?: Node | null } {
  if (isMap<ParsedNode, ParsedNode | null>(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    return pair === undefined ? {} : { at: pair.key, value: pair.value };
  }
  const item = isSeq<ParsedNode>(node) ? node.items[Number(key)] : undefined;
  return item === undefined ? {} : { at: item, value: item };
}

/**
 * Reads YAML 1.2. Tags, more than one document and a key given twice are refused.
 * @param name the file's name, for messages.
 * @throws AppError CONFIG_SYNTAX with line and column.
 */
export function parseConfig(text: string, name: string): ConfigFile {
  try {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true });
    const at = (offset: number): string => {
      const { line, col } = lines.linePos(offset);
      return `${name}:${line}:${col}`;
    };
    const faults = [...document.errors, ...document.warnings];
    if (faults.length > 0) throw configSyntax(faults.map((fault) => `${at(fault.pos[0])}: ${fault.message}`));
    const content: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    const where = (path: readonly string[]): string => {
      let node: Node | null | undefined = document.contents;
      let offset = 0;
      for (const key of path) {
        const found = child(node, key);
        if (found.at === undefined) break;
        offset = found.at.range?.[0] ?? offset;
        node = found.value;
      }
      return `${name}:${lines.linePos(offset).line}`;
    };
    return { content: content ?? undefined, where };
  } catch (error) {
    // The parser recurses into nested collections and refuses aliases that multiply: both end as plain errors.
    if (error instanceof RangeError) throw configSyntax([`${name}: is nested too deeply`]);
    if (error instanceof ReferenceError) throw configSyntax([`${name}: ${error.message}`]);
    throw error;
  }
}
