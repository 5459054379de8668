import type { ComponentChildren, JSX } from "preact";
import type { Caused, Delivery, Message, Trace } from "../model";
import { Time } from "../parts/Time";
import { href } from "../route";
import { count } from "../text";

/** From the request that published a message, over the message, to its subscribers and to what was published because of it. */
export function TraceTree({ trace }: { trace: Trace }): JSX.Element {
  const { message, deliveries, caused, cause, request } = trace;
  let tree = <MessageNode m={message} isThis>{deliveries.map((d) => <DeliveryNode key={d.subscription} d={d} m={message} />)}{children(message.id, true, caused)}</MessageNode>;
  if (cause) tree = <MessageNode m={cause} note="the cause">{tree}</MessageNode>;
  else if (message.causationId) tree = <Node kind="gone" title={<>Caused by <span class="id">{message.causationId}</span></>} facts="This message is not in the log any more.">{tree}</Node>;
  if (request) tree = <Node kind="request" title="Request" facts={<>trace <span class="id">{request.traceId}</span>, span <span class="id">{request.spanId}</span>{request.sampled ? "" : ", not recorded"}</>}>{tree}</Node>;
  return (
    <>
      <ul class="trace" aria-label="Trace">{tree}</ul>
      {!trace.complete && <p class="where-note">There was too much around it to look at all, so something may be missing here.</p>}
    </>
  );
}

// By their causes; whose cause is not among them stands directly below the message.
function children(id: string, isRoot: boolean, all: Caused[]): JSX.Element[] {
  const ids = new Set(all.filter((c) => c.by !== "replay").map((c) => c.message.id));
  const own = all.filter((c) => (c.by === "causationid" && c.message.causationId === id && c.message.id !== id) || (isRoot && (c.by !== "causationid" || (c.message.causationId !== id && !ids.has(c.message.causationId ?? "")))));
  const rest = all.filter((c) => !own.includes(c));
  return own.map((c) => (
    <MessageNode key={`${c.message.topic}/${c.message.position}`} m={c.message} note={c.by === "replay" ? "replayed to the topic" : c.by === "trace" ? "in the same trace" : ""}>
      {c.by === "replay" ? [] : children(c.message.id, false, rest)}
    </MessageNode>
  ));
}

function MessageNode({ m, note, isThis = false, children: below }: { m: Message; note?: string; isThis?: boolean; children: ComponentChildren }): JSX.Element {
  const title = <><strong>{m.type}</strong> <span class="id">{m.id}</span></>;
  return (
    <Node kind={isThis ? "message this" : "message"} title={isThis ? title : <a href={href(["messages", m.topic, m.position])}>{title}</a>} facts={<>{m.topic}, position {m.position}, <Time at={m.appendedAt} />{note && <span class="note-of-node">{note}</span>}</>}>
      {below}
    </Node>
  );
}

function DeliveryNode({ d, m }: { d: Delivery; m: Message }): JSX.Element {
  return (
    <Node
      kind={`delivery ${d.outcome}`}
      title={<><span class={`chip ${d.outcome}`}>{d.outcome}</span> <strong>{d.subscription}</strong>{d.target && <span class="from"> to {d.target}</span>}</>}
      facts={
        <>
          {d.outcome === "skipped" && "Its condition does not hold. "}
          {d.outcome === "behind" && "It waits behind another of its key. "}
          {d.reason && <><span class="reason">{d.reason}</span> {d.detail} </>}
          {d.attempts ? <>{count(d.attempts, "failed try", "failed tries")}{d.lastAt && <>, last <Time at={d.lastAt} /></>}{d.due && <>, next <Time at={d.due} /></>} </> : null}
          {d.outcome === "dead" && <a href={href(["dead", d.subscription, m.position])}>Open the dead letter</a>}
        </>
      }
    />
  );
}

function Node({ kind, title, facts, children: below }: { kind: string; title: ComponentChildren; facts: ComponentChildren; children?: ComponentChildren }): JSX.Element {
  const hasBelow = Array.isArray(below) ? below.flat().length > 0 : Boolean(below);
  return (
    <li class={kind}>
      <div class="node">
        <div class="node-title">{title}</div>
        <div class="node-facts">{facts}</div>
      </div>
      {hasBelow && <ul>{below}</ul>}
    </li>
  );
}
