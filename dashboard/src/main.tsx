import { render } from "preact";
import { App } from "./App";
import { takeTokenFromAddress } from "./session";
import "./style/base.css";
import "./style/layout.css";
import "./style/parts.css";
import "./style/lists.css";
import "./style/detail.css";
import "./style/trace.css";

takeTokenFromAddress();
render(<App />, document.getElementById("app")!);
