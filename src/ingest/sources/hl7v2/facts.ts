import { put } from '../../ocsf/native.ts';
import type { NativeFields } from '../../types.ts';
import { authorityOf, patientUid } from '../patient-id.ts';
import {
  componentOf,
  type Hl7Message,
  type Hl7Segment,
  repetitionsOf,
  segmentNamed,
  segmentsNamed,
  subcomponentOf,
  textIn,
} from './message.ts';

/** Items of one list of facts; a message about more patients or orders keeps the rest in its raw form. */
export const HL7_FACTS_MAX = 200;

/** Native names with their place: the first subcomponent of the component in the first repetition, by segment. */
const PLACES: readonly (readonly [segment: string, places: readonly Place[]])[] = [
  [
    'MSH',
    [
      ['MSH-3', 3, 1],
      ['MSH-4', 4, 1],
      ['MSH-5', 5, 1],
      ['MSH-6', 6, 1],
      ['MSH-7', 7, 1],
      ['MSH-9.1', 9, 1],
      ['MSH-9.2', 9, 2],
      ['MSH-9.3', 9, 3],
      ['MSH-10', 10, 1],
      ['MSH-11', 11, 1],
      ['MSH-12', 12, 1],
    ],
  ],
  [
    'EVN',
    [
      ['EVN-2', 2, 1],
      ['EVN-4', 4, 1],
      ['EVN-5', 5, 1],
      ['EVN-6', 6, 1],
    ],
  ],
  [
    'PID',
    [
      ['PID-5.1', 5, 1],
      ['PID-5.2', 5, 2],
      ['PID-7', 7, 1],
      ['PID-11.1', 11, 1],
      ['PID-11.3', 11, 3],
      ['PID-11.5', 11, 5],
      ['PID-18', 18, 1],
      ['PID-29', 29, 1],
      ['PID-30', 30, 1],
    ],
  ],
  [
    'PV1',
    [
      ['PV1-2', 2, 1],
      ['PV1-3.1', 3, 1],
      ['PV1-3.2', 3, 2],
      ['PV1-3.3', 3, 3],
      ['PV1-3.4', 3, 4],
      ['PV1-6.1', 6, 1],
      ['PV1-10', 10, 1],
      ['PV1-16', 16, 1],
      ['PV1-19', 19, 1],
      ['PV1-36', 36, 1],
      ['PV1-44', 44, 1],
      ['PV1-45', 45, 1],
    ],
  ],
  [
    'SCH',
    [
      ['SCH-1', 1, 1],
      ['SCH-2', 2, 1],
      ['SCH-25', 25, 1],
    ],
  ],
  [
    'TXA',
    [
      ['TXA-2', 2, 1],
      ['TXA-12', 12, 1],
    ],
  ],
];
type Place = readonly [name: string, field: number, component: number];

/**
 * Who is in whose care, where and since when, as one message states it. Native names hold what stands at their place;
 * the other fields are facts in words, each left out when the message does not state it. Diagnoses, results and notes are not
 * taken: they stay in the raw form alone.
 */
export function hl7Facts(message: Hl7Message): NativeFields {
  const fields: NativeFields = {};
  for (const [name, places] of PLACES) {
    const segment = segmentNamed(message, name);
    if (segment === undefined) continue;
    for (const [place, field, component] of places) add(fields, place, textIn(message, segment, field, component));
  }
  addMessageFacts(fields);
  addPatientFacts(fields, message);
  addCareFacts(fields, message);
  addOrderFacts(fields, message);
  addRelations(fields, message);
  return fields;
}

function addMessageFacts(fields: NativeFields): void {
  add(fields, 'message_type', fields['MSH-9.1']);
  add(fields, 'trigger', fields['MSH-9.2']);
  add(fields, 'visit_number', fields['PV1-19']);
  add(fields, 'location', fields['PV1-3.1']);
  add(fields, 'prior_location', fields['PV1-6.1']);
}

function addPatientFacts(fields: NativeFields, message: Hl7Message): void {
  const pid = segmentNamed(message, 'PID');
  const ids = identifiersIn(message, pid, 3);
  // PID-2 and PID-4 held identifiers before v2.3.1; they count where PID-3 is empty.
  const [first] = ids.length > 0 ? ids : [...identifiersIn(message, pid, 2), ...identifiersIn(message, pid, 4)];
  if (first === undefined) return;
  add(fields, 'patient_id', first.id);
  add(fields, 'patient_authority', first.authority);
  add(fields, 'patient_ids', ids.length > 1 ? ids.map(({ id, authority }) => patientUid(id, authority)) : undefined);
  addMerges(fields, message);
}

interface Identifier {
  id: string;
  authority: string | undefined;
}

/** The CX identifiers of a field: id in component 1, assigning authority in component 4. */
function identifiersIn(message: Hl7Message, segment: Hl7Segment | undefined, field: number): Identifier[] {
  return repetitionsOf(message, segment, field).flatMap((repetition) => {
    const id = subcomponentOf(message, componentOf(message, repetition, 1), 1);
    const hd = componentOf(message, repetition, 4);
    const [namespace, universal, type] = [1, 2, 3].map((number) => subcomponentOf(message, hd, number));
    return id === '' ? [] : [{ id, authority: authorityOf(namespace ?? '', universal ?? '', type ?? '') }];
  });
}

/**
 * Each MRG belongs to the PID before it: its identifier ceases to be a patient of its own. In messages that move a visit or
 * account (A45, A50) MRG has no patient identifier, and nothing is merged.
 */
function addMerges(fields: NativeFields, message: Hl7Message): void {
  if (segmentNamed(message, 'MRG') === undefined) return;
  const merges: NativeFields[] = [];
  let surviving: string | undefined;
  for (const segment of message.segments) {
    if (merges.length >= HL7_FACTS_MAX) break;
    if (segment.name !== 'PID' && segment.name !== 'MRG') continue;
    const [id] = identifiersIn(message, segment, segment.name === 'PID' ? 3 : 1);
    if (segment.name === 'PID') surviving = id === undefined ? undefined : patientUid(id.id, id.authority);
    else if (id !== undefined && surviving !== undefined) {
      if (merges.length === 0) {
        add(fields, 'merged_patient_id', id.id);
        add(fields, 'merged_patient_authority', id.authority);
      }
      merges.push({ patient: surviving, prior: patientUid(id.id, id.authority) });
    }
  }
  add(fields, 'merges', merges);
}

/** Clinicians of PV1 by their part in the stay. */
const CLINICIANS = [
  ['attending', 7],
  ['referring', 8],
  ['consulting', 9],
  ['admitting', 17],
] as const;

function addCareFacts(fields: NativeFields, message: Hl7Message): void {
  const pv1 = segmentNamed(message, 'PV1');
  for (const [part, field] of CLINICIANS) {
    const people = peopleIn(message, pv1, field);
    add(fields, part, people[0]?.['id']);
    add(fields, `${part}_name`, people[0]?.['name']);
    add(fields, `${part}_all`, people.length > 1 ? people : undefined);
  }
  add(fields, 'appointment_start', textIn(message, segmentNamed(message, 'SCH'), 11, 4));
  add(
    fields,
    'resources',
    lists(message, 'AIP', (segment) => peopleIn(message, segment, 3)),
  );
  add(
    fields,
    'locations',
    lists(message, 'AIL', (segment) => wordsOf(textIn(message, segment, 3))),
  );
  add(fields, 'authors', peopleIn(message, segmentNamed(message, 'TXA'), 9));
}

function addOrderFacts(fields: NativeFields, message: Hl7Message): void {
  const orders = segmentsNamed(message, 'ORC').slice(0, HL7_FACTS_MAX);
  const requests = segmentsNamed(message, 'OBR').slice(0, HL7_FACTS_MAX);
  add(fields, 'order_control', textIn(message, orders[0], 1));
  const numbers = [...orders, ...requests].flatMap((segment) =>
    [textIn(message, segment, 2), textIn(message, segment, 3)].filter((number) => number !== ''),
  );
  add(fields, 'orders', [...new Set(numbers)]);
  const ordering = [
    ...orders.flatMap((segment) => peopleIn(message, segment, 12)),
    ...requests.flatMap((segment) => peopleIn(message, segment, 16)),
  ];
  add(fields, 'ordering', distinct(ordering));
  add(fields, 'interpreters', distinct(requests.flatMap((segment) => interpretersIn(message, segment))));
}

/** OBR-32 is an NDL: the person stands in subcomponents of its first component. */
function interpretersIn(message: Hl7Message, segment: Hl7Segment): NativeFields[] {
  return repetitionsOf(message, segment, 32).flatMap((repetition) => {
    const person = componentOf(message, repetition, 1);
    const [id, family, given] = [1, 2, 3].map((number) => subcomponentOf(message, person, number));
    return personOf(id ?? '', family ?? '', given ?? '');
  });
}

/** Family and household: next of kin and guarantor by name, for the explanation of access by a relative. */
function addRelations(fields: NativeFields, message: Hl7Message): void {
  add(
    fields,
    'kin',
    lists(message, 'NK1', (segment) => namesIn(message, segment, 2, 3)),
  );
  add(
    fields,
    'guarantors',
    lists(message, 'GT1', (segment) => namesIn(message, segment, 3, 11)),
  );
}

function namesIn(message: Hl7Message, segment: Hl7Segment, field: number, relation: number): NativeFields[] {
  const [family, given] = [textIn(message, segment, field, 1), textIn(message, segment, field, 2)];
  if (family === '') return [];
  const kin = textIn(message, segment, relation);
  return [{ family, ...(given === '' ? {} : { given }), ...(kin === '' ? {} : { relation: kin }) }];
}

/** XCN: id in component 1, family and given name in 2 and 3. */
function peopleIn(message: Hl7Message, segment: Hl7Segment | undefined, field: number): NativeFields[] {
  return repetitionsOf(message, segment, field).flatMap((repetition) => {
    const [id, family, given] = [1, 2, 3].map((number) =>
      subcomponentOf(message, componentOf(message, repetition, number), 1),
    );
    return personOf(id ?? '', family ?? '', given ?? '');
  });
}

function personOf(id: string, family: string, given: string): NativeFields[] {
  const name = [given, family].filter((part) => part !== '').join(' ');
  if (id === '' && name === '') return [];
  return [{ ...(id === '' ? {} : { id }), ...(name === '' ? {} : { name }) }];
}

function lists<T>(message: Hl7Message, name: string, items: (segment: Hl7Segment) => T[]): T[] {
  const segments = segmentsNamed(message, name);
  return segments.length === 0 ? [] : segments.slice(0, HL7_FACTS_MAX).flatMap(items);
}

function wordsOf(text: string): string[] {
  return text === '' ? [] : [text];
}

function distinct(people: readonly NativeFields[]): NativeFields[] {
  return [...new Map(people.map((person) => [JSON.stringify(person), person])).values()];
}

function add(fields: NativeFields, name: string, value: unknown): void {
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return;
  put(fields, name, Array.isArray(value) ? value.slice(0, HL7_FACTS_MAX) : value);
}
