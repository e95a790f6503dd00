import type {
  SchemaPart,
  SchemaSource,
  SourceAttribute,
  SourceItem,
  SourceProfile,
  SourceType,
} from './read-schema.ts';

/** An attribute with everything that it inherits. */
export interface Attribute {
  /** A type of the dictionary (`string_t`) or the name of an object. */
  type: string;
  isArray: boolean;
  required: boolean;
  /** The profiles that bring it, comma-separated; null when the class or object has it anyway. */
  profile: string | null;
  enum: string[] | null;
}

export interface Item {
  name: string;
  /** With its extension in front; 0 for the base event; null for objects. */
  uid: number | null;
  deprecated: boolean;
  attributes: Map<string, Attribute>;
  constraints: Record<string, string[]>;
}

export interface Schema {
  version: string;
  classes: Item[];
  objects: Item[];
  types: Map<string, SourceType>;
  profiles: string[];
}

interface Flat {
  attributes: Map<string, SourceAttribute>;
  constraints: Record<string, string[]>;
  category: string;
}

/**
 * Resolves inheritance (`extends`), inclusion (`$include`), the dictionary, patches (an extension's item that extends
 * the name it has), profiles, and the `…_dt` twin that the profile `datetime` gives every timestamp.
 */
export function resolveSchema(source: SchemaSource): Schema {
  const resolver = new Resolver(source);
  return {
    version: source.version,
    classes: resolver.classes().toSorted((a, b) => (a.uid ?? 0) - (b.uid ?? 0)),
    objects: resolver.objects().toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    types: resolver.types,
    profiles: source.parts
      .flatMap((part) => [...part.profiles.values()].map((item) => profileName(part, item)))
      .toSorted(),
  };
}

/** A profile of a platform extension carries its extension in front; ours is known by its bare name. */
function profileName(part: SchemaPart, profile: SourceProfile): string {
  return part.uid === 0 || part.uid === 999 ? profile.name : `${part.name}/${profile.name}`;
}

class Resolver {
  readonly types = new Map<string, SourceType>();
  readonly #source: SchemaSource;
  readonly #dictionary = new Map<string, SourceAttribute>();

  constructor(source: SchemaSource) {
    this.#source = source;
    for (const { dictionary } of source.parts) {
      for (const [name, attribute] of Object.entries(dictionary.attributes)) {
        if (this.#dictionary.has(name)) throw new Error(`${name} stands in two dictionaries`);
        this.#dictionary.set(name, attribute);
      }
      for (const [name, type] of Object.entries(dictionary.types?.attributes ?? {})) this.types.set(name, type);
    }
  }

  classes(): Item[] {
    return this.#items('events').map(({ part, item, flat }) => {
      const category = this.#source.categories.get(flat.category) ?? 0;
      const uid = item.name === 'base_event' ? 0 : part.uid * 100_000 + category * 1000 + (item.uid ?? 0);
      return this.#finish(item, flat, uid);
    });
  }

  objects(): Item[] {
    return this.#items('objects').map(({ item, flat }) => this.#finish(item, flat, null));
  }

  #items(kind: 'events' | 'objects'): { part: SchemaPart; item: SourceItem; flat: Flat }[] {
    const all = this.#source.parts.flatMap((part) => part[kind].map((item) => ({ part, item })));
    const named = all.filter(({ item }) => !isPatch(item));
    const concrete = named.filter(
      ({ item }) => kind === 'objects' || item.uid !== undefined || item.name === 'base_event',
    );
    return concrete.map(({ part, item }) => ({ part, item, flat: this.#flatten(kind, `${item.name}`) }));
  }

  #flatten(kind: 'events' | 'objects', name: string): Flat {
    const versions = this.#source.parts.flatMap((part) =>
      part[kind]
        .filter((item) => item.name === name || (isPatch(item) && item.extends === name))
        .map((item) => ({ part, item })),
    );
    const own = versions.find(({ item }) => !isPatch(item));
    if (own === undefined) throw new Error(`nothing is called ${name}`);
    const parent = own.item.extends === undefined ? null : this.#flatten(kind, own.item.extends);
    const flat: Flat = {
      attributes: new Map(parent?.attributes),
      constraints: { ...parent?.constraints },
      category: own.item.category ?? parent?.category ?? 'other',
    };
    for (const { part, item } of versions) this.#overlay(flat, part, item);
    return flat;
  }

  #overlay(flat: Flat, part: SchemaPart, item: SourceItem): void {
    const { $include: paths = [], ...own } = item.attributes;
    for (const path of paths) {
      const profile = part.profiles.get(path) ?? this.#source.parts[0]?.profiles.get(path);
      if (profile === undefined) throw new Error(`nothing to include at ${path}`);
      const name = profileName(part.profiles.has(path) ? part : (this.#source.parts[0] ?? part), profile);
      for (const [key, attribute] of Object.entries(profile.attributes)) include(flat.attributes, key, name, attribute);
    }
    for (const [key, attribute] of Object.entries(own)) merge(flat.attributes, key, attribute);
    if (item.constraints !== undefined) flat.constraints = item.constraints;
  }

  #finish(item: SourceItem, flat: Flat, uid: number | null): Item {
    const attributes = new Map<string, Attribute>();
    for (const [name, own] of flat.attributes) {
      const attribute = this.#attribute(name, own);
      attributes.set(name, attribute);
      if (attribute.type === 'timestamp_t')
        attributes.set(`${name}_dt`, { ...attribute, type: 'datetime_t', required: false, profile: 'datetime' });
    }
    if (uid !== null) fixClassification(attributes, uid);
    if (item.name === 'observable') addValues(attributes, 'type_id', this.#observables());
    return {
      name: `${item.name}`,
      uid,
      deprecated: item['@deprecated'] !== undefined,
      attributes: new Map([...attributes].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      constraints: flat.constraints,
    };
  }

  /** What may be observed is said where it is defined: at types, attributes and objects all over the schema. */
  #observables(): number[] {
    const all: { observable?: number }[] = [...this.types.values(), ...this.#dictionary.values()];
    for (const { events, objects } of this.#source.parts)
      for (const item of [...events, ...objects]) all.push(item, ...attributesOf(item));
    const numbers = all.flatMap(({ observable }) => observable ?? []);
    return [...new Set(numbers)].toSorted((a, b) => a - b);
  }

  #attribute(name: string, own: SourceAttribute): Attribute {
    const general = this.#dictionary.get(name);
    const type = own.type ?? general?.type;
    if (type === undefined) throw new Error(`the dictionary has no ${name}`);
    const values = { ...general?.enum, ...own.enum };
    return {
      type,
      isArray: own.is_array ?? general?.is_array ?? false,
      required: own.requirement === 'required',
      profile: own.profile ?? null,
      enum: Object.keys(values).length === 0 ? null : Object.keys(values),
    };
  }
}

function attributesOf(item: SourceItem): SourceAttribute[] {
  const { $include: _, ...own } = item.attributes;
  return Object.values(own);
}

function addValues(attributes: Map<string, Attribute>, name: string, values: number[]): void {
  const attribute = attributes.get(name);
  if (attribute === undefined) throw new Error(`no attribute ${name} to add values to`);
  const all = new Set([...(attribute.enum ?? []).map(Number), ...values]);
  attributes.set(name, { ...attribute, enum: [...all].toSorted((a, b) => a - b).map(String) });
}

function isPatch(item: SourceItem): boolean {
  return item.name === undefined || item.name === item.extends;
}

function merge(into: Map<string, SourceAttribute>, name: string, own: SourceAttribute): void {
  const before = into.get(name);
  const both = { ...before, ...own };
  if (before?.enum !== undefined && own.enum !== undefined) both.enum = { ...before.enum, ...own.enum };
  into.set(name, both);
}

/** An attribute that a profile brings; one that is there already without a profile stays so, two profiles are listed. */
function include(into: Map<string, SourceAttribute>, name: string, profile: string, own: SourceAttribute): void {
  const before = into.get(name);
  const others = typeof before?.profile === 'string' ? before.profile.split(',') : [];
  const all = [...new Set([...others, profile])].join(',');
  merge(into, name, before !== undefined && others.length === 0 ? own : { ...own, profile: all });
}

/** The numbers that name a class are enums of one value, which the sources leave to be computed. */
function fixClassification(attributes: Map<string, Attribute>, uid: number): void {
  const set = (name: string, values: number[]): void => {
    const attribute = attributes.get(name);
    if (attribute !== undefined) attributes.set(name, { ...attribute, enum: values.map(String) });
  };
  const activities = attributes.get('activity_id')?.enum ?? [];
  set('class_uid', [uid]);
  set('category_uid', [Math.floor((uid % 100_000) / 1000)]);
  set(
    'type_uid',
    activities.map((activity) => uid * 100 + Number(activity)),
  );
}
