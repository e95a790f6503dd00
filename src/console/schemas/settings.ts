import { z } from 'zod';
import type { SecretName, Settings, SettingsChange, SettingsValues } from '../api.ts';
import { LevelSchema } from './common.ts';
import { Hospital, Zone } from './people.ts';
import { schemaOf } from './schema.ts';

const Host = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$|^\[?[0-9A-Fa-f:]{2,39}\]?$/, 'not a host');
const Address = z
  .string()
  .max(254)
  .regex(/^[^\s@<>,;"]{1,64}@[^\s@<>,;"]{1,189}$/, 'not an e-mail address');
const Hour = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time is HH:MM');
const Url = z
  .url({ protocol: /^https?$/ })
  .max(2_048)
  .refine(hasNoPassword, 'no name or password in an address');

const VALUES = {
  hospital: Hospital,
  zone: Zone,
  notifications: z.strictObject({
    email: z
      .strictObject({
        host: Host,
        port: z.number().int().min(1).max(65_535),
        secure: z.boolean(),
        user: z.string().max(256),
        from: Address,
        to: z.array(Address).min(1).max(20),
      })
      .nullable(),
    webhook: z.strictObject({ url: Url }).nullable(),
    from: LevelSchema,
    quiet: z.strictObject({ from: Hour, to: Hour }).nullable(),
    digestAt: Hour.nullable(),
  }),
  forwarding: z
    .strictObject({
      kind: z.enum(['syslog-cef', 'ocsf-http']),
      target: z.string().min(1).max(2_048),
      what: z.enum(['findings', 'events']),
    })
    .nullable(),
};
export const SettingsValuesSchema = schemaOf<SettingsValues>('SettingsValues')(z.strictObject(VALUES));

/** Longer than any password of a mail server. */
const Secret = z.string().min(1).max(4_096).nullable().exactOptional();
export const SettingsChangeSchema = schemaOf<SettingsChange>('SettingsChange')(
  z.strictObject({
    hospital: VALUES.hospital.exactOptional(),
    zone: VALUES.zone.exactOptional(),
    notifications: VALUES.notifications.exactOptional(),
    forwarding: VALUES.forwarding.exactOptional(),
    secrets: z
      .strictObject({ 'email.password': Secret, 'webhook.secret': Secret, 'forwarding.token': Secret })
      .exactOptional(),
  }),
);
export const SecretNameSchema = schemaOf<SecretName>('SecretName')(
  z.enum(['email.password', 'webhook.secret', 'forwarding.token']),
);
export const SettingsSchema = schemaOf<Settings>('Settings')(
  z.strictObject({
    values: SettingsValuesSchema,
    secrets: z.array(SecretNameSchema),
    version: z.string(),
    dataDirectory: z.string(),
  }),
);
export const TestResultSchema = z.strictObject({ ok: z.boolean(), problem: z.string().nullable() });

function hasNoPassword(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.username === '' && url.password === '';
}
