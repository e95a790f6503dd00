import type { Draft, EventTime, Family, MapContext, NativeFields, TimeContext } from '../types.ts';
import { kindOf } from './draft.ts';
import type { FieldMap } from './field-map.ts';

/** A family whose kinds each have one field map, and a function for what a table cannot say. */
export interface TableFamily<Kind extends string> {
  readonly name: string;
  readonly title: string;
  readonly maps: Readonly<Record<Kind, FieldMap>>;
  kind(fields: NativeFields): Kind;
  time(fields: NativeFields, context: TimeContext): EventTime | null;
  /** Class, activity, status, severity and derived attributes; the table has been applied. */
  fill(fields: NativeFields, draft: Draft, kind: Kind, context: MapContext): void;
}

/** The family that its tables describe; the inverse view comes from them too. */
export function defineFamily<Kind extends string>(table: TableFamily<Kind>): Family {
  const maps = new Map<string, FieldMap>(Object.entries<FieldMap>(table.maps));
  return {
    name: table.name,
    title: table.title,
    kind: (fields) => table.kind(fields),
    time: (fields, context) => table.time(fields, context),
    map(fields, draft, context) {
      const kind = table.kind(fields);
      table.maps[kind].apply(fields, draft);
      table.fill(fields, draft, kind, context);
    },
    unmap(event) {
      const map = maps.get(kindOf(event));
      return map === undefined ? { ...event.unmapped } : map.unmap(event);
    },
  };
}
