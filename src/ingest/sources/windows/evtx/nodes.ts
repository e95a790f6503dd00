/** A piece of a BinXML fragment: text, a place for a value, an element, or a whole template with its values. */
export type Node = string | Substitution | Element | Instance;

export interface Substitution {
  readonly kind: 'substitution';
  readonly index: number;
  /** Left out, with the attribute around it, when the value is null. */
  readonly isOptional: boolean;
}

export interface Element {
  readonly kind: 'element';
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly children: readonly Node[];
}

export interface Attribute {
  readonly name: string;
  readonly value: readonly (string | Substitution)[];
}

export interface Instance {
  readonly kind: 'instance';
  readonly template: readonly Node[];
  readonly values: readonly Value[];
}

/** A value by its type and its place in the chunk. */
export interface Value {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}
