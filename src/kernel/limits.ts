/** Limits shared by more than one module. A limit that one module alone uses stands in that module. */

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

/** One record of any source: a longer one is rejected with its position, its first bytes kept. */
export const RECORD_BYTES_MAX = 8 * MIB;

/** Nesting of JSON, XML or YAML from outside. */
export const NESTING_DEPTH_MAX = 64;
