import type { OwnRecord } from './own-record.ts';
import { createSigningKeys, destroySigningKeys } from './signing.ts';
import type { SigningGeneration } from './manifest.ts';
import type { Store } from './store.ts';
import type { Writer } from './writer.ts';

/** Gives the log new signing keys. From the manifest that names them on, a crash leaves the rest to `resume`. */
export class Rotation {
  readonly #store: Store;
  readonly #writer: Writer;
  readonly #record: OwnRecord;

  constructor(store: Store, writer: Writer, record: OwnRecord) {
    this.#store = store;
    this.#writer = writer;
    this.#record = record;
  }

  /** Makes the keys of the next generation and retires those before it; gives the new public keys. */
  async rotate(): Promise<string[]> {
    const { layout, origin, master, world, manifest } = this.#store;
    const generation = Math.max(...manifest.signing.map((one) => one.generation)) + 1;
    const nowMs = this.#record.nowMs();
    const keysDir = layout.keys;
    const { publicKeys } = createSigningKeys({ keysDir, generation, origin, master, random: world.random, nowMs });
    this.#record.step();
    this.#store.saveManifest({ signing: [...manifest.signing, publicKeys] });
    this.#record.step();
    await this.#retireOldKeys();
    return vkeysOf(publicKeys);
  }

  /** Finishes a rotation that a crash interrupted. */
  async resume(): Promise<void> {
    if (this.#active().length > 1) await this.#retireOldKeys();
    this.#destroyRetired();
  }

  /** Publishes once under all generations, then destroys the private keys of all but the newest. */
  async #retireOldKeys(): Promise<void> {
    const active = this.#active();
    const newest = active.at(-1);
    if (newest === undefined) return;
    const { generation } = newest;
    const uid = `keys/${generation}`;
    if (!this.#record.isLast(uid))
      await this.#record.append({ kind: 'keys_rotated', generation, vkeys: vkeysOf(newest) }, uid);
    this.#record.step();
    this.#writer.signWith(active.map((one) => one.generation));
    await this.#writer.publish();
    this.#record.step();
    this.#writer.signWith([generation]);
    const retiredMs = this.#record.nowMs();
    const isOld = (one: SigningGeneration): boolean => one.retiredMs === null && one.generation !== generation;
    const signing = this.#store.manifest.signing.map((one) => (isOld(one) ? { ...one, retiredMs } : one));
    this.#store.saveManifest({ signing });
    this.#record.step();
    this.#destroyRetired();
  }

  /** Also what a crash left behind of generations that were retired before. */
  #destroyRetired(): void {
    for (const { generation, retiredMs } of this.#store.manifest.signing) {
      if (retiredMs === null) continue;
      destroySigningKeys(this.#store.layout.keys, generation);
      this.#record.step();
    }
  }

  /** The generations that sign, oldest first. */
  #active(): SigningGeneration[] {
    return this.#store.manifest.signing
      .filter((one) => one.retiredMs === null)
      .toSorted((a, b) => a.generation - b.generation);
  }
}

function vkeysOf(generation: SigningGeneration): string[] {
  return [generation.ed25519, generation.mldsa];
}
