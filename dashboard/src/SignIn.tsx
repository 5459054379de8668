import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./api";
import { Note } from "./parts/Note";
import { signedOutBecause, signIn } from "./session";
import { useValue } from "./value";

export function SignIn(): JSX.Element {
  const because = useValue(signedOutBecause);
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Sign in · Weft";
    field.current?.focus();
  }, []);

  const submit = async (e: Event): Promise<void> => {
    e.preventDefault();
    const token = text.trim();
    if (!token) return setError("Paste the token first.");
    setBusy(true);
    const wrong = await whyNot(token);
    setBusy(false);
    if (wrong === "") return signIn(token);
    setError(wrong);
    field.current?.select();
  };

  return (
    <main class="sign-in">
      <h1><span aria-hidden="true" class="mark" />Weft</h1>
      {because && !error && <Note kind="warning" title="You were signed out."><p>{because}</p></Note>}
      <form onSubmit={submit}>
        <label for="token">Admin token</label>
        <input id="token" ref={field} type="password" autocomplete="off" spellcheck={false} value={text} aria-invalid={error !== ""} aria-describedby="token-help token-error" onInput={(e) => setText(e.currentTarget.value)} />
        <p id="token-error" class="field-error" role="alert">{error}</p>
        <button type="submit" class="primary" disabled={isBusy}>{isBusy ? "Signing in …" : "Sign in"}</button>
      </form>
      <p id="token-help" class="help">
        <code>weft run</code> prints the name of the file that holds the token, and on a terminal an address that signs in by itself. If your file names tokens
        under <code>server.admin.tokens</code>, use one of those. The token stays in this tab and is forgotten when you close it.
      </p>
    </main>
  );
}

// Asked before the token is kept, so that a wrong one is said here and not on the next page.
async function whyNot(token: string): Promise<string> {
  try {
    const response = await fetch("api/topics", { cache: "no-store", headers: { Authorization: `Bearer ${token}` } });
    if (response.ok) return "";
    if (response.status === 401) return "This token is not known here. Paste it whole, without the word Bearer.";
    const body = (await response.json()) as { detail?: string };
    return body.detail ?? `The answer was ${response.status}.`;
  } catch (e) {
    if (e instanceof Problem) return e.message;
    return e instanceof TypeError && /header|ISO|ByteString/i.test(e.message) ? "This is no token: it has signs that tokens never have." : "Weft does not answer. Does it still run?";
  }
}
