import { elastic, fhir, hec, ndjson } from './snippets-http.ts';
import type { LiveSource, SourceKind } from './types.ts';

/** Where senders reach this Wardkeep; null where it does not listen. */
export interface Endpoint {
  /** Name or address that senders use. */
  host: string;
  /** Origin of the HTTP endpoints: `https://wardkeep.example.org:8481`. */
  http: string | null;
  syslogUdp: number | null;
  syslogTcp: number | null;
  syslogTls: number | null;
  mllp: number | null;
}

export interface Snippet {
  title: string;
  text: string;
}

/** Set-up to be pasted, for the usual senders of the source's kind. Empty where Wardkeep does not listen for it. */
export function snippetsFor({ kind }: Pick<LiveSource, 'kind'>, endpoint: Endpoint): Snippet[] {
  return WRITERS[kind](endpoint);
}

const WRITERS: Readonly<Record<SourceKind, (endpoint: Endpoint) => Snippet[]>> = {
  syslog,
  atna,
  mllp,
  ndjson: ({ http }) => (http === null ? [] : ndjson(http)),
  'splunk-hec': ({ http }) => (http === null ? [] : hec(http)),
  'elastic-bulk': ({ http }) => (http === null ? [] : elastic(http)),
  'fhir-auditevent': ({ http }) => (http === null ? [] : fhir(http)),
  file: () => files(),
};

function syslog({ host, syslogUdp, syslogTcp, syslogTls }: Endpoint): Snippet[] {
  const snippets: Snippet[] = [];
  if (syslogTls !== null)
    snippets.push(
      {
        title: 'rsyslog over TLS: /etc/rsyslog.d/60-wardkeep.conf',
        text: `global(DefaultNetstreamDriverCAFile="/etc/rsyslog.d/wardkeep-ca.pem")
*.* action(type="omfwd" target="${host}" port="${syslogTls}" protocol="tcp" TCP_Framing="octet-counted"
  template="RSYSLOG_SyslogProtocol23Format" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name"
  StreamDriverPermittedPeers="${host}" queue.type="LinkedList" queue.filename="wardkeep" queue.saveOnShutdown="on"
  action.resumeRetryCount="-1")`,
      },
      {
        title: 'syslog-ng over TLS',
        text: `destination d_wardkeep {
  syslog("${host}" port(${syslogTls}) transport("tls") tls(ca-file("/etc/syslog-ng/wardkeep-ca.pem") peer-verify(required-trusted)));
};
log { source(s_src); destination(d_wardkeep); };`,
      },
    );
  if (syslogTcp !== null)
    snippets.push(
      {
        title: 'rsyslog over TCP: /etc/rsyslog.d/60-wardkeep.conf',
        text: `*.* action(type="omfwd" target="${host}" port="${syslogTcp}" protocol="tcp" TCP_Framing="octet-counted"
  template="RSYSLOG_SyslogProtocol23Format" queue.type="LinkedList" queue.filename="wardkeep" queue.saveOnShutdown="on"
  action.resumeRetryCount="-1")`,
      },
      {
        title: 'NXLog (Windows): the fields travel as JSON, which is what rules look at',
        text: `<Extension _syslog>
  Module xm_syslog
</Extension>
<Extension _json>
  Module xm_json
</Extension>
<Input eventlog>
  Module im_msvistalog
</Input>
<Output wardkeep>
  Module om_tcp
  Host ${host}
  Port ${syslogTcp}
  Exec to_json(); $Message = $raw_event; to_syslog_bsd();
</Output>
<Route r>
  Path eventlog => wardkeep
</Route>`,
      },
      {
        title: 'A first try',
        text: `logger --server ${host} --port ${syslogTcp} --tcp --rfc5424 --octet-count "hello from $(hostname)"`,
      },
    );
  if (syslogUdp !== null)
    snippets.push({
      title: 'Firewalls and switches over UDP (what is lost on the way cannot be asked for again)',
      text: `logging host ${host} transport udp port ${syslogUdp}`,
    });
  return snippets;
}

function atna({ host, syslogTls }: Endpoint): Snippet[] {
  if (syslogTls === null) return [];
  const text = `Audit repository: ${host}, port ${syslogTls}, protocol syslog over TLS (RFC 5425), format DICOM or RFC 3881 XML`;
  return [{ title: 'ATNA audit repository (IHE ITI-20)', text }];
}

function mllp({ host, mllp: port }: Endpoint): Snippet[] {
  if (port === null) return [];
  return [
    {
      title: 'Mirth Connect: destination of type TCP Sender',
      text: `Transmission mode: MLLP
Remote address: ${host}
Remote port: ${port}
Keep connection open: yes
Validate response: yes
Queue messages: on failure`,
    },
  ];
}

/** What stands in the configuration; the path is an example. */
function files(): Snippet[] {
  const text = JSON.stringify(
    {
      intake: {
        files: [
          { path: '/var/log/app', name: 'App server' },
          { path: '/srv/export/*.log', format: 'auto' },
        ],
      },
    },
    null,
    2,
  );
  return [{ title: 'wardkeep.json: which files and folders are read as they grow (then restart)', text }];
}
