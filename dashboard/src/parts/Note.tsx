import type { ComponentChildren, JSX } from "preact";

interface Props {
  kind: "info" | "good" | "warning" | "error";
  title: string;
  children?: ComponentChildren;
  onClose?: () => void;
}

/** Something that the user should read. Errors and warnings are read out at once. */
export function Note({ kind, title, children, onClose }: Props): JSX.Element {
  return (
    <div class={`note ${kind}`} role={kind === "error" || kind === "warning" ? "alert" : "status"}>
      <strong>{title}</strong>
      {children}
      {onClose && <button type="button" class="quiet close" onClick={onClose}>Close</button>}
    </div>
  );
}
