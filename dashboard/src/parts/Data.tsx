import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Content } from "../model";
import { differing, pretty } from "../text";

/** The data of an event: with line breaks and indents, or byte for byte. */
export function Data({ content, label }: { content: Partial<Content>; label: string }): JSX.Element {
  const [isRaw, setRaw] = useState(false);
  if (content.dataBase64 !== undefined) return <><p class="help">Not text; shown in base64.</p><pre class="data wrap" tabIndex={0} aria-label={label}>{content.dataBase64}</pre></>;
  if (content.data === undefined) return <p class="help">The event has no data.</p>;
  const formatted = pretty(content.data);
  return (
    <>
      {formatted !== null && (
        <div class="switch" role="group" aria-label="How to show the data">
          <button type="button" aria-pressed={!isRaw} onClick={() => setRaw(false)}>Formatted</button>
          <button type="button" aria-pressed={isRaw} onClick={() => setRaw(true)}>Raw</button>
        </div>
      )}
      <pre class={`data ${isRaw || formatted === null ? "wrap" : ""}`} tabIndex={0} aria-label={label}>{isRaw || formatted === null ? content.data : formatted}</pre>
    </>
  );
}

/** The attributes of an event. */
export function Attributes({ of }: { of: Record<string, string> }): JSX.Element {
  return (
    <dl class="facts attributes">
      {Object.entries(of).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}

/** Two states of an event side by side, with the lines that differ marked. */
export function Compare({ before, after }: { before: Content; after: Content }): JSX.Element {
  const [left, right] = [linesOf(before), linesOf(after)];
  const [gone, come] = differing(left, right);
  return (
    <div class="compare">
      <Side title="Original" lines={left} marked={gone} mark="−" />
      <Side title="As it is now" lines={right} marked={come} mark="+" />
    </div>
  );
}

function Side({ title, lines, marked, mark }: { title: string; lines: string[]; marked: Set<number>; mark: string }): JSX.Element {
  return (
    <div>
      <h4>{title}</h4>
      <pre class="data" tabIndex={0} aria-label={title}>
        {lines.map((line, i) => <span key={i} class={marked.has(i) ? (mark === "+" ? "line come" : "line gone") : "line"}><span class="sign-of-line">{marked.has(i) ? mark : " "}</span>{line}{"\n"}</span>)}
      </pre>
    </div>
  );
}

function linesOf(content: Content): string[] {
  const data = content.dataBase64 ?? (content.data === undefined ? "" : (pretty(content.data) ?? content.data));
  const attributes = Object.keys(content.attributes).sort().map((name) => `${name}: ${content.attributes[name]}`);
  return data === "" ? attributes : [...attributes, "", ...data.split("\n")];
}
