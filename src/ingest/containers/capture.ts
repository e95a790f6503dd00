/** Byte order magic of pcap: micro- and nanoseconds, in either byte order (draft-ietf-opsawg-pcap). */
const PCAP_MAGICS = new Set(['a1b2c3d4', 'd4c3b2a1', 'a1b23c4d', '4d3cb2a1']);
const PCAP_HEADER_BYTES = 24;
/** Section header block of pcapng and its byte order magic (draft-ietf-opsawg-pcapng). */
const PCAPNG_BLOCK = '0a0d0d0a';
const PCAPNG_ORDERS = new Set(['1a2b3c4d', '4d3c2b1a']);

/** What is said of one, which is then passed over. */
export const CAPTURE_NOTICE = 'a packet capture; Wardkeep reads logs; run Zeek on it';

/** Whether these first bytes are those of a packet capture (pcap or pcapng), which holds packets and no records. */
export function isCapture(head: Buffer): boolean {
  const magic = head.toString('hex', 0, 4);
  if (PCAP_MAGICS.has(magic)) return head.length >= PCAP_HEADER_BYTES;
  return magic === PCAPNG_BLOCK && PCAPNG_ORDERS.has(head.toString('hex', 8, 12));
}
