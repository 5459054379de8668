import { useLayoutEffect, useState } from "preact/hooks";

/** A value that components follow. */
export class Value<T> {
  readonly #followers = new Set<() => void>();
  #now: T;

  constructor(first: T) {
    this.#now = first;
  }

  get now(): T {
    return this.#now;
  }

  set(next: T): void {
    if (Object.is(next, this.#now)) return;
    this.#now = next;
    for (const follower of this.#followers) follower();
  }

  follow(follower: () => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }
}

/** The value, and a new drawing whenever it changes. */
export function useValue<T>(value: Value<T>): T {
  const [, draw] = useState({});
  const drawn = value.now;
  useLayoutEffect(() => {
    if (value.now !== drawn) draw({}); // It may have changed between the drawing and now.
    return value.follow(() => draw({}));
  }, [value]);
  return drawn;
}
