import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { api } from "../api";
import { useLoad } from "../load";
import { Attributes, Data } from "../parts/Data";
import { Failure, Loading } from "../parts/States";
import { Time } from "../parts/Time";
import { href } from "../route";
import { TraceTree } from "./TraceTree";

/** One message: where it came from and what became of it, then all it holds. */
export function MessageDetail({ topic, position, query }: { topic: string; position: string; query: Record<string, string> }): JSX.Element {
  const message = useLoad((signal) => api.message(topic, position, signal), [topic, position]);
  const trace = useLoad((signal) => api.trace(topic, position, signal), [topic, position]);
  const top = useRef<HTMLElement>(null);
  useEffect(() => top.current?.focus(), []);
  const m = message.value;
  return (
    <article class="second" ref={top} tabIndex={-1} aria-label={`Message ${position} of ${topic}`}>
      <a class="back" href={href(["messages"], { ...query, topic: query["topic"] ?? topic })}>Back to the list</a>
      {message.problem ? <Failure problem={message.problem} onRetry={message.reload} /> : !m ? <Loading what="the message" /> : (
        <>
          <h2>{m.type} <span class="id">{m.id}</span></h2>
          <p class="help">{m.topic}, position {m.position}, stored <Time at={m.appendedAt} whole />{m.key ? `, key ${m.key}` : ""}</p>
          <div class="title-line"><h3>Trace</h3><button type="button" class="quiet" disabled={trace.isLoading} onClick={trace.reload}>Look again</button></div>
          {trace.problem ? <Failure problem={trace.problem} onRetry={trace.reload} /> : !trace.value ? <Loading what="the trace" /> : <TraceTree trace={trace.value} />}
          <h3>Data</h3>
          <Data content={m} label="Data" />
          <h3>Attributes</h3>
          <Attributes of={m.attributes ?? {}} />
        </>
      )}
    </article>
  );
}
