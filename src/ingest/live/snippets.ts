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

/** Stands where the sender's token belongs: it is shown once and kept by nobody. */
const TOKEN = 'TOKEN';

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
        title: 'NXLog (Windows)',
        text: `<Extension _syslog>
  Module xm_syslog
</Extension>
<Input eventlog>
  Module im_msvistalog
</Input>
<Output wardkeep>
  Module om_tcp
  Host ${host}:${syslogTcp}
  Exec to_syslog_ietf();
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

function ndjson(http: string): Snippet[] {
  const url = new URL(http);
  return [
    {
      title: 'curl',
      text: `curl --fail-with-body -H 'Authorization: Bearer ${TOKEN}' --data-binary @events.ndjson ${http}/ingest/ndjson`,
    },
    {
      title: 'Fluent Bit',
      text: `[OUTPUT]
    Name        http
    Match       *
    Host        ${url.hostname}
    Port        ${portOf(url)}
    URI         /ingest/ndjson
    Format      json_lines
    Header      Authorization Bearer ${TOKEN}
    tls         ${url.protocol === 'https:' ? 'On' : 'Off'}
    Retry_Limit no_limits`,
    },
    {
      title: 'Vector',
      text: `[sinks.wardkeep]
type = "http"
inputs = ["your_source"]
uri = "${http}/ingest/ndjson"
encoding.codec = "json"
framing.method = "newline_delimited"
compression = "zstd"
auth.strategy = "bearer"
auth.token = "${TOKEN}"`,
    },
  ];
}

function hec(http: string): Snippet[] {
  return [
    {
      title: 'curl',
      text: `curl --fail-with-body -H 'Authorization: Splunk ${TOKEN}' -d '{"event":"hello"}' ${http}/services/collector/event`,
    },
    {
      title: 'Cribl: destination of type Splunk HEC',
      text: `Splunk HEC endpoint: ${http}/services/collector/event
HEC auth token: ${TOKEN}
Backpressure behavior: Persistent queue`,
    },
    {
      title: 'Vector',
      text: `[sinks.wardkeep]
type = "splunk_hec_logs"
inputs = ["your_source"]
endpoint = "${http}"
default_token = "${TOKEN}"
encoding.codec = "json"`,
    },
  ];
}

function elastic(http: string): Snippet[] {
  const url = new URL(http);
  const beats = (name: string): string => `output.elasticsearch:
  hosts: ["${http}"]
  username: wardkeep
  password: "${TOKEN}"
  # ssl.certificate_authorities: ["wardkeep-ca.pem"]
setup.template.enabled: false
setup.ilm.enabled: false
# ${name} keeps its place and sends again what was not taken.`;
  return [
    { title: 'Winlogbeat: winlogbeat.yml', text: beats('Winlogbeat') },
    { title: 'Filebeat: filebeat.yml', text: beats('Filebeat') },
    {
      title: 'Fluent Bit',
      text: `[OUTPUT]
    Name               es
    Match              *
    Host               ${url.hostname}
    Port               ${portOf(url)}
    HTTP_User          wardkeep
    HTTP_Passwd        ${TOKEN}
    Suppress_Type_Name On
    tls                ${url.protocol === 'https:' ? 'On' : 'Off'}
    Retry_Limit        no_limits`,
    },
  ];
}

function fhir(http: string): Snippet[] {
  return [
    {
      title: 'curl',
      text: `curl --fail-with-body -H 'Authorization: Bearer ${TOKEN}' -H 'Content-Type: application/fhir+json' \\
  --data-binary @audit-event.json ${http}/fhir/AuditEvent`,
    },
    {
      title: 'FHIR Subscription (R4, rest-hook)',
      text: JSON.stringify(
        {
          resourceType: 'Subscription',
          status: 'requested',
          reason: 'Audit of record access',
          criteria: 'AuditEvent?',
          channel: {
            type: 'rest-hook',
            endpoint: `${http}/fhir`,
            payload: 'application/fhir+json',
            header: [`Authorization: Bearer ${TOKEN}`],
          },
        },
        null,
        2,
      ),
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

function portOf({ port, protocol }: URL): string {
  return port === '' ? ({ 'https:': '443' }[protocol] ?? '80') : port;
}
