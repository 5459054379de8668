// Evaluates expressions with two other engines of CEL. Reads a case per line: {"expr": text, "vars": {name: value}}; answers each with a
// line: an array of the results of @bufbuild/cel and of @marcbachmann/cel-js. Values are arrays that begin with their type, so that none is
// lost in JSON: ["int", "1"], ["double", bits in hex], ["bytes", hex], ["list", items], ["map", [key, value]...], ["error", text].
import { celEnv, celUint, isCelError, isCelList, isCelMap, isCelType, isCelUint, parse, plan } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import { create } from "@bufbuild/protobuf";
import { isReflectMessage } from "@bufbuild/protobuf/reflect";
import { DurationSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { Environment } from "@marcbachmann/cel-js";
import { createInterface } from "node:readline";

const bits = new DataView(new ArrayBuffer(8));

function readDouble(hex) {
  if (hex === "nan") return NaN;
  bits.setBigUint64(0, BigInt(`0x${hex}`));
  return bits.getFloat64(0);
}

function showDouble(value) {
  bits.setFloat64(0, value);
  return ["double", Number.isNaN(value) ? "nan" : bits.getBigUint64(0).toString(16).padStart(16, "0")];
}

// Both engines agree on null, bool, int (bigint), double (number), string, bytes, arrays and maps.
function read([type, value, nanos], engine) {
  switch (type) {
    case "null":
      return null;
    case "int":
      return BigInt(value);
    case "uint":
      return engine.uint(BigInt(value));
    case "double":
      return readDouble(value);
    case "bytes":
      return Uint8Array.from(Buffer.from(value, "hex"));
    case "list":
      return value.map((item) => read(item, engine));
    case "map":
      return new Map(value.map(([key, item]) => [read(key, engine), read(item, engine)]));
    case "timestamp":
      return engine.timestamp(BigInt(value), nanos);
    case "duration":
      return engine.duration(BigInt(value), nanos);
    default:
      return value;
  }
}

function show(value, engine) {
  switch (typeof value) {
    case "boolean":
      return ["bool", value];
    case "bigint":
      return ["int", String(value)];
    case "number":
      return showDouble(value);
    case "string":
      // A text that was cut within a surrogate pair cannot be written.
      return /\p{Surrogate}/u.test(value) ? ["halves"] : ["string", value];
  }
  if (value === null) return ["null"];
  if (value instanceof Uint8Array) return ["bytes", Buffer.from(value).toString("hex")];
  return engine.show(value) ?? showItems(value, engine);
}

// What && and || could not absorb: the first error has the others as its causes.
function failure(error) {
  const all = [error, ...[error.cause ?? []].flat()];
  const texts = all.map((one) => String(one.message).split("\n")[0].replace(/\p{Surrogate}/gu, "?"));
  return ["error", texts.join("; ")];
}

function showItems(value, engine) {
  if (Array.isArray(value) || isCelList(value)) return ["list", Array.from(value, (item) => show(item, engine))];
  const entries = value instanceof Map || isCelMap(value) ? [...value.entries()] : Object.entries(value);
  return ["map", entries.map(([key, item]) => [show(key, engine), show(item, engine)])];
}

const bufbuild = {
  env: celEnv({ funcs: strings }),
  uint: celUint,
  timestamp: (seconds, nanos) => create(TimestampSchema, { seconds, nanos }),
  duration: (seconds, nanos) => create(DurationSchema, { seconds, nanos }),
  evaluate(text, variables) {
    return plan(this.env, parse(text))(variables);
  },
  show(value) {
    if (isCelError(value)) return failure(value);
    if (isCelUint(value)) return ["uint", String(value.value)];
    if (isCelType(value)) return ["type", value.name];
    const message = isReflectMessage(value) ? value.message : value;
    if (message.$typeName === TimestampSchema.typeName) return ["timestamp", String(message.seconds), message.nanos];
    if (message.$typeName === DurationSchema.typeName) return ["duration", String(message.seconds), message.nanos];
  },
};

const options = { unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false, enableOptionalTypes: true };
const environment = new Environment(options);
const celJs = {
  uint: (value) => environment.evaluate(`${value}u`),
  timestamp: (seconds, nanos) => new Date(Number(seconds) * 1000 + Math.floor(nanos / 1e6)),
  duration: (seconds, nanos) => new Duration(seconds, nanos),
  evaluate(text, variables) {
    return environment.evaluate(text, variables);
  },
  show(value) {
    if (value instanceof Date) {
      const seconds = Math.floor(value.getTime() / 1000);
      return ["timestamp", String(seconds), (value.getTime() - seconds * 1000) * 1e6];
    }
    if (value instanceof Duration) return ["duration", String(value.seconds), value.nanos];
    if (value.constructor === UnsignedInt) return ["uint", String(value.value)];
    if (value.constructor?.name === "Type" || value.constructor?.name === "TypeDeclaration") return ["type", value.name];
    if (value.constructor?.name === "Optional") return ["optional", ...(value.hasValue() ? [show(value.value(), celJs)] : [])];
  },
};
const UnsignedInt = environment.evaluate("0u").constructor;
const Duration = environment.evaluate("duration('0s')").constructor;

function answer(engine, { expr, vars }) {
  try {
    const variables = Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, read(value, engine)]));
    return show(engine.evaluate(expr, variables), engine);
  } catch (error) {
    return failure(error);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const one = JSON.parse(line);
  process.stdout.write(`${JSON.stringify([answer(bufbuild, one), answer(celJs, one)])}\n`);
}
