import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { api } from "./api";
import { DeadPage } from "./dead/DeadPage";
import { connection, follow, heardAt, tryNow } from "./live";
import { useLoad } from "./load";
import { MessagesPage } from "./messages/MessagesPage";
import { Note } from "./parts/Note";
import { useRoute, href, type Route } from "./route";
import { signOut, token } from "./session";
import { SignIn } from "./SignIn";
import { SubscriptionsPage } from "./SubscriptionsPage";
import { clock } from "./text";
import { useValue } from "./value";

const places = [
  { name: "subscriptions", title: "Subscriptions", path: [] },
  { name: "dead", title: "Dead letters", path: ["dead"] },
  { name: "messages", title: "Messages", path: ["messages"] },
];

export function App(): JSX.Element {
  const route = useRoute();
  return useValue(token) === null ? <SignIn /> : <SignedIn route={route} />;
}

function SignedIn({ route }: { route: Route }): JSX.Element {
  useEffect(follow, []);
  const isLost = useValue(connection) === "lost";
  const config = useLoad(api.config, []);
  useEffect(() => {
    if (!isLost) config.reload();
  }, [isLost]);
  const here = places.find((p) => p.path[0] === route.path[0]) ?? places[0]!;
  const name = config.value?.options.name;
  useEffect(() => {
    document.title = `${here.title}${name ? ` · ${name}` : ""} · Weft`;
  }, [here, name]);

  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>Skip to the contents</a>
      <header class="top">
        <span class="brand"><span aria-hidden="true" class="mark" />Weft{name && <span class="instance">{name}</span>}</span>
        <nav aria-label="Pages">
          {places.map((p) => <a key={p.name} href={href(p.path)} aria-current={p === here ? "page" : undefined}>{p.title}</a>)}
        </nav>
        <span class="right">
          <ConnectionSign />
          <button type="button" class="quiet" onClick={() => signOut()}>Sign out</button>
        </span>
      </header>
      {isLost && <LostConnection />}
      {config.value?.pendingError && (
        <Note kind="warning" title="The file was changed and cannot be used; what ran before runs on."><pre>{config.value.pendingError}</pre></Note>
      )}
      <main id="main" tabIndex={-1}>
        {here.name === "dead" ? <DeadPage route={route} /> : here.name === "messages" ? <MessagesPage route={route} /> : <SubscriptionsPage />}
      </main>
    </>
  );
}

// The part behind # is the place in this page, so a plain link to an element would leave it.
function skipToMain(e: Event): void {
  e.preventDefault();
  document.getElementById("main")?.focus();
}

function ConnectionSign(): JSX.Element {
  const now = useValue(connection);
  const word = { connecting: "Connecting", live: "Live", lost: "Connection lost", paused: "Paused" }[now];
  return <span class={`sign ${now}`} role="status">{word}</span>;
}

function LostConnection(): JSX.Element {
  const heard = useValue(heardAt);
  return (
    <Note kind="error" title="The connection is lost.">
      <p>{heard ? `What you see is as it was at ${clock(heard)}.` : "Nothing has been heard of Weft yet."} This page tries again by itself.</p>
      <button type="button" onClick={tryNow}>Try now</button>
    </Note>
  );
}
