import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock, RandomFill } from '#kernel';
import { sourcesFor } from '#ingest';
import { LiveError } from './errors.ts';
import { NAME_CHARS_MAX, SOURCES_MAX } from './limits.ts';
import { SourceStatistics } from './status.ts';
import type { SourceStore } from './store.ts';
import type { LiveSource, LiveSourceStatus, Sender, SourceKind } from './types.ts';

/** Kinds whose senders bring a token. */
const TOKEN_KINDS: ReadonlySet<SourceKind> = new Set(['ndjson', 'splunk-hec', 'elastic-bulk', 'fhir-auditevent']);
const TOKEN_PREFIX = 'wk_';
const SECRET_BYTES = 32;
const ID_BYTES = 6;
/** Compared with where there is no source, so that a wrong id takes as long as a wrong secret. */
const NOBODY = Buffer.alloc(32);

interface Registered {
  source: LiveSource;
  createdMs: number;
  tokenDigest: string | null;
  address: string | null;
  isConfirmed: boolean;
  statistics: SourceStatistics;
}

/** The systems that send to us: kept in the state, looked up in memory. */
export class Registry {
  readonly #store: SourceStore;
  readonly #clock: Clock;
  readonly #random: RandomFill;
  readonly #byId = new Map<string, Registered>();
  readonly #byAddress = new Map<string, Registered>();
  /** Announcements under way, so that two datagrams do not make two sources. */
  readonly #announcing = new Map<string, Promise<LiveSource | null>>();

  private constructor(options: { store: SourceStore; clock: Clock; random: RandomFill }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#random = options.random;
  }

  static async open(options: { store: SourceStore; clock: Clock; random: RandomFill }): Promise<Registry> {
    const registry = new Registry(options);
    for (const { status, ...stored } of await options.store.all())
      registry.#keep({ ...stored, statistics: new SourceStatistics(status) });
    return registry;
  }

  find(id: string): LiveSource | null {
    return this.#byId.get(id)?.source ?? null;
  }

  statistics(id: string): SourceStatistics | null {
    return this.#byId.get(id)?.statistics ?? null;
  }

  status(id: string): LiveSourceStatus | null {
    const found = this.#byId.get(id);
    return found === undefined ? null : this.#statusOf(found);
  }

  statuses(): LiveSourceStatus[] {
    return [...this.#byId.values()].map((one) => this.#statusOf(one));
  }

  /** The token names its source, so that one digest is compared, in constant time. */
  byToken(token: string): LiveSource | null {
    const { id, digest } = splitToken(token);
    const found = this.#byId.get(id);
    const known = found?.tokenDigest ?? null;
    const isRight = timingSafeEqual(digest, known === null ? NOBODY : Buffer.from(known, 'hex'));
    return isRight && known !== null ? (found?.source ?? null) : null;
  }

  async bySender(sender: Sender): Promise<LiveSource | null> {
    const key = addressKey(sender.kind, sender.address);
    const known = this.#byAddress.get(key);
    if (known !== undefined) return known.source;
    const underway = this.#announcing.get(key);
    if (underway !== undefined) return underway;
    if (this.#byId.size + this.#announcing.size >= SOURCES_MAX) return null;
    const announcing = this.#announce(sender).finally(() => this.#announcing.delete(key));
    this.#announcing.set(key, announcing);
    return announcing;
  }

  async create(create: Omit<LiveSource, 'id'>): Promise<{ source: LiveSource; token: string | null }> {
    if (this.#byId.size >= SOURCES_MAX)
      throw new LiveError('too_many_sources', `there are ${SOURCES_MAX} sources already`, {
        advice: 'remove those that are not used any more',
      });
    checkOptions(create);
    const source: LiveSource = { ...create, id: this.#newId() };
    const secret = TOKEN_KINDS.has(create.kind) ? this.#newToken(source.id) : null;
    await this.#save({
      source,
      createdMs: this.#clock.nowMs(),
      tokenDigest: secret?.digest ?? null,
      address: null,
      isConfirmed: true,
      statistics: new SourceStatistics(null),
    });
    return { source, token: secret?.token ?? null };
  }

  async change(id: string, change: Partial<Omit<LiveSource, 'id' | 'kind'>>): Promise<LiveSource> {
    const found = this.#known(id);
    const source = { ...found.source, ...definedOf(change) };
    checkOptions(source);
    await this.#save({ ...found, source, isConfirmed: true });
    return source;
  }

  async renewToken(id: string): Promise<string | null> {
    const found = this.#known(id);
    if (!TOKEN_KINDS.has(found.source.kind)) return null;
    const { token, digest } = this.#newToken(id);
    await this.#save({ ...found, tokenDigest: digest });
    return token;
  }

  async remove(id: string): Promise<void> {
    const { source, address } = this.#known(id);
    await this.#store.remove(id);
    this.#byId.delete(id);
    if (address !== null) this.#byAddress.delete(addressKey(source.kind, address));
  }

  async saveStatistics(): Promise<void> {
    const changed = [...this.#byId.values()].filter(({ statistics }) => statistics.isChanged);
    await this.#store.saveStatuses(new Map(changed.map(({ source, statistics }) => [source.id, statistics.stored()])));
  }

  async #announce({ kind, address, name }: Sender): Promise<LiveSource> {
    const source: LiveSource = {
      id: this.#newId(),
      name: name.slice(0, NAME_CHARS_MAX),
      kind,
      format: 'auto',
      zone: null,
      silentAfterMs: null,
    };
    const createdMs = this.#clock.nowMs();
    const statistics = new SourceStatistics(null);
    await this.#save({ source, createdMs, tokenDigest: null, address, isConfirmed: false, statistics });
    return source;
  }

  async #save(registered: Registered): Promise<void> {
    const { statistics, ...stored } = registered;
    await this.#store.save({ ...stored, status: statistics.stored() });
    this.#keep(registered);
  }

  #keep(registered: Registered): void {
    this.#byId.set(registered.source.id, registered);
    const { address, source } = registered;
    if (address !== null) this.#byAddress.set(addressKey(source.kind, address), registered);
  }

  #known(id: string): Registered {
    const found = this.#byId.get(id);
    if (found === undefined) throw noSuchSource();
    return found;
  }

  #statusOf({ source, createdMs, isConfirmed, statistics }: Registered): LiveSourceStatus {
    return statistics.status(source, { createdMs, isConfirmed, nowMs: this.#clock.nowMs() });
  }

  #newId(): string {
    const bytes = Buffer.alloc(ID_BYTES);
    do this.#random(bytes);
    while (this.#byId.has(bytes.toString('hex')));
    return bytes.toString('hex');
  }

  #newToken(id: string): { token: string; digest: string } {
    const secret = Buffer.alloc(SECRET_BYTES);
    this.#random(secret);
    const token = `${TOKEN_PREFIX}${id}_${secret.toString('base64url')}`;
    return { token, digest: sha256(token).toString('hex') };
  }
}

export function noSuchSource(): LiveError {
  return new LiveError('no_such_source', 'there is no such source');
}

function splitToken(token: string): { id: string; digest: Buffer } {
  const id = token.slice(TOKEN_PREFIX.length, TOKEN_PREFIX.length + ID_BYTES * 2);
  return { id, digest: sha256(token.slice(0, 256)) };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function addressKey(kind: SourceKind, address: string): string {
  return `${kind} ${address}`;
}

/** Without what is set to undefined, which would take a value away. */
function definedOf<T extends object>(change: T): Partial<T> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function checkOptions({ name, format, zone, silentAfterMs }: Omit<LiveSource, 'id'>): void {
  if (name.trim() === '' || name.length > NAME_CHARS_MAX) bad(`a source's name has 1 to ${NAME_CHARS_MAX} characters`);
  if (silentAfterMs !== null && !(Number.isSafeInteger(silentAfterMs) && silentAfterMs >= 1000))
    bad('the time of silence is at least a second, in whole milliseconds');
  if (zone !== null && !isZone(zone)) bad('the zone is no IANA name, such as Europe/Berlin');
  try {
    sourcesFor(format);
  } catch (cause) {
    throw new LiveError('bad_option', 'there is no format of this name', { cause });
  }
}

function bad(text: string): never {
  throw new LiveError('bad_option', text);
}

function isZone(zone: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
