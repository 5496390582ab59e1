import { type FileHandle, open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { AppError } from '../src/core/app-error.ts';
import { parseAvcC, parseSps } from '../src/streams/formats/h264/index.ts';
import {
  type Box,
  readBoxes,
  readBoxHeader,
  readMfhd,
  readPrft,
  readTfdt,
  readTfhd,
  readTrun,
} from '../src/streams/formats/isobmff/index.ts';

const HELP = `Prints the boxes of an MP4 file or a recorded stream: offset, type, size, and the values of
ftyp, avcC, prft, mfhd, tfhd, tfdt and trun.

Usage: tsx scripts/inspect-fmp4.ts <file>

  -h, --help   shows this text

Exit status: 0 when the whole file was read, 1 when it could not be, 2 for wrong arguments.`;

/** Boxes above this are named, not read; media data always is. */
const LARGEST_BOX_READ_BYTES = 16 * 1024 * 1024;
const MOST_TOP_LEVEL_BOXES = 1_000_000;
const LONGEST_HEADER_BYTES = 16;
const MOST_SAMPLES_SHOWN = 10;

/** The values of a box in one line. May throw AppError FORMAT_*. */
const VALUES: Readonly<Record<string, (box: Box) => string>> = {
  ftyp: ({ body }) => JSON.stringify(Buffer.from(body).toString('latin1', 0, 4)),
  avcC: describeAvcC,
  mfhd: (box) => `sequence_number=${readMfhd(box).sequenceNumber}`,
  tfhd: (box) => fields(readTfhd(box)),
  tfdt: (box) => fields(readTfdt(box)),
  trun: describeTrun,
  prft: (box) => {
    const { wallUs, ...time } = readPrft(box);
    return `${fields(time)} wall=${new Date(wallUs / 1000).toISOString()} (${wallUs} us)`;
  },
};

function describeAvcC({ body }: Box): string {
  const { sps, pps, nalLengthBytes } = parseAvcC(body);
  const sizes = sps.map((nalUnit) => {
    const { profileIdc, levelIdc, width, height, vui } = parseSps(nalUnit);
    const reorder = vui?.bitstreamRestriction?.maxNumReorderFrames ?? 'unsaid';
    return `[profile=${profileIdc} level=${levelIdc} size=${width}x${height} reorder=${reorder}]`;
  });
  const codec = Buffer.from(body.subarray(1, 4)).toString('hex').toUpperCase();
  return `avc1.${codec} length_bytes=${nalLengthBytes} sps=${sizes.join('')} pps=${pps.length}`;
}

function describeTrun(box: Box): string {
  const { samples, ...run } = readTrun(box);
  const shown = samples.slice(0, MOST_SAMPLES_SHOWN).map(({ flags, ...sample }) => {
    const hex = flags === undefined ? '' : ` flags=0x${flags.toString(16).padStart(8, '0')}`;
    return `[${fields(sample)}${hex}]`;
  });
  const rest = samples.length > shown.length ? ` and ${samples.length - shown.length} more` : '';
  return `${fields(run)} samples=${samples.length} ${shown.join('')}${rest}`;
}

function fields(values: object): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function print(box: Box, base: number, depth: number): void {
  console.log(line(box, base + box.offset, depth, valuesOf(box)));
  for (const child of box.children) print(child, base, depth + 1);
}

function line(box: { type: string; size: number }, offset: number, depth: number, values: string): string {
  const type = JSON.stringify(box.type).slice(1, -1);
  return `${String(offset).padStart(10)} ${'  '.repeat(depth)}${type} ${box.size} ${values}`.trimEnd();
}

function valuesOf(box: Box): string {
  try {
    return VALUES[box.type]?.(box) ?? '';
  } catch (error) {
    if (error instanceof AppError) return `! ${error.message}`;
    throw error;
  }
}

async function inspect(file: FileHandle): Promise<void> {
  const { size: fileBytes } = await file.stat();
  let offset = 0;
  for (let count = 0; offset < fileBytes; count += 1) {
    if (count === MOST_TOP_LEVEL_BOXES) throw new Error(`More than ${MOST_TOP_LEVEL_BOXES} boxes; stopped.`);
    const header = readBoxHeader(await read(file, offset, LONGEST_HEADER_BYTES), fileBytes - offset);
    if (header.type === 'mdat' || header.size > LARGEST_BOX_READ_BYTES) {
      console.log(line(header, offset, 0, ''));
    } else {
      for (const box of readBoxes(await read(file, offset, header.size))) print(box, offset, 0);
    }
    offset += header.size;
  }
}

async function read(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position: offset });
  return buffer.subarray(0, bytesRead);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) {
    console.error(HELP);
    return 2;
  }
  const file = await open(path);
  try {
    await inspect(file);
    return 0;
  } finally {
    await file.close();
  }
}

// Whoever reads the output may stop early, as `head` does.
process.stdout.on('error', () => process.exit());

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  // parseArgs throws a TypeError for an option it does not know.
  process.exitCode = error instanceof TypeError ? 2 : 1;
}
