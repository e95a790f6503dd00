import { GIB, MIB } from '#kernel';

/** Archives inside archives: a gz in a zip is two. */
export const CONTAINER_DEPTH_MAX = 3;

/** All that one input file may expand to. */
export const EXPANDED_BYTES_MAX = 64 * GIB;

/** Beyond this many expanded bytes the ratio below is enforced; real logs compress up to about 100:1. */
export const RATIO_FREE_BYTES = 256 * MIB;
export const EXPANSION_RATIO_MAX = 250;

export const ARCHIVE_MEMBERS_MAX = 100_000;

/** Members of one archive that could not be read and are named; the rest is counted. */
export const FAULTS_NAMED_MAX = 20;

/** How much is read from disk at once. */
export const READ_CHUNK_BYTES = 1 * MIB;
