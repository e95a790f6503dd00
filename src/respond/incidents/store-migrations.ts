import { type Kysely, sql } from 'kysely';
import type { Migrations } from '#kernel/database';
import { SEVERITY_RANK, STATE_RANK } from './store-order.ts';
import { fillTallies } from './store-tallies.ts';

export const INCIDENTS_MIGRATIONS: Migrations = {
  '0001_incidents': {
    up: async (db: Kysely<unknown>) => {
      const table = (name: string, columns: Record<string, 'text' | 'integer'>, key: string) => {
        let builder = db.schema.createTable(name);
        for (const [column, type] of Object.entries(columns))
          builder = builder.addColumn(column, type, (one) => (column === key ? one.primaryKey() : one));
        return builder.execute();
      };
      const index = (name: string, on: string, columns: string[]) =>
        db.schema.createIndex(name).on(on).columns(columns).execute();
      await table(
        'incidents_incident',
        {
          id: 'text',
          number: 'integer',
          title: 'text',
          severity: 'text',
          fixed_title: 'integer',
          fixed_severity: 'integer',
          state: 'text',
          verdict: 'text',
          assignee: 'text',
          first_ms: 'integer',
          last_ms: 'integer',
          created_ms: 'integer',
          findings: 'integer',
          merged_into: 'text',
          split_from: 'text',
        },
        'id',
      );
      await table(
        'incidents_finding',
        {
          entry: 'integer',
          incident: 'text',
          suppressed_by: 'text',
          rule: 'text',
          level: 'integer',
          first_ms: 'integer',
          at_ms: 'integer',
          body: 'text',
        },
        'entry',
      );
      await table('incidents_entity', { entry: 'integer', kind: 'text', name: 'text', ties: 'integer' }, '');
      await table('incidents_event', { event: 'integer', entry: 'integer' }, '');
      const said = { id: 'text', incident: 'text', author: 'text', at_ms: 'integer', text: 'text' } as const;
      await table('incidents_note', said, 'id');
      await table('incidents_history', said, 'id');
      await table(
        'incidents_suppression',
        {
          id: 'text',
          rule: 'text',
          entities: 'text',
          reason: 'text',
          author: 'text',
          created_ms: 'integer',
          expires_ms: 'integer',
          hidden: 'integer',
        },
        'id',
      );
      await table('incidents_cursor', { id: 'integer', position: 'integer' }, 'id');
      await index('incidents_finding_incident', 'incidents_finding', ['incident', 'first_ms']);
      await index('incidents_finding_rule', 'incidents_finding', ['rule', 'at_ms']);
      await index('incidents_entity_name', 'incidents_entity', ['kind', 'name', 'entry']);
      await index('incidents_entity_entry', 'incidents_entity', ['entry']);
      await index('incidents_event_event', 'incidents_event', ['event']);
      await index('incidents_note_incident', 'incidents_note', ['incident']);
      await index('incidents_history_incident', 'incidents_history', ['incident']);
      await index('incidents_incident_state', 'incidents_incident', ['state', 'last_ms']);
    },
  },
  // Aggregates that are kept as findings come; before it, each finding had all others of its incident read again.
  '0002_incidents_aggregates': {
    up: async (db: Kysely<unknown>) => {
      for (const statement of AGGREGATES) await sql.raw(statement).execute(db);
      await fillTallies(db, null);
    },
  },
  // Lists that the database itself puts in order, page by page.
  '0003_incidents_orders': {
    up: async (db: Kysely<unknown>) => {
      for (const statement of ORDERS) await sql.raw(statement).execute(db);
    },
  },
};

const ORDERS: readonly string[] = [
  `create index incidents_incident_by_severity on incidents_incident (${SEVERITY_RANK}, number) where merged_into is null`,
  `create index incidents_incident_by_state on incidents_incident (${STATE_RANK}, number) where merged_into is null`,
  `create index incidents_incident_by_last on incidents_incident (last_ms, number) where merged_into is null`,
  `create index incidents_finding_by_at on incidents_finding (at_ms, entry)`,
  `create index incidents_finding_by_level on incidents_finding (level, entry)`,
];

const AGGREGATES: readonly string[] = [
  `alter table incidents_incident add column tactics text not null default '[]'`,
  `alter table incidents_incident add column worst text`,
  `alter table incidents_incident add column vital text`,
  `alter table incidents_incident add column revision integer not null default 0`,
  `create unique index incidents_incident_number on incidents_incident (number)`,
  `create index incidents_finding_of_rule on incidents_finding (incident, rule, at_ms)`,
  `create table incidents_tally (
     incident text not null, kind text not null, name text not null, findings integer not null, ties integer not null,
     first_ms integer not null, last_ms integer not null, tie_first_ms integer, tie_last_ms integer,
     primary key (incident, kind, name)) without rowid`,
  `create index incidents_tally_name on incidents_tally (kind, name, tie_last_ms)`,
  `create index incidents_tally_most on incidents_tally (incident, findings desc, name)`,
  `create table incidents_rule (
     incident text not null, rule text not null, level text not null, title text not null, tags text not null,
     findings integer not null, first_ms integer not null, last_ms integer not null,
     events_max integer not null, patients_max integer not null,
     primary key (incident, rule, level, title, tags)) without rowid`,
  `create index incidents_rule_last on incidents_rule (rule, last_ms)`,
  `create table incidents_company (
     kind text not null, name text not null, user text not null, primary key (kind, name, user)) without rowid`,
  `create table incidents_loose (
     kind text not null, name text not null, entry integer not null, first_ms integer not null, at_ms integer not null,
     primary key (kind, name, entry)) without rowid`,
  `create index incidents_loose_at on incidents_loose (kind, name, at_ms)`,
  `create index incidents_loose_entry on incidents_loose (entry)`,
  `create table incidents_apart (one text not null, other text not null, primary key (one, other)) without rowid`,
  `create index incidents_apart_other on incidents_apart (other)`,
  `insert into incidents_company (kind, name, user) select kind, name, user from (
     select kind, name, user, row_number() over (partition by kind, name order by user) as place from (
       select distinct e.kind, e.name, u.name as user from incidents_entity e
       join incidents_entity u on u.entry = e.entry and u.kind = 'user' where e.kind in ('device', 'address')))
   where place <= 8`,
  `insert into incidents_loose (kind, name, entry, first_ms, at_ms)
     select distinct e.kind, e.name, e.entry, f.first_ms, f.at_ms from incidents_entity e
     join incidents_finding f on f.entry = e.entry
     where e.ties = 1 and f.incident is null and f.suppressed_by is null`,
  `insert into incidents_apart (one, other)
     select id, split_from from incidents_incident where split_from is not null and merged_into is null`,
];
