export { type Clock, ManualClock, systemClock, utcDay } from './clock.ts';
export { Deaths } from './deaths.ts';
export { WardkeepError, invariant, messageOf, systemErrorCode } from './errors.ts';
export { makeDirectory, replaceFile, syncPath } from './files.ts';
export { type RandomFill, systemRandom, uuidv7 } from './ids.ts';
export { GIB, KIB, MIB, NESTING_DEPTH_MAX, RECORD_BYTES_MAX } from './limits.ts';
export { type Log, type LogFields, type LogLevel, createLog, silentLog } from './log.ts';
export { type Sealer, createSealer, deriveKey, sameSecret } from './seal.ts';
export { entryOf } from './table.ts';
