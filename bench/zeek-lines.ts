/** Zeek connection records, made up, one JSON line each: about 420 bytes with some twenty fields. */
export function zeekLines(count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      _path: 'conn',
      ts: 1_790_000_000 + i / 50,
      uid: `C${i.toString(36).padStart(8, 'x')}${((i * 7919) % 46_656).toString(36)}`,
      'id.orig_h': `10.20.${i % 16}.${(i * 31) % 250}`,
      'id.orig_p': 1024 + ((i * 101) % 60_000),
      'id.resp_h': `10.30.${i % 4}.${(i * 17) % 250}`,
      'id.resp_p': [443, 53, 445, 11_112, 2575][i % 5],
      proto: i % 5 === 1 ? 'udp' : 'tcp',
      service: ['ssl', 'dns', 'smb', 'dicom', '-'][i % 5],
      duration: (i % 977) / 100,
      orig_bytes: (i * 37) % 100_000,
      resp_bytes: (i * 53) % 900_000,
      conn_state: ['SF', 'S0', 'REJ', 'RSTO'][i % 4],
      local_orig: true,
      local_resp: true,
      missed_bytes: 0,
      history: 'ShADadFf',
      orig_pkts: i % 90,
      orig_ip_bytes: (i * 41) % 120_000,
      resp_pkts: i % 120,
      resp_ip_bytes: (i * 59) % 950_000,
    }),
  );
}
