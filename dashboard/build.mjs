// Builds the dashboard into dist/ when a source has changed since. Made for being started by several builds at a time: one
// builds, the others wait for it and find nothing to do. Ends with 69 when this Node or npm cannot build it.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const home = dirname(fileURLToPath(import.meta.url));
const lock = join(home, "build.lock");
const stamp = join(home, "dist", ".built");
const installed = join(home, "node_modules", ".installed");
const patience = 10 * 60_000;

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.log(`Node ${process.versions.node} is too old; 20.19 or later is needed.`);
  process.exit(69);
}

// Not in parallel with another build of this folder. A lock whose owner has gone is taken over.
function acquire() {
  for (const begun = Date.now(); ; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)) {
    try {
      const file = openSync(lock, "wx");
      writeSync(file, String(process.pid));
      closeSync(file);
      return;
    } catch (e) {
      if (e.code !== "EEXIST") throw e;
    }
    if (isAbandoned()) rmSync(lock, { force: true });
    if (Date.now() - begun > patience) throw new Error(`${lock} is held by another build for 10 minutes. Remove it when none runs.`);
  }
}

function isAbandoned() {
  try {
    const owner = Number(readFileSync(lock, "utf8"));
    if (owner === 0) return Date.now() - statSync(lock).mtimeMs > 10_000;
    process.kill(owner, 0);
    return false;
  } catch (e) {
    return e.code === "ESRCH";
  }
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

function hashOf(paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(path.slice(home.length)).update("\0").update(readFileSync(path)).update("\0");
  return hash.digest("hex");
}

function sources() {
  const top = readdirSync(home, { withFileTypes: true }).filter((e) => e.isFile() && /\.(json|ts|mjs|html)$/.test(e.name));
  return [...top.map((e) => join(home, e.name)).sort(), ...files(join(home, "src"))];
}

const says = (file, text) => existsSync(file) && readFileSync(file, "utf8") === text;

function npm(...args) {
  const done = spawnSync(process.platform === "win32" ? "npm.cmd" : "npm", args, { cwd: home, encoding: "utf8", shell: process.platform === "win32" });
  if (done.error?.code === "ENOENT") {
    console.log("npm is not there.");
    rmSync(lock, { force: true });
    process.exit(69);
  }
  if (done.status !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${done.stdout ?? ""}${done.stderr ?? ""}`);
}

acquire();
try {
  const wanted = hashOf(sources());
  if (!says(stamp, wanted)) {
    const packages = hashOf([join(home, "package-lock.json")]);
    if (!says(installed, packages)) {
      npm("ci", "--no-audit", "--no-fund", "--prefer-offline");
      writeFileSync(installed, packages);
    }
    // What is half done never lies in dist.
    const fresh = join(home, "dist.new");
    rmSync(fresh, { recursive: true, force: true });
    npm("run", "build", "--", "--outDir", "dist.new");
    mkdirSync(fresh, { recursive: true });
    writeFileSync(join(fresh, ".built"), wanted);
    rmSync(join(home, "dist"), { recursive: true, force: true });
    renameSync(fresh, join(home, "dist"));
  }
  const now = new Date();
  utimesSync(stamp, now, now);
} catch (e) {
  console.error(e.message);
  process.exitCode = 1;
} finally {
  rmSync(lock, { force: true });
}
