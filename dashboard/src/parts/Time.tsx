import type { JSX } from "preact";
import { clock, shortClock } from "../text";

/** A time by the clock of the reader; pointing at it says it in UTC. */
export function Time({ at, whole = false }: { at: string; whole?: boolean }): JSX.Element {
  return <time dateTime={at} title={`${new Date(at).toISOString()} (UTC)`}>{whole ? clock(at) : shortClock(at)}</time>;
}
