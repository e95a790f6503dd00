import { KIB, MIB } from '#kernel';

/** Bytes of one submission; more is refused (`too_large`), senders split. */
export const SUBMISSION_BYTES_MAX = 16 * MIB;
/** Bytes that wait to be mapped or to become durable; beyond it `submit` waits. */
export const QUEUE_BYTES_MAX = 48 * MIB;
/** Submissions that wait; beyond it `submit` waits. */
export const QUEUE_SUBMISSIONS_MAX = 8_192;
/** Callers that wait for room in the queue; a further one is refused (`unavailable`). */
export const QUEUE_WAITERS_MAX = 8_192;
/** Bytes and submissions that go to the mapping thread at once. */
export const GROUP_BYTES_TARGET = MIB;
export const GROUP_SUBMISSIONS_MAX = 512;
/** Groups under way to the mapping thread: one is mapped while the next one waits there. */
export const GROUPS_AHEAD = 2;
/** A group that takes longer has hung the mapping thread, which is then started anew. */
export const MAP_MS_MAX = 60_000;
/** Sources, announced ones among them; further addresses are refused and counted. */
export const SOURCES_MAX = 4_096;
/** Readers that the mapping thread keeps, one a source; beyond it the one used longest ago goes. */
export const READERS_MAX = 1_024;
/** Numberings (host and channel) that are followed for gaps, one source; further ones are not. */
export const NUMBERINGS_MAX = 1_024;
/** A jump in a numbering that is longer is a new beginning, not a gap. */
export const GAP_MAX = 1_000_000;
/** Missing numbers that may still come late, one numbering. */
export const LATE_MAX = 1_024;
/** Pause between two savings of what is known of the sources. */
export const SAVE_EVERY_MS = 10_000;
/** Pause between two tries to open the door again. */
export const PROBE_EVERY_MS = 5_000;
/** With less space than this on the volume the door is shut: what reads still needs some. */
export const FREE_BYTES_MIN = 64 * MIB;
/** Differences of clocks that are kept, one source. */
export const OFFSETS_KEPT = 63;
/** Differences that one submission adds. */
export const OFFSETS_PER_JOB = 4;
/** Codes of rejection that are told apart, one source. */
export const REJECT_CODES_MAX = 64;

/** Characters of a source's name. */
export const NAME_CHARS_MAX = 100;
/** What is looked at to recognise a document. */
export const HEAD_BYTES_MAX = 64 * KIB;

/** Bytes of all bodies that are being read; a further one is told to come again. */
export const BODIES_BYTES_MAX = 96 * MIB;
/** A body that takes longer is answered with 408. */
export const BODY_MS_MAX = 30_000;
/** Seconds after which a sender that was turned away is to come again. */
export const RETRY_AFTER_S = 2;
/** Records of one request whose parts are cut here: as many as one append takes. More is answered with 413. */
export const REQUEST_RECORDS_MAX = 65_536;

/** What a sender states of one record beside it, and the characters of a name or value; more is left out. */
export const TAGS_MAX = 64;
export const TAG_CHARS_MAX = 1_024;

/** Bytes of one syslog message over TCP or TLS; a longer one ends the connection, and is counted as lost. */
export const SYSLOG_FRAME_BYTES_MAX = MIB;
/** Bytes of one HL7 message; a longer one ends the connection. */
export const MLLP_MESSAGE_BYTES_MAX = 4 * MIB;
/** Bytes between two MLLP messages; more ends the connection. */
export const MLLP_GARBAGE_BYTES_MAX = 4 * KIB;
/** Connections of one listener; a further one takes the place of one that has sent nothing whole, or is closed at once. */
export const CONNECTIONS_MAX = 1_000;
/** Of these from one address; a relay of many senders needs a few. */
export const CONNECTIONS_PER_ADDRESS_MAX = 250;
/** A connection on which nothing comes for so long is closed. */
export const CONNECTION_IDLE_MS_MAX = 3_600_000;
/** A TLS handshake that takes longer is given up. */
export const HANDSHAKE_MS_MAX = 10_000;
/** Bytes of whole frames of one connection that wait; beyond it the connection is not read. */
export const CONNECTION_BYTES_MAX = 256 * KIB;
/** Frames of one connection that become one submission. */
export const CONNECTION_FRAMES_MAX = 4_096;
/** Pause until what could not be taken is tried again. */
export const SUBMIT_AGAIN_MS = 1_000;
/** Bytes of datagrams that wait; those beyond it are counted as lost. */
export const UDP_BYTES_MAX = 8 * MIB;
/** Receive buffer that is asked of the system; it may give less. */
export const UDP_BUFFER_BYTES = 8 * MIB;
/** Datagrams gather so long before they are handed on. */
export const UDP_GATHER_MS = 5;
/** Pause between two looks at what the system dropped. */
export const UDP_DROPS_EVERY_MS = 5_000;
