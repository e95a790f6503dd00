/** Where a disk fault can be put in; `upkeep-step` is behind each durable step of an erasure, expiry, rotation, hold or end. */
export type FaultSite =
  | 'journal-write'
  | 'journal-sync'
  | 'segment-create'
  | 'tile-write'
  | 'checkpoint-write'
  | 'upkeep-step';

/** A fault: the operation fails with `error`; a write first writes `writtenBytes` of its bytes. */
export interface Fault {
  error: Error;
  writtenBytes?: number;
}

/** Asked before each disk operation; null lets it pass. Passed in by tests, so that one seed replays a run. */
export type Faults = (site: FaultSite, bytes: number) => Fault | null;

export const noFaults: Faults = () => null;
