import { Value } from "./value";

const place = "weft.token";
const mark = "#token=";

/** The token that goes with every request. It lives as long as the tab, and never in the address. */
export const token = new Value<string | null>(sessionStorage.getItem(place));

/** Why the user was signed out; empty when he did it himself. */
export const signedOutBecause = new Value("");

export function signIn(text: string): void {
  sessionStorage.setItem(place, text);
  signedOutBecause.set("");
  token.set(text);
}

export function signOut(because = ""): void {
  sessionStorage.removeItem(place);
  signedOutBecause.set(because);
  token.set(null);
}

/** Takes the token out of an address such as the one that `weft run` prints, so that it is neither seen nor kept in the history. */
export function takeTokenFromAddress(): void {
  if (!location.hash.startsWith(mark)) return;
  const text = decodeURIComponent(location.hash.slice(mark.length)).trim();
  history.replaceState(null, "", `${location.pathname}${location.search}#/`);
  if (text) signIn(text);
}
