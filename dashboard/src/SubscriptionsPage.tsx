import type { JSX } from "preact";
import { connection, subscriptions } from "./live";
import type { Subscription } from "./model";
import { Empty, Loading } from "./parts/States";
import { Time } from "./parts/Time";
import { href } from "./route";
import { useValue } from "./value";

export function SubscriptionsPage(): JSX.Element {
  const all = useValue(subscriptions);
  const isLost = useValue(connection) === "lost";
  return (
    <section class="page">
      <h1>Subscriptions</h1>
      {all === null ? (
        isLost ? <Empty title="Nothing is known yet"><p>The list comes as soon as Weft answers.</p></Empty> : <Loading what="subscriptions" />
      ) : all.length === 0 ? (
        <Empty title="There are no subscriptions"><p>They stand under <code>subscriptions</code> in the file, or are added in code with <code>Subscribe</code>.</p></Empty>
      ) : (
        <Table all={all} />
      )}
    </section>
  );
}

function Table({ all }: { all: Subscription[] }): JSX.Element {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Subscription</th>
          <th scope="col">State</th>
          <th scope="col" class="number">Waiting</th>
          <th scope="col" class="number">Retrying</th>
          <th scope="col" class="number">Behind</th>
          <th scope="col" class="number">Dead</th>
          <th scope="col" class="number">Position</th>
          <th scope="col">Moved</th>
        </tr>
      </thead>
      <tbody>{all.map((s) => <Row key={s.name} s={s} />)}</tbody>
    </table>
  );
}

function Row({ s }: { s: Subscription }): JSX.Element {
  return (
    <tr>
      <th scope="row">
        {s.name} <span class="from">from <a href={href(["messages"], { topic: s.topic })}>{s.topic}</a></span>
        {s.ruleErrors && <span class="trouble" title={s.ruleErrors.error}>its condition had no value {s.ruleErrors.count} times, last for {s.ruleErrors.eventId}</span>}
      </th>
      <td data-label="State"><span class={`chip ${s.state}`}>{s.state}</span>{s.reason && <span class="trouble">{s.reason}</span>}</td>
      <Count label="Waiting" hint="Not taken yet" n={s.waiting} />
      <Count label="Retrying" hint="Failed, and tried again later" n={s.retrying} />
      <Count label="Behind" hint="Wait behind another of their key" n={s.behind} />
      <td data-label="Dead" class="number">
        {s.dead === 0 ? <span class="none">0</span> : <a class="alarm" href={href(["dead"], { subscription: s.name })} aria-label={`${s.dead} dead letters of ${s.name}`}>{s.dead.toLocaleString("en")}</a>}
      </td>
      <td data-label="Position" class="number"><span title={`It has taken ${s.position} of ${s.head}`}>{s.position} <span class="from">of {s.head}</span></span></td>
      <td data-label="Moved"><Time at={s.updatedAt} /></td>
    </tr>
  );
}

function Count({ label, hint, n }: { label: string; hint: string; n: number }): JSX.Element {
  return <td data-label={label} title={hint} class={`number ${n === 0 ? "none" : ""}`}>{n.toLocaleString("en")}</td>;
}
