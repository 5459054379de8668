import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api";
import type { WhereErrors } from "../model";

interface Props {
  where: string;
  examples: string[];
  /** The answer to this condition, when it was refused. */
  problem: Problem | null;
  whereErrors: WhereErrors | undefined;
  onSearch: (where: string) => void;
  children?: ComponentChildren;
}

/** A condition in CEL. An error stands below it with its place; so does what the condition had no value for. */
export function Search({ where, examples, problem, whereErrors, onSearch, children }: Props): JSX.Element {
  const [text, setText] = useState(where);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => setText(where), [where]);
  useEffect(() => {
    const focus = (e: KeyboardEvent): void => {
      if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]") || isTyping(e.target)) return;
      e.preventDefault();
      field.current?.focus();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);
  const isWrong = problem?.status === 400 && where !== "";

  return (
    <form
      class="search"
      role="search"
      onSubmit={(e) => {
        e.preventDefault();
        onSearch(text.trim());
      }}
    >
      {children}
      <label class="wide">
        <span>Condition (CEL)</span>
        <input ref={field} type="text" value={text} placeholder={examples[0]} spellcheck={false} autocomplete="off" autocapitalize="off" aria-invalid={isWrong} aria-describedby="where-error" aria-keyshortcuts="/" onInput={(e) => setText(e.currentTarget.value)} />
      </label>
      <button type="submit" class="primary">Search</button>
      {where && <button type="button" class="quiet" onClick={() => onSearch("")}>Clear</button>}
      <div id="where-error" class="below" role="alert">
        {isWrong && <pre class="where-error">{problem.message.replace(/^'where' is wrong:\n/, "")}</pre>}
        {!isWrong && whereErrors && <p class="where-note">The condition had no value for {whereErrors.count.toLocaleString("en")}, last at position {whereErrors.position}: {whereErrors.error} They count as no match.</p>}
      </div>
      <details class="below">
        <summary>Examples</summary>
        <ul class="examples">{examples.map((x) => <li key={x}><button type="button" class="link code" onClick={() => onSearch(x)}>{x}</button></li>)}</ul>
      </details>
    </form>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}
