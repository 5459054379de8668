import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api";
import { useLoad } from "../load";
import type { Attempt, Content, Dead } from "../model";
import { Attributes, Compare, Data } from "../parts/Data";
import { Empty, Failure, Loading } from "../parts/States";
import { Time } from "../parts/Time";
import { href } from "../route";
import { count } from "../text";
import type { DeadContext } from "./DeadPage";
import { DeadEditor } from "./DeadEditor";
import type { Scope } from "./scope";

interface Props {
  subscription: string;
  position: string;
  context: DeadContext;
  onChanged: () => void;
}

/** One dead letter: why it died, what it is, and what can be done with it. */
export function DeadDetail({ subscription, position, context, onChanged }: Props): JSX.Element {
  const loaded = useLoad((signal) => api.deadOne(subscription, position, signal), [subscription, position]);
  const [isEditing, setEditing] = useState(false);
  const top = useRef<HTMLElement>(null);
  useEffect(() => top.current?.focus(), []);
  const d = loaded.value;
  return (
    <article class="second" ref={top} tabIndex={-1} aria-label={`Dead letter ${position} of ${subscription}`}>
      <a class="back" href={href(["dead"], context.query)}>Back to the list</a>
      {loaded.problem?.status === 404 ? <Empty title="It is no dead letter any more"><p>It was replayed or discarded, or its time was over.</p></Empty>
        : loaded.problem ? <Failure problem={loaded.problem} onRetry={loaded.reload} />
        : !d ? <Loading what="the dead letter" />
        : isEditing ? <DeadEditor dead={d} onClose={(changed) => {
            setEditing(false);
            if (!changed) return;
            loaded.reload();
            onChanged();
          }} />
        : <Shown d={d} context={context} onEdit={() => setEditing(true)} />}
    </article>
  );
}

function Shown({ d, context, onEdit }: { d: Dead; context: DeadContext; onEdit: () => void }): JSX.Element {
  const scope: Scope = { kind: "ticked", places: [d] };
  const now: Content = { attributes: d.attributes ?? {}, ...(d.data === undefined ? {} : { data: d.data }), ...(d.dataBase64 === undefined ? {} : { dataBase64: d.dataBase64 }) };
  return (
    <>
      <h2>{d.type} <span class="id">{d.id}</span></h2>
      <div class="actions">
        <button type="button" class="primary" onClick={() => context.change("replay", scope)}>Replay …</button>
        <button type="button" onClick={onEdit}>Edit</button>
        <button type="button" onClick={() => context.change("discard", scope)}>Discard …</button>
        <a href={href(["messages", d.topic, d.position])}>Trace of the message</a>
      </div>
      <h3>Why</h3>
      <p class="why"><span class="reason">{d.reason}</span></p>
      {d.detail && <pre class="data wrap" tabIndex={0} aria-label="What was said">{d.detail}</pre>}
      <dl class="facts">
        <div><dt>Subscription</dt><dd>{d.subscription}</dd></div>
        <div><dt>Topic</dt><dd>{d.topic}, position {d.position}</dd></div>
        {d.key && <div><dt>Key</dt><dd>{d.key}</dd></div>}
        <div><dt>First failed</dt><dd><Time at={d.firstAt} whole /></dd></div>
        <div><dt>Last failed</dt><dd><Time at={d.lastAt} whole />, after {count(d.attempts, "try", "tries")}</dd></div>
        {d.replays && <div><dt>Replayed</dt><dd>{count(d.replays, "time")}</dd></div>}
        {d.editedAt && <div><dt>Edited</dt><dd><Time at={d.editedAt} whole /> by {d.editedBy}</dd></div>}
      </dl>
      {d.history && d.history.length > 0 && <Tries all={d.history} />}
      {d.original ? <><h3>What was changed</h3><Compare before={d.original} after={now} /></> : null}
      <h3>Data</h3>
      <Data content={d} label="Data" />
      <h3>Attributes</h3>
      <Attributes of={d.attributes ?? {}} />
    </>
  );
}

function Tries({ all }: { all: Attempt[] }): JSX.Element {
  return (
    <>
      <h3>Failed tries</h3>
      <ol class="tries">
        {all.map((a) => (
          <li key={`${a.attempt} ${a.at}`}>
            <span class="nth">{a.attempt}</span>
            <Time at={a.at} whole />
            <span class="reason">{a.reason}</span>
            <span class="detail">{a.detail}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
