import { TlogError, malformed } from './errors.ts';
import { type VerifierKey, parseVkey } from './keys.ts';

/** Longest policy file, bytes. */
export const POLICY_BYTES_MAX = 1024 * 1024;

/** Logs, witnesses and groups of a policy, each; tlog-policy asks for at least 32. */
const POLICY_NAMES_MAX = 256;

/** Whom to trust, and how many of them must agree (tlog-policy). */
export interface Policy {
  /** Keys of logs; a key's name is the log's origin. Any one of them suffices. */
  logs: readonly VerifierKey[];
  /** Keys of all witnesses, whether the quorum needs them or not. */
  witnesses: readonly VerifierKey[];
  quorum: Quorum;
}

/** A witness or a group, as the quorum sees it. Names are octets read as Latin-1: never compared as Unicode. */
export type Quorum =
  | { kind: 'none' }
  | { kind: 'witness'; name: string; key: VerifierKey }
  | { kind: 'group'; name: string; threshold: number; members: readonly Quorum[] };

/** A policy that trusts these log keys and asks for no witness. */
export function policyOfKeys(logs: readonly VerifierKey[]): Policy {
  return { logs, witnesses: [], quorum: { kind: 'none' } };
}

/** Whether the cosignatures of the keys in `vkeys` satisfy the quorum. */
export function isQuorumMet(quorum: Quorum, vkeys: ReadonlySet<string>): boolean {
  if (quorum.kind === 'none') return true;
  if (quorum.kind === 'witness') return vkeys.has(quorum.key.vkey);
  return quorum.members.filter((member) => isQuorumMet(member, vkeys)).length >= quorum.threshold;
}

/** The quorum in words: `2 of (w1, w2, 1 of (x, y))`. */
export function describeQuorum(quorum: Quorum): string {
  if (quorum.kind === 'none') return 'none';
  if (quorum.kind === 'witness') return printable(quorum.name);
  return `${quorum.threshold} of (${quorum.members.map(describeQuorum).join(', ')})`;
}

/**
 * Reads a tlog-policy file. The last line may lack its line feed, as editors leave it.
 * @throws {TlogError} `malformed` with the line number, `unsupported_key` for a key of a type that does not suit its
 * place, `limit` above `POLICY_BYTES_MAX` or `POLICY_NAMES_MAX`.
 */
export function parsePolicy(source: string | Uint8Array): Policy {
  const bytes = typeof source === 'string' ? Buffer.from(source) : Buffer.from(source);
  if (bytes.length > POLICY_BYTES_MAX) throw new TlogError('limit', 'a policy is too long');
  const reader = new PolicyReader();
  for (const [i, line] of bytes.toString('latin1').split('\n').entries()) reader.line(line, i + 1);
  return reader.finish();
}

const FORBIDDEN_OCTETS = /[^\t\x20-\x7e\x80-\xff]/;

class PolicyReader {
  readonly #logs: VerifierKey[] = [];
  readonly #witnesses: VerifierKey[] = [];
  readonly #named = new Map<string, Quorum>();
  readonly #grouped = new Set<string>();
  #quorum: Quorum | null = null;
  #lineNumber = 0;

  line(line: string, lineNumber: number): void {
    this.#lineNumber = lineNumber;
    if (FORBIDDEN_OCTETS.test(line)) throw this.#error('has a control character');
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    const [keyword, ...items] = words;
    if (keyword === undefined || keyword.startsWith('#')) return;
    if (keyword === 'log') this.#log(items);
    else if (keyword === 'witness') this.#witness(items);
    else if (keyword === 'group') this.#group(items);
    else if (keyword === 'quorum') this.#setQuorum(items);
    else throw this.#error('starts with none of log, witness, group and quorum');
  }

  finish(): Policy {
    if (this.#quorum === null) throw malformed('a policy has a quorum line');
    return { logs: this.#logs, witnesses: this.#witnesses, quorum: this.#quorum };
  }

  #log(items: readonly string[]): void {
    const [vkey] = items;
    if (vkey === undefined || items.length > 2) throw this.#error('is not "log <vkey> [<url>]"');
    this.#addKey(this.#logs, this.#key(vkey));
  }

  #witness(items: readonly string[]): void {
    const [name, vkey] = items;
    if (name === undefined || vkey === undefined || items.length > 3) {
      throw this.#error('is not "witness <name> <vkey> [<url>]"');
    }
    const key = this.#key(vkey);
    if (key.kind === 'ed25519') {
      throw new TlogError(
        'unsupported_key',
        `line ${this.#lineNumber} of the policy: a witness needs a cosignature key`,
      );
    }
    this.#addKey(this.#witnesses, key);
    this.#define(name, { kind: 'witness', name, key });
  }

  #group(items: readonly string[]): void {
    const [name, rule, ...memberNames] = items;
    if (name === undefined || rule === undefined || memberNames.length === 0) {
      throw this.#error('is not "group <name> all|any|<k> <name>..."');
    }
    const members = memberNames.map((member) => this.#takeMember(member));
    this.#define(name, { kind: 'group', name, threshold: this.#threshold(rule, members.length), members });
  }

  #setQuorum(items: readonly string[]): void {
    const [name] = items;
    if (name === undefined || items.length !== 1) throw this.#error('is not "quorum <name>"');
    if (this.#quorum !== null) throw this.#error('is a second quorum');
    const quorum: Quorum | undefined = name === 'none' ? { kind: 'none' } : this.#named.get(name);
    if (quorum === undefined) throw this.#error('names a quorum that is not defined above it');
    this.#quorum = quorum;
  }

  #threshold(rule: string, members: number): number {
    if (rule === 'all') return members;
    if (rule === 'any') return 1;
    const k = /^[1-9][0-9]{0,3}$/.test(rule) ? Number(rule) : 0;
    if (k < 1 || k > members) throw this.#error('asks for fewer than one or more than all members');
    return k;
  }

  /** A member counts in one group only, so that no witness is counted twice. */
  #takeMember(name: string): Quorum {
    const member = this.#named.get(name);
    if (member === undefined) throw this.#error('names a member that is not defined above it');
    if (this.#grouped.has(name)) throw this.#error('names a member that is in a group already');
    this.#grouped.add(name);
    return member;
  }

  #define(name: string, quorum: Quorum): void {
    if (name === 'none') throw this.#error('defines the reserved name none');
    if (this.#named.has(name)) throw this.#error('defines a name a second time');
    if (this.#named.size >= 2 * POLICY_NAMES_MAX) throw new TlogError('limit', 'a policy has too many names');
    this.#named.set(name, quorum);
  }

  #key(octets: string): VerifierKey {
    try {
      return parseVkey(Buffer.from(octets, 'latin1').toString('utf8'));
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      throw new TlogError(error.code, `line ${this.#lineNumber} of the policy: ${error.message}`, { cause: error });
    }
  }

  #addKey(keys: VerifierKey[], key: VerifierKey): void {
    if (keys.length >= POLICY_NAMES_MAX) throw new TlogError('limit', 'a policy has too many keys');
    // One key under two names would count twice.
    if (keys.some((other) => other.publicKey.equals(key.publicKey))) throw this.#error('repeats a key');
    keys.push(key);
  }

  #error(message: string): TlogError {
    return malformed(`line ${this.#lineNumber} of the policy ${message}`);
  }
}

function printable(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8');
}
