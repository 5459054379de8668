const two = (n: number): string => String(n).padStart(2, "0");

/** A time as the clock on the wall says it. */
export function clock(at: string | Date): string {
  const t = new Date(at);
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
}

/** Only the time of day, for what is of today. */
export function shortClock(at: string): string {
  const text = clock(at);
  return text.slice(0, 10) === clock(new Date()).slice(0, 10) ? text.slice(11) : text.slice(0, 16);
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

export function bytes(n: number): string {
  return n < 1024 ? count(n, "byte") : n < 1024 * 1024 ? `${(n / 1024).toFixed(1)} KB` : `${(n / 1024 / 1024).toFixed(1)} MB`;
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * JSON with line breaks and indents; null when it is none. The text is cut and never read into numbers, because a number that
 * JavaScript cannot hold would come out as another one.
 */
export function pretty(text: string): string | null {
  if (!isJson(text)) return null;
  let out = "";
  let depth = 0;
  let isEmpty = false;
  const line = (): string => `\n${"  ".repeat(depth)}`;
  for (const [part] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    if (part === "{" || part === "[") {
      depth++;
      out += part + line();
      isEmpty = true;
      continue;
    } else if (part === "}" || part === "]") {
      depth--;
      out = isEmpty ? out.trimEnd() + part : out + line() + part;
    } else if (part === ",") out += part + line();
    else if (part === ":") out += ": ";
    else out += part;
    isEmpty = false;
  }
  return out;
}

/** A text of CEL. */
export const quote = (text: string): string => JSON.stringify(text);

/** A word of a command line. */
export const shell = (text: string): string => (/^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/**
 * The condition that holds for the dead letters of a group. The cause is their detail with # for each word that has a digit, cut
 * after 200 characters.
 */
export function whereOfGroup(reason: string, cause: string): string {
  const pattern = cause
    .split("")
    .map((c) => (c === "#" ? "(#|[-\\p{L}\\p{N}_.,:]+)" : c === " " ? "\\s" : c.replace(/[\\^$.*+?()[\]{}|]/, "\\$&")))
    .join("");
  const detail = cause === "" ? `dead.detail == ""` : `dead.detail.matches(${quote(`^${pattern}${cause.length < 200 ? "$" : ""}`)})`;
  return `dead.reason == ${quote(reason)} && ${detail}`;
}

/** Of the lines of two texts those that the other does not have at that place; everything differs when the texts are long. */
export function differing(a: string[], b: string[]): [Set<number>, Set<number>] {
  if (a.length * b.length > 1_000_000) return [new Set(a.keys()), new Set(b.keys())];
  const length = a.map(() => new Array<number>(b.length + 1).fill(0)).concat([new Array<number>(b.length + 1).fill(0)]);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) length[i]![j] = a[i] === b[j] ? length[i + 1]![j + 1]! + 1 : Math.max(length[i + 1]![j]!, length[i]![j + 1]!);
  const [left, right] = [new Set(a.keys()), new Set(b.keys())];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      left.delete(i++);
      right.delete(j++);
    } else if (length[i + 1]![j]! >= length[i]![j + 1]!) i++;
    else j++;
  }
  return [left, right];
}
