import type { Caller } from './caller.ts';
import type { Services } from './services.ts';

/** OCSF API Activity. */
const API_ACTIVITY = 6003;
const ACTIVITY = { create: 1, read: 2, update: 3, delete: 4 } as const;

/** What somebody did in the console. */
export interface Act {
  /** `event.view`, `hunt.run`, `source.create`, … */
  operation: string;
  activity: keyof typeof ACTIVITY;
  /** What it was done to: kind and id; no content. */
  resource?: { type: string; uid: string } | undefined;
  /** Set when it is known how it went. */
  outcome?: 'success' | 'failure';
  /** Names of fields that were searched, figures, a hash of a query: nothing that names a patient. */
  detail?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** The patient whom it concerns, as the event that was looked at names them; it lies sealed in the body. */
  patient?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Records an act in the ledger; resolves when it is durable.
 * @throws {LiveError} `unavailable`
 */
export async function recordAct(services: Services, who: { caller: Caller; address: string }, act: Act): Promise<void> {
  await services.intake.record(actEvent(who, act, services.clock.nowMs()));
}

/**
 * Records a look at data. Where patients can be seen, nothing is shown that could not be recorded; all else is shown also
 * while the disk is full.
 */
export async function recordLook(
  services: Services,
  who: { caller: Caller; address: string },
  act: Act,
): Promise<void> {
  const key = JSON.stringify([who.caller.actor.id, who.address, act]);
  // A list that reloads itself when events come would else record that it was looked at, for ever.
  if (!services.looks.isNew(key)) return;
  try {
    await recordAct(services, who, act);
  } catch (error) {
    services.looks.forget(key);
    if (who.caller.seesPatients) throw error;
    services.log.error('a look at data could not be recorded', error, { operation: act.operation });
  }
}

/** The event of an act. */
export function actEvent(
  { caller, address }: { caller: Caller; address: string },
  act: Act,
  nowMs: number,
): Record<string, unknown> {
  const activity = ACTIVITY[act.activity];
  const { actor } = caller;
  return {
    class_uid: API_ACTIVITY,
    category_uid: 6,
    activity_id: activity,
    type_uid: API_ACTIVITY * 100 + activity,
    severity_id: 1,
    time: nowMs,
    message: `console: ${act.operation}`,
    status_id: act.outcome === undefined ? 0 : act.outcome === 'success' ? 1 : 2,
    actor: { user: { name: actor.name, uid: actor.id, type_id: actor.kind === 'user' ? 1 : 3 } },
    api: { operation: act.operation, service: { name: 'Wardkeep console' } },
    src_endpoint: address === '' ? { svc_name: 'Wardkeep console' } : { ip: address },
    ...(act.resource === undefined ? {} : { resources: [{ ...act.resource }] }),
    ...(act.patient === undefined ? {} : { patient: act.patient, purpose_of_use: 'HSYSADMIN' }),
    ...(act.detail === undefined ? {} : { unmapped: { detail: { ...act.detail } } }),
    metadata: {
      version: '1.8.0',
      product: { name: 'Wardkeep', vendor_name: 'Wardkeep' },
      log_name: 'wardkeep-console',
      logged_time: nowMs,
      ...(act.patient === undefined ? {} : { profiles: ['phi_access'] }),
    },
  };
}
