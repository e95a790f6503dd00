import { isAbsolute } from 'node:path';
import { z } from 'zod';

const Port = z.int().min(1).max(65_535);
/** A host name or address that a socket listens on. */
const Bind = z.string().min(1).max(255);

/** Listens nowhere unless it is set; null turns off what is on by default. */
const port = (value: number | null) => Port.nullable().default(value);

/** An address, or a network in CIDR form. */
const Network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

/** Where the console listens. Loopback by default: whoever opens it to a network sets `bind`, and then TLS is on. */
export const HttpConfig = z.strictObject({
  bind: Bind.default('127.0.0.1'),
  port: Port.default(8480),
  /** Proxies in front of it whose `X-Forwarded-For` is believed: addresses, or networks as `10.0.0.0/8`. */
  trustedProxies: z.array(Network).max(64).default([]),
});

/** Names and files of TLS. Without files Wardkeep makes an authority of its own in the data directory. */
export const TlsConfig = z.strictObject({
  /** `auto`: on wherever the console does not listen on loopback. */
  console: z.enum(['auto', 'on', 'off']).default('auto'),
  /** PEM file of the certificate with its chain. */
  certificate: z.string().min(1).optional(),
  /** PEM file of its private key. */
  key: z.string().min(1).optional(),
  /** Names and addresses that the own certificate is for, beside this machine's host name and loopback. */
  names: z.array(z.string().min(1).max(253)).max(50).default([]),
});

/** Files and folders that are read as they grow. */
const WatchedFile = z.strictObject({
  /** A file, a folder, or a pattern of `*` and `?` in the last part. */
  path: z.string().min(2).max(1_024).refine(isAbsolute, 'a path is to be given from the root on'),
  /** For people; default: the path. */
  name: z.string().trim().min(1).max(100).optional(),
  /** As `--format` takes it. */
  format: z.string().min(1).max(64).default('auto'),
  /** Time zone of times that state none; default: the hospital's. */
  zone: z.string().min(1).max(64).optional(),
});
const FILES_MAX = 100;

/** Where systems send to. */
export const IntakeConfig = z.strictObject({
  bind: Bind.default('127.0.0.1'),
  /** NDJSON, Splunk HEC, Elastic `_bulk` and FHIR. */
  http: port(8481),
  /** The ports of the standards (514, 6514, 2575) need a right that a first try should not. */
  syslogUdp: port(5514),
  syslogTcp: port(5514),
  syslogTls: port(6514),
  mllp: port(2575),
  /** Whether senders over TLS show a certificate of `clientAuthority`. */
  clientCertificates: z.enum(['none', 'optional', 'required']).default('none'),
  /** PEM file of the authority of client certificates; default: the own one. */
  clientAuthority: z.string().min(1).optional(),
  files: z
    .array(WatchedFile)
    .max(FILES_MAX)
    .refine((files) => new Set(files.map(({ path }) => path)).size === files.length, 'a path stands there twice')
    .default([]),
});
