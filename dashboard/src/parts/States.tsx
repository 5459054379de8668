import type { ComponentChildren, JSX } from "preact";
import type { Problem } from "../api";

/** Nothing to show, and why, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return <div class="state"><h2>{title}</h2>{children}</div>;
}

/** Something is on its way. It shows only after a moment: most answers are faster. */
export function Loading({ what }: { what: string }): JSX.Element {
  return <div class="state loading" role="status"><span aria-hidden="true" class="spinner" />Loading {what} …</div>;
}

/** What went wrong, as the API says it: lines stay lines, because an error of an expression shows its place below. */
export function Failure({ problem, onRetry }: { problem: Problem; onRetry?: () => void }): JSX.Element {
  return (
    <div class="state failure" role="alert">
      <h2>{problem.title}</h2>
      {problem.message.includes("\n") ? <pre>{problem.message}</pre> : <p>{problem.message}</p>}
      {onRetry && <button type="button" onClick={onRetry}>Try again</button>}
    </div>
  );
}
