import { send } from "./api";
import type { Subscription } from "./model";
import { Value } from "./value";

export type Connection = "connecting" | "live" | "lost" | "paused";

/** The subscriptions as they are now; null before the first answer. */
export const subscriptions = new Value<Subscription[] | null>(null);

/** Whether what is shown follows the process. */
export const connection = new Value<Connection>("connecting");

/** When the process was last heard of. */
export const heardAt = new Value<Date | null>(null);

const firstPause = 1_000;
const longestPause = 10_000;
// The process says something at least every 15 s.
const silence = 40_000;

let wake = (): void => {};

/** Tries again at once. */
export const tryNow = (): void => wake();

/**
 * Follows the process until the returned function is called. A hidden page does not follow: browsers open few connections to one
 * address, and many tabs would use them up.
 */
export function follow(): () => void {
  const end = new AbortController();
  let current = new AbortController();
  const seen = (): void => {
    if (document.hidden) current.abort();
    else wake();
  };
  document.addEventListener("visibilitychange", seen);
  void run();
  return () => {
    end.abort();
    current.abort();
    wake();
    document.removeEventListener("visibilitychange", seen);
  };

  async function run(): Promise<void> {
    for (let pause = firstPause; !end.signal.aborted; ) {
      if (document.hidden) {
        connection.set("paused");
        await sleep(Infinity);
        continue;
      }
      if (connection.now === "paused") connection.set("connecting");
      current = new AbortController();
      try {
        await listen(current, () => (pause = firstPause));
      } catch {
        // Whatever ended it, the next try says more.
      }
      if (end.signal.aborted) return;
      if (document.hidden) continue;
      connection.set("lost");
      await sleep(pause);
      pause = Math.min(pause * 2, longestPause);
    }
  }
}

function sleep(time: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = Number.isFinite(time) ? setTimeout(resolve, time) : undefined;
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

async function listen(stop: AbortController, onEvent: () => void): Promise<void> {
  const response = await send("live", { signal: stop.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const watch = setTimeout(() => stop.abort(), silence);
    const { done, value } = await reader.read().finally(() => clearTimeout(watch));
    if (done) return;
    connection.set("live");
    heardAt.set(new Date());
    text += value;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      take(text.slice(0, end));
      text = text.slice(end + 2);
      onEvent();
    }
  }
}

// One event of the stream: fields by line. There is one kind; others may come with later versions.
function take(event: string): void {
  const field = (name: string): string =>
    event
      .split("\n")
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2))
      .join("\n");
  if (field("event") === "subscriptions") subscriptions.set(JSON.parse(field("data")) as Subscription[]);
}
