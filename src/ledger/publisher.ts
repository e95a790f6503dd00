import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeError } from './errors.ts';
import type { Faults } from './faults.ts';
import { refuseMissingAnchor } from './anchor.ts';
import { replaceFile } from './files.ts';
import type { Layout } from './layout.ts';
import { TILE_WRITES_AT_ONCE } from './limits.ts';
import type { JournalReader } from './reader.ts';
import type { CheckpointSigner } from './signing.ts';
import { TileBuilder } from './tile-builder.ts';
import { TILE_WIDTH } from './tlog/tiles.ts';
import { TreeWriter, readTreeFile, removePartials } from './tree-files.ts';

export interface TreeHead {
  size: number;
  root: Buffer;
}

export interface PublisherOptions {
  layout: Layout;
  reader: JournalReader;
  /** Size of the last published checkpoint; 0 when there is none. */
  publishedSize: number;
  anchor: string | null;
  faults: Faults;
}

/**
 * Follows the journal: writes the tiles and bundles of what is durable, then signs and publishes the
 * checkpoint. Never on the acknowledgement path. After a failure it starts again from the last checkpoint.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  #publishedSize: number;
  #builder: TileBuilder | null = null;
  #writer: TreeWriter;
  #full: string[] = [];

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#publishedSize = options.publishedSize;
    this.#writer = new TreeWriter(options.layout.tree, options.faults);
  }

  get publishedSize(): number {
    return this.#publishedSize;
  }

  /**
   * Publishes the tree head; gives the signed checkpoint. Not to be called again before it has ended.
   * @throws {LedgerError} `anchor_missing`, `disk_full`, `write_failed`, `corrupt`; the published tree is then as before.
   */
  async publish(head: TreeHead, signer: CheckpointSigner): Promise<string> {
    const { anchor } = this.#options;
    if (anchor !== null) refuseMissingAnchor(anchor);
    try {
      await this.#writeTiles(head.size);
    } catch (error) {
      this.#builder = null;
      this.#writer = new TreeWriter(this.#options.layout.tree, this.#options.faults);
      this.#full = [];
      throw error;
    }
    const checkpoint = signer.sign(head);
    this.#writeCheckpoint(checkpoint);
    this.#publishedSize = head.size;
    for (const path of this.#full) removePartials(this.#options.layout.tree, path);
    this.#full = [];
    return checkpoint;
  }

  async #writeTiles(size: number): Promise<void> {
    const { reader, layout } = this.#options;
    const emit = (file: { path: string; width: number; bytes: Buffer }): void => {
      this.#writer.add(file);
      if (file.width === TILE_WIDTH) this.#full.push(file.path);
    };
    this.#builder ??= TileBuilder.restore(this.#publishedSize, (path) => readTreeFile(layout.tree, path), emit);
    // Partial tiles that are gone are built again from the journal, together with all others.
    this.#builder ??= new TileBuilder(emit);
    for (const { frame } of reader.frames(this.#builder.size, size)) {
      this.#builder.append(frame.leaves, frame.leafHashes);
      if (this.#writer.waiting >= TILE_WRITES_AT_ONCE) await this.#writer.flush();
      else await nextTurn();
    }
    for (const file of this.#builder.partials()) this.#writer.add({ ...file, bytes: Buffer.from(file.bytes) });
    await this.#writer.flush();
    this.#writer.syncDirectories();
  }

  #writeCheckpoint(checkpoint: string): void {
    const { layout, anchor, faults } = this.#options;
    const fault = faults('checkpoint-write', checkpoint.length);
    if (fault !== null) throw writeError(fault.error, 'the checkpoint');
    replaceFile(layout.checkpoint, checkpoint);
    if (anchor !== null) replaceFile(anchor, checkpoint);
  }
}
