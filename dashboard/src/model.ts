// What the admin API says, by its names. Positions are texts.

export interface Subscription {
  name: string;
  topic: string;
  state: string;
  reason?: string;
  position: string;
  head: string;
  waiting: number;
  retrying: number;
  behind: number;
  dead: number;
  updatedAt: string;
  ruleErrors?: { count: number; lastAt: string; position: string; eventId: string; error: string };
}

export interface Topic {
  name: string;
  head: string;
  key: string;
  durability: string;
  keep: string;
}

export interface Config {
  revision: number;
  appliedAt: string;
  pendingError?: string;
  options: { name?: string };
}

export interface Content {
  attributes: Record<string, string>;
  data?: string;
  dataBase64?: string;
}

export interface Attempt {
  attempt: number;
  at: string;
  reason: string;
  detail?: string;
}

export interface Dead extends Partial<Content> {
  subscription: string;
  topic: string;
  position: string;
  id: string;
  type: string;
  source: string;
  key?: string;
  reason: string;
  detail?: string;
  attempts: number;
  firstAt: string;
  lastAt: string;
  replays?: number;
  editedAt?: string;
  editedBy?: string;
  history?: Attempt[];
  original?: Content;
}

export interface WhereErrors {
  count: number;
  position: string;
  error: string;
}

export interface Page<T> {
  items: T[];
  next?: string;
  scanned: number;
  whereErrors?: WhereErrors;
}

export interface DeadGroup {
  subscription: string;
  topic: string;
  reason: string;
  cause: string;
  count: number;
  firstAt: string;
  lastAt: string;
  sample: string;
}

export interface DeadGroups {
  groups: DeadGroup[];
  scanned: number;
  next?: string;
  whereErrors?: WhereErrors;
}

export interface DeadRequest {
  subscription: string;
  positions?: string[];
  where?: string;
  all?: boolean;
  to?: "subscription" | "topic";
  after?: string;
  until?: string;
  dryRun?: boolean;
}

export interface DeadResult {
  subscription: string;
  positions: string[];
  missing: string[];
  dryRun: boolean;
  receivers?: string[];
  next?: string;
  until?: string;
  whereErrors?: WhereErrors;
}

export interface DeadEdit {
  data?: string;
  dataBase64?: string;
  attributes?: Record<string, string | null>;
}

export interface Message extends Partial<Content> {
  topic: string;
  position: string;
  appendedAt: string;
  id: string;
  type: string;
  source: string;
  subject?: string;
  key?: string;
  size: number;
  causationId?: string;
  traceId?: string;
}

export interface Delivery {
  subscription: string;
  outcome: string;
  target?: string;
  attempts?: number;
  reason?: string;
  detail?: string;
  lastAt?: string;
  due?: string;
}

export interface Caused {
  message: Message;
  by: string;
}

export interface Trace {
  message: Message;
  deliveries: Delivery[];
  caused: Caused[];
  request?: { traceId: string; spanId: string; sampled: boolean };
  cause?: Message;
  complete: boolean;
}
