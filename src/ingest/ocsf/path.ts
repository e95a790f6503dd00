/** An object that a dotted path leads into. */
export type Tree = Record<string, unknown>;
export type Setter = (root: Tree, value: unknown) => void;
export type Getter = (root: Tree) => unknown;

/** Whether a value is an object or an array, whose members a path may name. */
function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

/** What a setter must know of the objects on its way, one entry for each but the last segment. */
export type Zeros = readonly (readonly string[])[];

/** The object at `key`, made where it is missing, with the enums that it requires at 0, Unknown. */
function step(parent: Tree, key: string, next: string, zeros: readonly string[]): Tree {
  const child = parent[key];
  if (isTree(child)) return child;
  if (next === '0') return makeArray(parent, key);
  const made: Tree = {};
  for (const name of zeros) made[name] = 0;
  parent[key] = made;
  return made;
}

function makeArray(parent: Tree, key: string): Tree {
  const made: unknown = [];
  parent[key] = made;
  return isTree(made) ? made : {};
}

const NONE: readonly string[] = [];

/**
 * `a.b.c` as a function that writes it, making the objects on the way; a segment `0` is the first item of an array.
 * `zeros` names, for each object on the way, the attributes that start at 0.
 */
export function compileSetter(path: string, zeros: Zeros): Setter {
  return setterOf(path.split('.'), zeros);
}

function setterOf(keys: readonly string[], zeros: Zeros): Setter {
  const [a = '', b, c, d] = keys;
  const [zeroA = NONE, zeroB = NONE] = zeros;
  if (b === undefined) return (root, value) => void (root[a] = value);
  if (c === undefined) return (root, value) => void (step(root, a, b, zeroA)[b] = value);
  if (d === undefined) return (root, value) => void (step(step(root, a, b, zeroA), b, c, zeroB)[c] = value);
  const deep = setterOf(keys.slice(2), zeros.slice(2));
  return (root, value) => deep(step(step(root, a, b, zeroA), b, c, zeroB), value);
}

/** `a.b.c` as a function that reads it; undefined where something on the way is missing. */
export function compileGetter(path: string): Getter {
  const keys = path.split('.');
  return (root) => {
    let at: unknown = root;
    for (const key of keys) {
      if (!isTree(at)) return undefined;
      at = at[key];
    }
    return at;
  };
}
