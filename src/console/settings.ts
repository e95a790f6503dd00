import type { z } from 'zod';
import { type RandomFill, type Sealer, createSealer } from '#kernel';
import type { SecretName, SettingsChange, SettingsValues } from './api.ts';
import { SecretNameSchema, SettingsValuesSchema } from './schemas/settings.ts';
import type { ConsoleStore } from './store.ts';

const DEFAULTS: SettingsValues = {
  hospital: 'This hospital',
  zone: 'UTC',
  notifications: { email: null, webhook: null, from: 'high', quiet: null, digestAt: null },
  forwarding: null,
};

/** What an administrator sets in the console: in the database, with a copy in memory. */
export interface SettingsDesk {
  values(): SettingsValues;
  /** Names of secrets that are set. */
  secrets(): SecretName[];
  /** A secret's text, for those who need it; null when it is not set or was sealed under another key. */
  secret(name: SecretName): string | null;
  change(change: SettingsChange): Promise<void>;
  onChange(listener: () => void): void;
}

export async function openSettings(options: {
  store: ConsoleStore;
  key: Uint8Array;
  random: RandomFill;
}): Promise<SettingsDesk> {
  const { store, key, random } = options;
  const sealer = createSealer({ key, purpose: 'console/settings', random });
  let values = valuesOf(await store.settings());
  let secrets = secretsOf(await store.secrets(), sealer);
  const listeners: (() => void)[] = [];
  return {
    values: () => values,
    secrets: () => [...secrets.keys()].toSorted(),
    secret: (name) => secrets.get(name) ?? null,
    async change({ secrets: newSecrets = {}, ...change }) {
      const rows = new Map(Object.entries(change).map(([name, value]) => [name, JSON.stringify(value)]));
      const sealed = Object.entries(newSecrets).map(
        ([name, text]) => [name, text === null ? null : sealer.seal(text, place(name))] as const,
      );
      await store.save(rows, new Map(sealed));
      values = valuesOf(await store.settings());
      secrets = secretsOf(await store.secrets(), sealer);
      for (const listener of listeners) listener();
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

/** What is stored over the defaults; a value that an older version wrote otherwise falls back to its default. */
function valuesOf(rows: ReadonlyMap<string, string>): SettingsValues {
  const { shape } = SettingsValuesSchema;
  const read = <T>(name: string, schema: z.ZodType<T>, other: T): T => {
    const text = rows.get(name);
    const result = text === undefined ? null : schema.safeParse(parsed(text));
    return result?.success === true ? result.data : other;
  };
  return {
    hospital: read('hospital', shape.hospital, DEFAULTS.hospital),
    zone: read('zone', shape.zone, DEFAULTS.zone),
    notifications: read('notifications', shape.notifications, DEFAULTS.notifications),
    forwarding: read('forwarding', shape.forwarding, DEFAULTS.forwarding),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function secretsOf(rows: ReadonlyMap<string, Uint8Array>, sealer: Sealer): Map<SecretName, string> {
  const open = new Map<SecretName, string>();
  for (const name of SecretNameSchema.options) {
    const sealed = rows.get(name);
    const text = sealed === undefined ? null : sealer.open(sealed, place(name));
    if (text !== null) open.set(name, text);
  }
  return open;
}

function place(name: string): string {
  return `console_secrets/${name}`;
}
