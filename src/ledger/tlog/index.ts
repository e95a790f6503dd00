export { type Checkpoint, type TreeHead, formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
export { TlogError, type TlogErrorCode } from './errors.ts';
export { EMPTY_ROOT, HASH_BYTES, hashTree, leafHash, leafHashInto, leafHashesInto, nodeHash } from './hash.ts';
export { type KeyKind, type VerifierKey, parseVkey, verifierKey, verifierKeyOf } from './keys.ts';
export {
  LEAF_BYTES,
  LEAF_VERSION,
  type Leaf,
  SALT_BYTES,
  commitment,
  decodeLeaf,
  encodeLeaf,
  encodeLeafInto,
  partHash,
  partNumber,
} from './leaf.ts';
export { verifyConsistency, verifyInclusion, verifySubtreeConsistency, verifySubtreeInclusion } from './merkle.ts';
export { type Note, type NoteVerdict, joinNote, openNote, parseNote, parseSignatureLines, signNote } from './note.ts';
export {
  type Openings,
  encodeOpenings,
  looksLikeOpenings,
  makeOpenings,
  openingsPath,
  parseOpenings,
} from './openings.ts';
export { type Policy, parsePolicy, policyOfKeys } from './policy.ts';
export { type TlogProof, encodeProof, parseProof, verifyProof } from './proof.ts';
export {
  type HashSource,
  type ReadTile,
  consistencyProof,
  consistencyTiles,
  inclusionProof,
  inclusionTiles,
  rightEdgeFromTiles,
  rootFromTiles,
  subtreeConsistencyProof,
  tileSource,
} from './prove.ts';
export { RECEIPT_SUFFIX, compactReceipt, encodeReceipt, parseReceipt } from './receipt.ts';
export { RightEdge } from './right-edge.ts';
export { type NoteSigner, createNoteSigner, subtreeMessage } from './signature.ts';
export { TREE_SIZE_MAX } from './sizes.ts';
export {
  TILE_WIDTH,
  type TileRef,
  decodeEntryBundle,
  encodeEntryBundle,
  entryBundlePath,
  parseTilePath,
  tileAt,
  tileBytes,
  tilePath,
  tilesForGrowth,
  tilesForSize,
} from './tiles.ts';
export { type CheckpointVerdict, verifyCheckpoint } from './trust.ts';
export { type ReceiptStep, type ReceiptVerdict, verifyReceipt } from './verify-receipt.ts';
