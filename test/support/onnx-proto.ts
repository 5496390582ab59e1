/*
 * Writes ONNX models: the messages of onnx.proto that a small graph needs, in protobuf's wire format. Field numbers
 * are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 */

/** `TensorProto.DataType`. */
const ELEMENT_TYPES = { float32: 1, uint8: 2, int8: 3, int64: 7, string: 8, bool: 9, float16: 10 } as const;
export type ElementType = keyof typeof ELEMENT_TYPES;

/** An input or output; a text in the shape leaves that size open. */
export interface GraphValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

export interface ConstantTensor {
  readonly type: 'float32' | 'int64' | 'uint8';
  readonly shape: readonly number[];
  readonly values: readonly number[];
  /** Of the file that has the values instead, as models with external data name it. */
  readonly location?: string;
}

type Attribute = number | string | readonly number[] | Graph;

export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers, lists of them, texts, and graphs. */
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export interface Graph {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly constants?: Readonly<Record<string, ConstantTensor>>;
  readonly nodes: readonly GraphNode[];
}

/** The bytes of a model file. */
export function onnxModel(graph: Graph): Buffer {
  const opset = Buffer.concat([text(1, ''), varintField(2, 17)]);
  return Buffer.concat([
    varintField(1, 8), // ir_version
    text(2, 'vidicon-test'),
    message(7, graphProto(graph)),
    message(8, opset),
  ]);
}

function graphProto({ inputs, outputs, constants = {}, nodes }: Graph): Buffer {
  return Buffer.concat([
    ...nodes.map((node) => message(1, nodeProto(node))),
    text(2, 'graph'),
    ...Object.entries(constants).map(([name, tensor]) => message(5, tensorProto(name, tensor))),
    ...inputs.map((value) => message(11, valueInfo(value))),
    ...outputs.map((value) => message(12, valueInfo(value))),
  ]);
}

function nodeProto({ op, inputs, outputs, attributes = {} }: GraphNode): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => message(5, attribute(name, value))),
  ]);
}

function attribute(name: string, value: Attribute): Buffer {
  const parts = [text(1, name)];
  if (typeof value === 'number') parts.push(varintField(3, value), varintField(20, 2));
  else if (typeof value === 'string') parts.push(text(4, value), varintField(20, 3));
  else if ('nodes' in value) parts.push(message(6, graphProto(value)), varintField(20, 5));
  else parts.push(...value.map((each) => varintField(8, each)), varintField(20, 7));
  return Buffer.concat(parts);
}

function tensorProto(name: string, { type, shape, values, location }: ConstantTensor): Buffer {
  const raw = { float32: Float32Array, int64: BigInt64Array, uint8: Uint8Array }[type];
  const data =
    raw === BigInt64Array ? BigInt64Array.from(values, BigInt) : new (raw as Float32ArrayConstructor)(values); // the two others take numbers alike
  return Buffer.concat([
    ...shape.map((size) => varintField(1, size)),
    varintField(2, ELEMENT_TYPES[type]),
    text(8, name),
    ...(location === undefined
      ? [message(9, Buffer.from(data.buffer))]
      : [message(13, Buffer.concat([text(1, 'location'), text(2, location)])), varintField(14, 1)]),
  ]);
}

function valueInfo({ name, type, shape }: GraphValue): Buffer {
  const dimensions = shape.map((size) =>
    message(1, typeof size === 'number' ? varintField(1, size) : text(2, size)),
  );
  const tensorType = Buffer.concat([
    varintField(1, ELEMENT_TYPES[type]),
    message(2, Buffer.concat(dimensions)),
  ]);
  return Buffer.concat([text(1, name), message(2, message(1, tensorType))]);
}

function message(field: number, content: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}

const text = (field: number, value: string): Buffer => message(field, Buffer.from(value));

const varintField = (field: number, value: number): Buffer =>
  Buffer.concat([varint(field * 8), varint(value)]);

/** Also of negative numbers, as 64 bits in two's complement. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}
