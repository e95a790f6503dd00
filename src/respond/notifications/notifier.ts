import type { Kysely } from 'kysely';
import { type Clock, type Log, type RandomFill, messageOf, uuidv7 } from '#kernel';
import { sendMail } from './email.ts';
import { NotificationsError } from './errors.ts';
import { GIVE_UP_MS, MESSAGE_INCIDENTS_MAX, RETRY_MS, RETRY_MS_MAX, TICK_MS, TOLD_MS } from './limits.ts';
import { isQuiet, localTime, minuteOf } from './local-time.ts';
import { channelsOf, countLeftOut, leftOut, queueDigest, queueIncident } from './outbox.ts';
import { NotificationStore, type NotificationsTables, type OutboxRow } from './store.ts';
import { mailOf } from './texts.ts';
import { titleSent } from './titles.ts';
import type {
  Channel,
  DigestFacts,
  Message,
  News,
  NotificationSettings,
  NotifiedIncident,
  SecretLookup,
} from './types.ts';
import { postWebhook, webhookBody } from './webhook.ts';

export interface NotifierOptions {
  /** Opened with `NOTIFICATIONS_MIGRATIONS`. */
  state: Kysely<NotificationsTables>;
  /** What the digest says; `sinceMs`: when the last one was made, or a day ago. */
  digest: (sinceMs: number) => Promise<DigestFacts>;
  /** Where people reach the console; empty when that is not known. */
  consoleUrl: () => string;
  /** Webhooks may go to this machine. */
  allowLoopback?: boolean;
  clock: Clock;
  random: RandomFill;
  log: Log;
}

/** How one way does. */
export interface ChannelStatus {
  channel: Channel;
  waiting: number;
  sent: number;
  /** Messages given up after a day. */
  givenUp: number;
  /** A sentence, when the last attempt failed. */
  problem: string | null;
}

export function openNotifier(options: NotifierOptions): Notifier {
  return new Notifier(options);
}

/**
 * Tells people about incidents by e-mail and webhook. What is to be told lies in the database before it is sent, so that a
 * crash loses none of it; a message may so arrive twice, under the same id. Nothing is sent before `configure`.
 */
export class Notifier implements AsyncDisposable {
  readonly #options: NotifierOptions;
  readonly #store: NotificationStore;
  readonly #statuses = new Map<Channel, Omit<ChannelStatus, 'channel' | 'waiting'>>();
  readonly #timer: NodeJS.Timeout;
  #settings: NotificationSettings | null = null;
  #secret: SecretLookup = () => null;
  #work: Promise<void> = Promise.resolve();
  /** A way that hangs holds up neither the other nor what is put into the outbox. */
  readonly #sending: Record<Channel, Promise<void>> = { email: Promise.resolve(), webhook: Promise.resolve() };

  /** Through `openNotifier` only. */
  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#store = new NotificationStore(options.state);
    this.#timer = setInterval(() => void this.run(), TICK_MS);
    this.#timer.unref();
  }

  /** New settings: what waits is tried again at once, and what waits for a way that is gone is forgotten. */
  configure(settings: NotificationSettings, secret: SecretLookup): void {
    this.#settings = settings;
    this.#secret = secret;
    this.#then(async () => {
      const set = channelsOf(settings);
      for (const channel of ['email', 'webhook'] as const)
        if (!set.includes(channel)) await this.#store.removeChannel(channel);
      await this.#store.retryAll(this.#options.clock.nowMs());
      await this.#passOverDigest(settings);
    });
    void this.run();
  }

  /** An incident is new or changed. Returns at once. */
  accept({ incident, isNamedByHand = false }: News): void {
    const settings = this.#settings;
    if (settings === null) return;
    const told = notified(incident, isNamedByHand);
    this.#then(async () => {
      // Whoever has closed it knows of it.
      if (told.state === 'closed') return this.#store.removeIncident(told.id);
      await this.#store.atomically((store) => queueIncident(store, told, { ...this.#options, settings }));
    });
    void this.run();
  }

  /** Sends what is due. Resolves when each way has had its attempt. */
  async run(): Promise<void> {
    this.#then(() => this.#makeDigest());
    const queued = this.#work;
    for (const channel of ['email', 'webhook'] as const)
      this.#sending[channel] = this.#sending[channel]
        .then(() => queued)
        .then(() => this.#deliver(channel))
        .catch((error: unknown) => this.#options.log.error('notifications could not be sent', error, { channel }));
    await Promise.all(Object.values(this.#sending));
  }

  /** Sends a test by each way that is set up, now. `problem` is a sentence. */
  async test(): Promise<{ ok: boolean; problem: string | null }> {
    const settings = this.#settings;
    const channels = settings === null ? [] : channelsOf(settings);
    if (settings === null || channels.length === 0)
      return { ok: false, problem: 'neither e-mail nor a webhook is set up' };
    const problems: string[] = [];
    for (const channel of channels) {
      const { clock, random } = this.#options;
      try {
        await this.#send(channel, { kind: 'test', id: uuidv7(clock, random) }, settings);
      } catch (error) {
        problems.push(problemOf(error));
      }
    }
    return { ok: problems.length === 0, problem: problems.length === 0 ? null : problems.join('; ') };
  }

  async status(): Promise<ChannelStatus[]> {
    const channels = this.#settings === null ? [] : channelsOf(this.#settings);
    const statuses: ChannelStatus[] = [];
    for (const channel of channels)
      statuses.push({ channel, waiting: await this.#store.waiting(channel), ...this.#statusOf(channel) });
    return statuses;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#settings = null;
    await this.#work;
    await Promise.all(Object.values(this.#sending));
  }

  async #deliver(channel: Channel): Promise<void> {
    for (;;) {
      const settings = this.#settings;
      if (settings === null || !channelsOf(settings).includes(channel)) return;
      const nowMs = this.#options.clock.nowMs();
      const { minute } = localTime(nowMs, settings.zone);
      const urgentOnly = isQuiet(minute, settings.notifications.quiet);
      const due = await this.#store.due(channel, { nowMs, urgentOnly, limit: MESSAGE_INCIDENTS_MAX });
      const rows = together(due);
      const [first] = rows;
      if (first === undefined) return;
      const left = first.kind === 'incidents' ? await leftOut(this.#store, channel) : 0;
      try {
        await this.#send(channel, messageFrom(first, rows, left), settings);
      } catch (error) {
        return this.#failed(channel, rows, problemOf(error));
      }
      await this.#store.atomically(async (store) => {
        await store.remove(rows.map(({ id }) => id));
        if (left > 0) await countLeftOut(store, channel, -left);
      });
      const status = this.#statusOf(channel);
      status.sent += 1;
      status.problem = null;
    }
  }

  async #failed(channel: Channel, rows: readonly OutboxRow[], problem: string): Promise<void> {
    const { clock, log } = this.#options;
    const nowMs = clock.nowMs();
    const status = this.#statusOf(channel);
    status.problem = problem;
    const old = rows.filter(({ created_ms: createdMs }) => nowMs - createdMs >= GIVE_UP_MS).map(({ id }) => id);
    await this.#store.remove(old);
    status.givenUp += old.length;
    const attempts = Math.max(...rows.map((row) => row.attempts));
    const pauseMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** attempts);
    await this.#store.postpone(
      rows.map(({ id }) => id).filter((id) => !old.includes(id)),
      nowMs + pauseMs,
    );
    log.warn('a notification was not delivered', { channel, problem, retryInMs: pauseMs, givenUp: old.length });
  }

  async #send(channel: Channel, message: Message, settings: NotificationSettings): Promise<void> {
    const { hospital, zone, notifications } = settings;
    const { email, webhook } = notifications;
    const nowMs = this.#options.clock.nowMs();
    const texts = { hospital, zone, consoleUrl: this.#options.consoleUrl().replace(/\/+$/, '') };
    if (channel === 'email' && email !== null)
      await sendMail(email, this.#secret('email.password'), { id: message.id, ...mailOf(message, texts) });
    if (channel === 'webhook' && webhook !== null)
      await postWebhook({
        url: webhook.url,
        secret: this.#secret('webhook.secret'),
        body: webhookBody(message, nowMs, texts),
        id: message.id,
        nowMs,
        allowLoopback: this.#options.allowLoopback ?? false,
      });
  }

  /** Once a local day, from its hour on: a server that was down then makes it when it is back. */
  async #makeDigest(): Promise<void> {
    const settings = this.#settings;
    if (settings === null) return;
    const due = this.#digestDay(settings);
    const last = await this.#store.memory('digest.day');
    if (due === null || (last !== null && due <= last)) return;
    const nowMs = this.#options.clock.nowMs();
    const sinceMs = Number((await this.#store.memory('digest.ms')) ?? nowMs - 86_400_000);
    const facts = await this.#options.digest(sinceMs);
    const fresh = facts.fresh.map((incident) => notified(incident, false));
    await this.#store.atomically(async (store) => {
      await queueDigest(store, { day: due, facts: { ...facts, fresh } }, { ...this.#options, settings });
      await store.remember('digest.day', due);
      await store.remember('digest.ms', String(nowMs));
      await store.forgetTold(nowMs - TOLD_MS);
    });
  }

  /** Whoever switches the digest on in the afternoon wants the first one tomorrow. */
  async #passOverDigest(settings: NotificationSettings): Promise<void> {
    const due = this.#digestDay(settings);
    if (due !== null && (await this.#store.memory('digest.day')) === null)
      await this.#store.remember('digest.day', due);
  }

  /** Today where the hospital is, when the hour of the digest has come; else null. */
  #digestDay({ zone, notifications }: NotificationSettings): string | null {
    const at = notifications.digestAt === null ? null : minuteOf(notifications.digestAt);
    const { day, minute } = localTime(this.#options.clock.nowMs(), zone);
    return at === null || minute < at ? null : day;
  }

  #statusOf(channel: Channel): Omit<ChannelStatus, 'channel' | 'waiting'> {
    const status = this.#statuses.get(channel) ?? { sent: 0, givenUp: 0, problem: null };
    this.#statuses.set(channel, status);
    return status;
  }

  /** One step after the other, so that nothing is queued or sent twice. */
  #then(work: () => Promise<void>): void {
    this.#work = this.#work
      .then(work)
      .catch((error: unknown) => this.#options.log.error('notifications could not be worked on', error));
  }
}

/** A digest is a message of its own; incidents that are due at the same time go out in one. */
function together(due: readonly OutboxRow[]): OutboxRow[] {
  const [first] = due;
  return first?.kind === 'digest' ? [first] : due.filter(({ kind }) => kind === 'incidents');
}

function messageFrom(first: OutboxRow, rows: readonly OutboxRow[], left: number): Message {
  if (first.kind === 'digest')
    return { kind: 'digest', id: first.id, ...(JSON.parse(first.body) as { day: string; facts: DigestFacts }) };
  const incidents = rows.map(({ body }) => JSON.parse(body) as NotifiedIncident);
  return { kind: 'incidents', id: first.id, incidents, leftOut: left };
}

/** What leaves the house of an incident, and nothing beside it. */
function notified(incident: NotifiedIncident, isNamedByHand: boolean): NotifiedIncident {
  const { id, number, severity, state, firstMs, lastMs, findings, tactics } = incident;
  const title = titleSent({ title: incident.title, isNamedByHand });
  return { id, number, title, severity, state, firstMs, lastMs, findings, tactics: [...tactics] };
}

function problemOf(error: unknown): string {
  if (!(error instanceof NotificationsError)) return messageOf(error);
  return error.advice === undefined ? error.message : `${error.message}; ${error.advice}`;
}
