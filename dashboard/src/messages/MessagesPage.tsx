import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import { useLoad, usePages } from "../load";
import type { Message, Topic } from "../model";
import { Choice } from "../parts/Choice";
import { moveFocus } from "../parts/keys";
import { Search } from "../parts/Search";
import { Empty, Failure, Loading } from "../parts/States";
import { Time } from "../parts/Time";
import { go, href, type Route } from "../route";
import { bytes, count } from "../text";
import { MessageDetail } from "./MessageDetail";

const examples = [
  'event.type == "order.placed"',
  'event.id == "A-17"',
  'event.source.startsWith("/shop") && has(event.subject)',
  "has(event.data.total) && event.data.total > 100",
  'event.time > timestamp("2026-01-01T00:00:00Z")',
];

export function MessagesPage({ route }: { route: Route }): JSX.Element {
  const [, topic, position] = route.path;
  const topics = useLoad(api.topics, []);
  const asked = route.query["topic"] ?? topic ?? topics.value?.[0]?.name;
  const isOpen = topic !== undefined && position !== undefined;
  return (
    <section class={`page ${isOpen ? "split" : ""}`}>
      <div class="first">
        <h1>Messages</h1>
        {topics.problem ? <Failure problem={topics.problem} onRetry={topics.reload} />
          : !topics.value ? <Loading what="topics" />
          : !asked ? <Empty title="There are no topics"><p>They stand under <code>topics</code> in the file.</p></Empty>
          : <List topics={topics.value} topic={asked} route={route} open={isOpen ? `${topic}/${position}` : ""} />}
      </div>
      {isOpen && <MessageDetail key={`${topic}/${position}`} topic={topic} position={position} query={route.query} />}
    </section>
  );
}

function List({ topics, topic, route, open }: { topics: Topic[]; topic: string; route: Route; open: string }): JSX.Element {
  const { where = "", oldest = "" } = route.query;
  const newest = oldest ? undefined : "true";
  const pages = usePages((after, signal) => api.messages({ topic, where, newest, after }, signal), [topic, where, oldest]);
  const set = (changed: Record<string, string>): void => go(["messages"], { ...route.query, topic, ...changed });
  const isWrong = pages.problem?.status === 400 && where !== "";
  useEffect(() => {
    const again = (e: KeyboardEvent): void => {
      if (e.key === "Escape" && open && !document.querySelector("dialog[open]")) go(["messages"], { ...route.query, topic });
    };
    addEventListener("keydown", again);
    return () => removeEventListener("keydown", again);
  }, [open, topic]);
  return (
    <>
      <Search where={where} examples={examples} problem={pages.problem} whereErrors={pages.whereErrors} onSearch={(text) => set({ where: text })}>
        <Choice label="Topic" value={topic} options={topics.map((t) => [t.name, t.name])} onChange={(t) => set({ topic: t })} />
        <Choice label="Order" value={oldest} options={[["", "Newest first"], ["1", "Oldest first"]]} onChange={(o) => set({ oldest: o })} />
      </Search>
      {isWrong ? null
        : pages.problem ? <Failure problem={pages.problem} onRetry={pages.reload} />
        : pages.items.length === 0 && pages.isLoading ? <Loading what="messages" />
        : pages.items.length === 0 && !pages.next ? <Empty title={where ? "Nothing matches" : "The topic is empty"}>{where && <p>The condition holds for none of the {count(pages.scanned, "message")} of {topic}.</p>}</Empty>
        : <>
            <div class="toolbar"><span class="help">{count(pages.items.length, "message")} of {topic}</span><span class="right"><button type="button" disabled={pages.isLoading} onClick={pages.reload}>Look again</button></span></div>
            <ul class="list plain" onKeyDown={moveFocus}>{pages.items.map((m) => <Row key={m.position} m={m} route={route} topic={topic} isOpen={open === `${m.topic}/${m.position}`} />)}</ul>
            <div class="end-of-list">
              <span class="help">{count(pages.scanned, "message")} looked at{pages.next ? "" : "; that is all"}.</span>
              {pages.next && <button type="button" disabled={pages.isLoading} onClick={pages.more}>{pages.isLoading ? "Loading …" : "Show more"}</button>}
            </div>
          </>}
    </>
  );
}

function Row({ m, route, topic, isOpen }: { m: Message; route: Route; topic: string; isOpen: boolean }): JSX.Element {
  return (
    <li class={isOpen ? "open" : ""}>
      <a class="row" href={href(["messages", m.topic, m.position], { ...route.query, topic })} aria-current={isOpen ? "true" : undefined}>
        <span class="head"><strong>{m.type}</strong> <span class="id">{m.id}</span></span>
        <span class="time"><Time at={m.appendedAt} /></span>
        <span class="where">{m.subject ? `${m.subject} · ` : ""}from {m.source}{m.key && m.key !== m.subject ? ` · key ${m.key}` : ""} · {bytes(m.size)} · position {m.position}</span>
      </a>
    </li>
  );
}
