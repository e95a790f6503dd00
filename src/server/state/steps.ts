import type { Migration } from 'kysely';
import { CONSOLE_MIGRATIONS, type ConsoleTables } from '#console';
import { DETECT_MIGRATIONS, type DetectTables } from '#detect/sigma';
import { INGEST_MIGRATIONS, type IngestTables } from '#ingest';
import { INTAKE_MIGRATIONS, type IntakeTables } from '#ingest/live';
import { ACCOUNTS_MIGRATIONS, type AccountsTables } from '#protect/accounts';
import { FORWARDING_MIGRATIONS, type ForwardingTables } from '#respond/forwarding';
import { INCIDENTS_MIGRATIONS, type IncidentsTables } from '#respond/incidents';
import { NOTIFICATIONS_MIGRATIONS, type NotificationsTables } from '#respond/notifications';

/** Every table of the state database. */
export type StateTables = IngestTables &
  IntakeTables &
  DetectTables &
  IncidentsTables &
  NotificationsTables &
  ForwardingTables &
  AccountsTables &
  ConsoleTables;

/** Every step of its format. */
export const STATE_MIGRATIONS: Readonly<Record<string, Migration>> = {
  ...INGEST_MIGRATIONS,
  ...INTAKE_MIGRATIONS,
  ...DETECT_MIGRATIONS,
  ...INCIDENTS_MIGRATIONS,
  ...NOTIFICATIONS_MIGRATIONS,
  ...FORWARDING_MIGRATIONS,
  ...ACCOUNTS_MIGRATIONS,
  ...CONSOLE_MIGRATIONS,
};
