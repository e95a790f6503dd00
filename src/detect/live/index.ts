export { type DetectorOptions, type TunableDetector, openLiveDetector } from './detector.ts';
export { findingOf, findingsSince } from './stored-finding.ts';
export { type TapOptions, tapUrl } from './tap.ts';
export type { DurableFinding, LiveDetector } from './types.ts';
