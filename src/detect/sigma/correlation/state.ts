import { createHash } from 'node:crypto';

import * as z from 'zod';

import { CorrelationStateError } from './errors.ts';
import { type Episode, Group } from './group.ts';
import type { Chained, Entry } from './timeline.ts';
import type { CorrelationCounters, CorrelationSection } from './types.ts';

const STATE_VERSION = 1;

/** All that later findings depend on. */
export interface CorrelatorState {
  readonly generation: { count: number; oldestMs: number; previousOldestMs: number };
  /** Episodes so far, which number the next one. */
  readonly episodes: number;
  readonly counters: CorrelationCounters;
  /** Least recently touched first. */
  readonly groups: readonly { readonly node: number; readonly group: Group }[];
}

/** A correlation as the state knows it: the state of one that is defined otherwise is of no use. */
export interface StateNode {
  readonly id: string;
  readonly hash: string;
  readonly section: CorrelationSection;
}

const refSchema = z.union([z.string(), z.number()]);
/** Events, how many there were, the first one's time. */
const chainedSchema = z.tuple([z.array(refSchema), z.number(), z.number()]);
/** Time, reference, step, value, lane ('' where left out), what is behind a chained one. */
const entrySchema = z.union([
  z.tuple([z.number(), refSchema, z.number(), z.union([z.string(), z.number(), z.null()])]),
  z.tuple([z.number(), refSchema, z.number(), z.union([z.string(), z.number(), z.null()]), z.string()]),
  z.tuple([z.number(), refSchema, z.number(), z.union([z.string(), z.number(), z.null()]), z.string(), chainedSchema]),
]);
/** Id, first and last time, what is behind it. */
const episodeSchema = z.union([
  z.tuple([z.string(), z.number(), z.number()]),
  z.tuple([z.string(), z.number(), z.number(), chainedSchema]),
]);
const groupSchema = z.strictObject({
  node: z.number(),
  texts: z.array(z.string()),
  last: z.union([refSchema, z.null()]),
  entries: z.array(entrySchema),
  episodes: z.array(episodeSchema),
});
const stateSchema = z.strictObject({
  version: z.literal(STATE_VERSION),
  generation: z.strictObject({ count: z.number(), oldestMs: z.number(), previousOldestMs: z.number() }),
  episodes: z.number(),
  counters: z.strictObject({
    groupsEvicted: z.number(),
    eventsEvicted: z.number(),
    withoutGroup: z.number(),
    withoutValue: z.number(),
    statesLeft: z.number(),
  }),
  nodes: z.array(z.strictObject({ id: z.string(), hash: z.string() })),
  groups: z.array(groupSchema),
});

type SavedState = z.infer<typeof stateSchema>;
export type SavedGroup = z.infer<typeof groupSchema>;
type SavedEntry = z.infer<typeof entrySchema>;
type SavedEpisode = z.infer<typeof episodeSchema>;
export type SavedChained = z.infer<typeof chainedSchema>;

/** Names what a correlation does, so that a state is never taken up by another one under the same id. */
export function definitionHash(section: CorrelationSection, ruleIds: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([section, ruleIds]))
    .digest('hex')
    .slice(0, 32);
}

export function encodeState(state: CorrelatorState, nodes: readonly StateNode[]): Uint8Array {
  const saved: SavedState = {
    version: STATE_VERSION,
    generation: state.generation,
    episodes: state.episodes,
    counters: state.counters,
    nodes: nodes.map(({ id, hash }) => ({ id, hash })),
    groups: state.groups.map(({ node, group }) => ({
      node,
      texts: [...group.texts],
      last: group.lastRef,
      entries: group.entries().map(saveEntry),
      episodes: group.episodes.map(saveEpisode),
    })),
  };
  return Buffer.from(JSON.stringify(saved));
}

/** @throws {CorrelationStateError} when the bytes are no such state, or one of a newer version. */
export function decodeState(bytes: Uint8Array, nodes: readonly StateNode[]): CorrelatorState {
  const saved = parseState(bytes);
  const indexes = saved.nodes.map(({ id, hash }) => nodes.findIndex((node) => node.id === id && node.hash === hash));
  const groups: { node: number; group: Group }[] = [];
  for (const savedGroup of saved.groups) {
    const index = indexes[savedGroup.node] ?? -1;
    const node = nodes[index];
    if (node !== undefined) groups.push({ node: index, group: restoreGroup(node.section, savedGroup) });
  }
  const left = indexes.filter((index) => index === -1).length;
  const counters = { ...saved.counters, statesLeft: saved.counters.statesLeft + left };
  return { generation: saved.generation, episodes: saved.episodes, counters, groups };
}

/** @throws {CorrelationStateError} when the bytes are no such state, or one of a newer version. */
export function parseState(bytes: Uint8Array): SavedState {
  let raw: unknown;
  try {
    raw = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw unreadable(error);
  }
  const { success, data } = z.looseObject({ version: z.number() }).safeParse(raw);
  if (success && data.version > STATE_VERSION) {
    throw new CorrelationStateError('state_too_new', 'the state of the correlations is of a newer version', {
      advice: 'use the Wardkeep that wrote it, or a later one',
    });
  }
  const state = stateSchema.safeParse(raw);
  if (!state.success) throw unreadable(state.error);
  return state.data;
}

function unreadable(cause?: unknown): CorrelationStateError {
  return new CorrelationStateError('state_unreadable', 'the state of the correlations cannot be read', {
    cause,
    advice: 'run detect again from an earlier index, which rebuilds it',
  });
}

function restoreGroup(section: CorrelationSection, saved: SavedGroup): Group {
  const group = new Group(section, saved.texts);
  group.lastRef = saved.last;
  group.restore(saved.entries.map(loadEntry), saved.episodes.map(loadEpisode));
  return group;
}

function saveEntry({ timeMs, ref, step, value, lane, chained }: Entry): SavedEntry {
  if (chained) return [timeMs, ref, step, value, lane, saveChained(chained)];
  return lane === '' ? [timeMs, ref, step, value] : [timeMs, ref, step, value, lane];
}

function loadEntry([timeMs, ref, step, value, lane = '', chained]: SavedEntry): Entry {
  const entry = { timeMs, ref, step, value, lane };
  return chained ? { ...entry, chained: loadChained(chained) } : entry;
}

function saveEpisode({ id, fromMs, lastMs, chained }: Episode): SavedEpisode {
  return chained ? [id, fromMs, lastMs, saveChained(chained)] : [id, fromMs, lastMs];
}

function loadEpisode([id, fromMs, lastMs, chained]: SavedEpisode): Episode {
  return chained ? { id, fromMs, lastMs, chained: loadChained(chained) } : { id, fromMs, lastMs };
}

function saveChained({ events, total, firstMs }: Chained): SavedChained {
  return [[...events], total, firstMs];
}

function loadChained([events, total, firstMs]: SavedChained): Chained {
  return { events, total, firstMs };
}
