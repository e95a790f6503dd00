/** An object that a dotted path leads into. */
export type Tree = Record<string, unknown>;
export type Setter = (root: Tree, value: unknown) => void;
export type Getter = (root: Tree) => unknown;

/** Whether a value is an object or an array, whose members a path may name. */
function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

function step(parent: Tree, key: string, next: string): Tree {
  const child = parent[key];
  if (isTree(child)) return child;
  const made: unknown = next === '0' ? [] : {};
  parent[key] = made;
  return isTree(made) ? made : {};
}

/** `a.b.c` as a function that writes it, making the objects on the way; a segment `0` is the first item of an array. */
export function compileSetter(path: string): Setter {
  const [a = '', b, c, ...rest] = path.split('.');
  if (b === undefined) return (root, value) => void (root[a] = value);
  if (c === undefined) return (root, value) => void (step(root, a, b)[b] = value);
  const d = rest[0];
  if (d === undefined) return (root, value) => void (step(step(root, a, b), b, c)[c] = value);
  const deep = compileSetter([c, ...rest].join('.'));
  return (root, value) => deep(step(step(root, a, b), b, c), value);
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
