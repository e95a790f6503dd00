import { textAt } from '../../native-value.ts';
import { defineFieldMap } from '../../ocsf/field-map.ts';
import { defineFamily } from '../../ocsf/table-family.ts';
import type { MessageSource } from '../../source.ts';
import type { Draft, EventTime, NativeFields, TimeContext } from '../../types.ts';
import { patientUid } from '../patient-id.ts';
import { entryOf } from '#kernel';
import { hl7Facts } from './facts.ts';
import { type Hl7Fault, isHl7Fault, parseHl7 } from './message.ts';
import { hl7Time } from './time.ts';

type Kind =
  | 'admission'
  | 'order'
  | 'result'
  | 'schedule'
  | 'document'
  | 'pharmacy'
  | 'billing'
  | 'immunisation'
  | 'referral'
  | 'problem'
  | 'other';

/** MSH-9.1 → what the message is about and the kind of record it touches. */
const KINDS: Readonly<Record<string, readonly [kind: Kind, record: string]>> = {
  ADT: ['admission', 'Encounter'],
  ORM: ['order', 'ServiceRequest'],
  OML: ['order', 'ServiceRequest'],
  OMG: ['order', 'ServiceRequest'],
  OMI: ['order', 'ServiceRequest'],
  ORU: ['result', 'Observation'],
  OUL: ['result', 'Observation'],
  SIU: ['schedule', 'Appointment'],
  SRM: ['schedule', 'Appointment'],
  MDM: ['document', 'DocumentReference'],
  RDE: ['pharmacy', 'MedicationRequest'],
  OMP: ['pharmacy', 'MedicationRequest'],
  RDS: ['pharmacy', 'MedicationDispense'],
  RAS: ['pharmacy', 'MedicationAdministration'],
  BAR: ['billing', 'Account'],
  DFT: ['billing', 'ChargeItem'],
  VXU: ['immunisation', 'Immunization'],
  REF: ['referral', 'ServiceRequest'],
  PPR: ['problem', 'Condition'],
};

/** Activities of Datastore Activity. */
const UPDATE = 2;
const QUERY = 4;
const CREATE = 6;
const DELETE = 7;

/** ADT triggers (v2.8 table 0003) that begin a record and that cancel or delete one; the others change one. */
const ADT_CREATE = new Set(['A01', 'A04', 'A05', 'A14', 'A15', 'A16', 'A28']);
const ADT_DELETE = new Set(['A11', 'A13', 'A23', 'A25', 'A26', 'A27', 'A29', 'A38']);
const SIU_CREATE = new Set(['S12', 'S26']);
const SIU_DELETE = new Set(['S15', 'S17']);
const MDM_CREATE = new Set(['T01', 'T02', 'T05', 'T06', 'T09', 'T10']);
const MDM_DELETE = new Set(['T11']);
const CANCELS = new Set(['CA', 'OC', 'DC', 'OD', 'CR', 'DE']);

const MAP = defineFieldMap(
  [
    ['MSH-3', 'actor.app_name'],
    ['EVN-5', 'actor.user.uid'],
    ['MSH-4', 'facility_uid'],
    ['MSH-5', 'database.name'],
    ['MSH-10', 'metadata.uid'],
    ['trigger', 'metadata.event_code'],
    ['visit_number', 'encounter_uid'],
  ],
  { 'metadata.product.name': 'HL7v2 interface', 'metadata.product.vendor_name': 'HL7' },
);

/**
 * A message is a change that one application makes in another's records: Datastore Activity (6005) with the application as
 * actor, the receiving application as store, and `audit_source.format` `hl7v2`, by which a feed is told from an access by a
 * person. What explains accesses stands in `unmapped` under the names of `hl7Facts`. Messages that name no sender or receiver
 * are Base Events with the same facts.
 */
const family = defineFamily<Kind>({
  name: 'hl7v2',
  title: 'HL7v2',
  maps: {
    admission: MAP,
    order: MAP,
    result: MAP,
    schedule: MAP,
    document: MAP,
    pharmacy: MAP,
    billing: MAP,
    immunisation: MAP,
    referral: MAP,
    problem: MAP,
    other: MAP,
  },
  kind: (fields) => kindAndRecord(fields)?.[0] ?? 'other',
  time: timeOf,
  fill(fields, draft) {
    draft.classUid = 6005;
    draft.severityId = 1;
    draft.activityId = activityOf(fields);
    // The sending application is who acts and where it comes from; the receiving one keeps the record.
    draft.set('src_endpoint.name', textAt(fields, 'MSH-3') ?? textAt(fields, 'MSH-4'));
    draft.set('audit_source.format', 'hl7v2');
    fillPatient(fields, draft);
    const record = kindAndRecord(fields)?.[1];
    if (record !== undefined) draft.set('record_types', [record]);
  },
});

function kindAndRecord(fields: NativeFields): readonly [Kind, string] | undefined {
  const type = textAt(fields, 'message_type') ?? '';
  return entryOf(KINDS, type);
}

function fillPatient(fields: NativeFields, draft: Draft): void {
  const id = textAt(fields, 'patient_id');
  if (id !== undefined) draft.set('patient.uid', patientUid(id, textAt(fields, 'patient_authority')));
}

/** EVN-6, when it occurred; else EVN-2, when it was recorded; else MSH-7, when it was sent. */
function timeOf(fields: NativeFields, context: TimeContext): EventTime | null {
  return hl7Time(fields['EVN-6'], context) ?? hl7Time(fields['EVN-2'], context) ?? hl7Time(fields['MSH-7'], context);
}

function activityOf(fields: NativeFields): number {
  const type = textAt(fields, 'message_type') ?? '';
  const trigger = textAt(fields, 'trigger') ?? '';
  const control = textAt(fields, 'order_control') ?? '';
  switch (kindAndRecord(fields)?.[0]) {
    case 'admission':
      return type === 'ADT' && trigger === 'A19' ? QUERY : choose(trigger, ADT_CREATE, ADT_DELETE);
    case 'schedule':
      return choose(trigger, SIU_CREATE, SIU_DELETE);
    case 'document':
      return choose(trigger, MDM_CREATE, MDM_DELETE);
    case 'order':
    case 'pharmacy':
      return control === 'NW' ? CREATE : CANCELS.has(control) ? DELETE : UPDATE;
    case 'result':
      return CREATE;
    case 'immunisation':
    case 'referral':
    case 'problem':
    case 'billing':
      return UPDATE;
    default:
      return 99;
  }
}

function choose(trigger: string, creates: ReadonlySet<string>, deletes: ReadonlySet<string>): number {
  return creates.has(trigger) ? CREATE : deletes.has(trigger) ? DELETE : UPDATE;
}

const REASONS: Readonly<Record<Hl7Fault, string>> = {
  no_header: 'the message does not begin with an MSH segment',
  bad_delimiters: 'MSH does not state usable delimiters',
  too_many_segments: 'the message has more segments than the limit',
};

/** A message, file or batch header at the beginning of a line or behind MLLP's start byte; the BOM may be cut as bytes. */
const START = /(?:^|[\r\n\v])(?:\ufeff|\u00ef\u00bb\u00bf)?(MSH|FHS|BHS)(?=[^A-Za-z0-9\s])/g;
const RECOGNISE = /^\s*(?:MSH|FHS|BHS)[^A-Za-z0-9\s][^A-Za-z0-9\s]{2}/;

/** HL7v2 messages in files, batches or MLLP frames. They say who is in whose care; they are not accesses by a person. */
export const hl7v2: MessageSource = {
  name: 'hl7v2',
  title: 'HL7v2 (ADT, orders, results, scheduling, documents, pharmacy, billing)',
  families: [family],
  oracle: '97 public messages; field by field against @medplum/core',
  shape: 'message',
  recognise: (head) => RECOGNISE.test(head.text),
  starts(text) {
    const starts = [...text.matchAll(START)].map((match) => match.index + match[0].length - 3);
    // What stands in front of the first header is a record too: it is kept as rejected, not passed over.
    const [first = text.length] = starts;
    return text.slice(0, first).replace(/^(?:\ufeff|\u00ef\u00bb\u00bf)|[\s]/g, '') === '' ? starts : [0, ...starts];
  },
  parse(text) {
    if (/^\s*(?:FHS|BHS|BTS|FTS)[^A-Za-z0-9\s]/.test(text)) return null;
    const message = parseHl7(text);
    if (isHl7Fault(message)) return { reject: 'bad_hl7', reason: REASONS[message] };
    return { family: 'hl7v2', fields: hl7Facts(message) };
  },
};
