import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api";
import { problemOf } from "../load";
import { Failure, Loading } from "../parts/States";
import { count } from "../text";
import { carryOut, commands, plan, type Part, type Scope, type Target, type Verb } from "./scope";

interface Props {
  verb: Verb;
  scope: Scope;
  /** It was closed; with what became of it when something was done. */
  onClose: (done?: string) => void;
}

const letters = (n: number): string => count(n, "dead letter");

/** Says by a dry run what a replay or a discard would do, and does exactly that once it is confirmed. */
export function ChangeDialog({ verb, scope, onClose }: Props): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [to, setTo] = useState<Target>("subscription");
  const [parts, setParts] = useState<Part[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [done, setDone] = useState<number | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    let isOld = false;
    setParts(null);
    setProblem(null);
    plan(verb, scope, to).then(
      (p) => isOld || setParts(p),
      (e: unknown) => isOld || setProblem(problemOf(e)),
    );
    return () => {
      isOld = true;
    };
  }, [to, turn]);

  const total = parts?.reduce((sum, p) => sum + p.positions.length, 0) ?? 0;
  const gone = parts?.reduce((sum, p) => sum + p.missing.length, 0) ?? 0;
  const isBusy = done !== null;
  const word = verb === "replay" ? "Replay" : "Discard";

  const confirm = async (): Promise<void> => {
    setDone(0);
    try {
      const sum = await carryOut(verb, parts!, to, setDone);
      onClose(`${letters(sum.done)} ${sum.done === 1 ? "was" : "were"} ${verb === "replay" ? "replayed" : "discarded"}${sum.missing ? `; ${sum.missing} had gone meanwhile` : ""}.`);
    } catch (e) {
      setProblem(problemOf(e));
      setDone(null);
    }
  };

  return (
    <dialog ref={dialog} class="change" aria-labelledby="change-title" onCancel={(e) => (isBusy ? e.preventDefault() : onClose())}>
      <h2 id="change-title">{word} dead letters</h2>
      {verb === "replay" && (
        <fieldset disabled={isBusy}>
          <legend>Where to</legend>
          <label class="tick"><input type="radio" name="to" checked={to === "subscription"} onChange={() => setTo("subscription")} /> The subscription that they died in</label>
          <label class="tick"><input type="radio" name="to" checked={to === "topic"} onChange={() => setTo("topic")} /> The topic, so all its subscriptions</label>
        </fieldset>
      )}
      <div class="plan">
        {problem ? <Failure problem={problem} onRetry={() => setTurn(turn + 1)} />
          : !parts ? <Loading what="what it would be" />
          : <Plan verb={verb} parts={parts} total={total} gone={gone} />}
      </div>
      {parts && total > 0 && (
        <details>
          <summary>The same as a command</summary>
          <pre class="data wrap" tabIndex={0} aria-label="Commands">{commands(verb, scope, parts, to)}</pre>
        </details>
      )}
      <div class="buttons">
        <button type="button" autofocus disabled={isBusy} onClick={() => onClose()}>Cancel</button>
        <button type="button" class={verb === "replay" ? "primary" : "danger"} disabled={isBusy || !parts || total === 0 || problem !== null} onClick={confirm}>
          {isBusy ? `${done.toLocaleString("en")} of ${total.toLocaleString("en")} …` : !parts || total === 0 ? word : `${word} ${letters(total)}`}
        </button>
      </div>
    </dialog>
  );
}

function Plan({ verb, parts, total, gone }: { verb: Verb; parts: Part[]; total: number; gone: number }): JSX.Element {
  if (total === 0) return <p>None of them is a dead letter any more, so there is nothing to do.</p>;
  const ends = verb === "replay" ? "All their tries begin anew." : "They are forgotten for good. This cannot be taken back.";
  return (
    <>
      <p role="status">This {verb === "replay" ? "delivers" : "discards"} <strong>{letters(total)}</strong>{verb === "replay" ? " again" : ""}. {ends}</p>
      <ul class="parts">
        {parts.map((p) => (
          <li key={p.subscription}>
            {p.positions.length.toLocaleString("en")} of <strong>{p.subscription}</strong>
            {verb === "replay" && <>, to {p.receivers.join(", ")}</>}
          </li>
        ))}
      </ul>
      {gone > 0 && <p class="help">{letters(gone)} that you chose {gone === 1 ? "has" : "have"} gone already.</p>}
      <p class="help">The set is fixed now: what dies from here on is not in it.</p>
    </>
  );
}
