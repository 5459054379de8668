import { useLayoutEffect, useState } from "preact/hooks";
import { takeTokenFromAddress } from "./session";

/** A place in the page. It stands behind the # of the address, so that it can be kept, shared and gone back to. */
export interface Route {
  path: string[];
  query: Record<string, string>;
}

type Query = Record<string, string | undefined>;

export function href(path: string[], query: Query = {}): string {
  const filled = Object.entries(query).filter((q): q is [string, string] => !!q[1]);
  return `#/${path.map(encodeURIComponent).join("/")}${filled.length ? `?${new URLSearchParams(filled)}` : ""}`;
}

export function go(path: string[], query: Query = {}): void {
  location.hash = href(path, query);
}

function read(): Route {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decode), query: Object.fromEntries(new URLSearchParams(query)) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function useRoute(): Route {
  const [route, set] = useState(read);
  useLayoutEffect(() => {
    const moved = (): void => {
      takeTokenFromAddress();
      set(read());
    };
    addEventListener("hashchange", moved);
    moved(); // It may have moved between the first drawing and now.
    return () => removeEventListener("hashchange", moved);
  }, []);
  return route;
}
