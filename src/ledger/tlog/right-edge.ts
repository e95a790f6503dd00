import { invariant } from '#kernel';
import { TlogError } from './errors.ts';
import { EMPTY_ROOT, HASH_BYTES, hashTree, nodeHash, parentInto } from './hash.ts';
import { TREE_SIZE_MAX } from './sizes.ts';

/** One full subtree for each bit of a size that a number holds exactly. */
const NODES_MAX = 54;
/** Leaves that are hashed as one subtree when many arrive at once. */
const SUBTREE_LEAVES_MAX = 256;

/**
 * The right edge of a growing tree: the roots of its full subtrees from large to small (a compact
 * range), all that an append or a root needs. 32 bytes for each set bit of the size.
 */
export class RightEdge {
  /** One slot more than nodes: an arriving leaf stands behind its left neighbour before they merge. */
  readonly #nodes = Buffer.alloc((NODES_MAX + 1) * HASH_BYTES);
  #count = 0;
  #size = 0;

  /** Number of leaves. */
  get size(): number {
    return this.#size;
  }

  /** Appends the 32-byte hash of one leaf. */
  append(leafHash: Uint8Array): void {
    invariant(leafHash.length === HASH_BYTES, 'a leaf hash has 32 bytes');
    this.#nodes.set(leafHash, this.#count * HASH_BYTES);
    this.#merge();
  }

  /** Appends n leaf hashes that lie one behind the other (n·32 bytes). */
  appendMany(hashes: Buffer): void {
    invariant(hashes.length % HASH_BYTES === 0, 'leaf hashes have 32 bytes each');
    const count = hashes.length / HASH_BYTES;
    for (let from = 0; from < count;) {
      const leaves = fullSubtree(this.#size, count - from);
      const subtree = hashes.subarray(from * HASH_BYTES, (from + leaves) * HASH_BYTES);
      this.#nodes.set(leaves === 1 ? subtree : hashTree(subtree), this.#count * HASH_BYTES);
      this.#merge(leaves);
      from += leaves;
    }
  }

  /** The tree's root, 32 bytes; `EMPTY_ROOT` when it has no leaves. */
  root(): Buffer {
    if (this.#count === 0) return Buffer.from(EMPTY_ROOT);
    let root: Buffer = Buffer.from(this.#node(this.#count - 1));
    for (let i = this.#count - 2; i >= 0; i--) root = nodeHash(this.#node(i), root);
    return root;
  }

  /** A copy that grows on its own. */
  clone(): RightEdge {
    return RightEdge.restore(this.#size, this.serialise());
  }

  /** The roots of the full subtrees from large to small, 32 bytes each. The size is kept by the caller. */
  serialise(): Buffer {
    return Buffer.from(this.#nodes.subarray(0, this.#count * HASH_BYTES));
  }

  /**
   * The edge of a tree of `size` leaves from what `serialise` gave.
   * @throws {TlogError} `limit` for a size that a number does not hold exactly, `malformed` when the
   * number of hashes does not fit the size.
   */
  static restore(size: number, hashes: Uint8Array): RightEdge {
    if (!Number.isSafeInteger(size) || size < 0 || size > TREE_SIZE_MAX) {
      throw new TlogError('limit', 'the size of a tree is a whole number below 2^53');
    }
    const count = setBits(size);
    if (hashes.length !== count * HASH_BYTES) {
      throw new TlogError('malformed', `the right edge of a tree of ${size} leaves has ${count} hashes`);
    }
    const edge = new RightEdge();
    edge.#nodes.set(hashes, 0);
    edge.#count = count;
    edge.#size = size;
    return edge;
  }

  #node(i: number): Buffer {
    return this.#nodes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
  }

  /** Counts the root of `leaves` leaves behind the last node in, like a carry in a binary counter. */
  #merge(leaves = 1): void {
    invariant(this.#size + leaves <= TREE_SIZE_MAX, 'a tree stays below 2^53 leaves');
    let top = this.#count * HASH_BYTES;
    for (let carry = this.#size / leaves; carry % 2 === 1; carry = (carry - 1) / 2) {
      top -= HASH_BYTES;
      parentInto(this.#nodes, top, this.#nodes, top);
    }
    this.#count = top / HASH_BYTES + 1;
    this.#size += leaves;
  }
}

/** Leaves of the largest subtree, within a tile, that begins at `size` and needs no more than `count`. */
function fullSubtree(size: number, count: number): number {
  let leaves = 1;
  while (leaves < SUBTREE_LEAVES_MAX && size % (leaves * 2) === 0 && leaves * 2 <= count) leaves *= 2;
  return leaves;
}

function setBits(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
