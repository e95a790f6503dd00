export type { DurableFinding, LiveDetector } from './types.ts';
