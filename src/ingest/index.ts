export { CAPTURE_NOTICE, isCapture } from './containers/capture.ts';
export {
  HEAD_BYTES,
  type Member,
  isArchive,
  listFiles,
  openFile,
  openStream,
  requirePaths,
} from './containers/open.ts';
export { tarMembers } from './containers/tar.ts';
export { zipMembers } from './containers/zip.ts';
export { MemberFaults, isOfMemberAlone } from './containers/faults.ts';
export { BatchAreas } from './batch-areas.ts';
export { type Entry, type EntryContext, type RawPolicies, entryOf, ownEventEntry } from './entry.ts';
export { IngestError, type IngestErrorCode } from './errors.ts';
export { type IngestNotice, type IngestOptions, type IngestSummary, ingest } from './ingest.ts';
export { type Position, REJECTED_FORMAT, eventOf, familyOf, normalise } from './normalise.ts';
export type { OcsfEvent } from './ocsf/types.ts';
export { className, classUids } from './ocsf/schema.ts';
export { OCSF_VERSION } from './ocsf/types.ts';
export { validateEvent } from './ocsf/validate.ts';
export { PrefixChanged } from './known-records.ts';
export { BatchPacker, type PackedBatch, unpackEntries } from './packed-batch.ts';
export { PatientCounter } from './patient-counter.ts';
export { type MemberBatch, type MemberOptions, type Observed, produceMember } from './produce-member.ts';
export type { Resumption } from './resume.ts';
export { retryRejected } from './retry-rejected.ts';
export { detectEncoding, headText, toUtf8 } from './read/encoding.ts';
export { type Item, MemberReader, type ReaderOptions } from './read/reader.ts';
export { type Shape, isBinary, recogniseShape } from './read/recognise.ts';
export type { Source } from './source.ts';
export { FAMILIES, SOURCES, sourcesFor } from './sources.ts';
export { INGEST_MIGRATIONS, type IngestTables } from './store.ts';
export type { EventTime, Family, Head, NativeFields, NativeRecord, Rejection, TimeContext } from './types.ts';
