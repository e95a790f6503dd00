import { z } from 'zod';
import { ConsoleError } from '../errors.ts';
import { type Route, route } from '../route.ts';
import { HoldCreateSchema, LedgerStatusSchema, RetentionChangeSchema } from '../schemas/ledger.ts';
import { statusOf } from './ledger.ts';

const ADMINISTRATOR = { right: 'administer', scope: 'administer' } as const;

/** How long the ledger keeps bodies, and what it keeps beyond that. */
export const LEDGER_KEEPING_ROUTES: readonly Route[] = [
  route({
    method: 'PATCH',
    path: '/ledger/retention',
    summary: 'Changes for how many days bodies are kept, by class; what is over is destroyed within the hour.',
    access: ADMINISTRATOR,
    body: RetentionChangeSchema,
    reply: LedgerStatusSchema,
    records: 'ledger.change-retention',
    async run({ services, body: { recordDays, telemetryDays } }) {
      await services.ledger.upkeep.setRetention({
        ...(recordDays === undefined ? {} : { record: recordDays }),
        ...(telemetryDays === undefined ? {} : { telemetry: telemetryDays }),
      });
      return statusOf(services);
    },
  }),
  route({
    method: 'POST',
    path: '/ledger/holds',
    summary: 'Places a legal hold: nothing received on its days is destroyed or erased while it stands.',
    access: ADMINISTRATOR,
    body: HoldCreateSchema,
    reply: LedgerStatusSchema,
    status: 201,
    records: 'ledger.place-hold',
    async run({ services, body: { name, fromDay, toDay } }) {
      if (fromDay !== null && toDay !== null && fromDay > toDay)
        throw new ConsoleError('invalid', 'the hold ends before it begins');
      if (services.ledger.manifest.holds.some((hold) => hold.name === name))
        throw new ConsoleError('conflict', `there is a hold "${name}" already`, {
          advice: 'give this one another name, or release that one first',
        });
      await services.ledger.upkeep.placeHold({ name, fromDay, toDay });
      return statusOf(services);
    },
  }),
  route({
    method: 'DELETE',
    path: '/ledger/holds/:name',
    summary: 'Releases a legal hold: what its days hold is destroyed when its retention is over.',
    access: ADMINISTRATOR,
    params: z.strictObject({ name: z.string().min(1).max(200) }),
    reply: LedgerStatusSchema,
    records: 'ledger.release-hold',
    async run({ services, params: { name } }) {
      if (!services.ledger.manifest.holds.some((hold) => hold.name === name))
        throw new ConsoleError('not_found', `there is no hold "${name}"`);
      await services.ledger.upkeep.releaseHold(name);
      return statusOf(services);
    },
  }),
];
