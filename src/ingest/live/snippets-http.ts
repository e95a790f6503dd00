import type { Snippet } from './snippets.ts';

/** Stands where the sender's token belongs: it is shown once and kept by nobody. */
const TOKEN = 'TOKEN';

// What must be set, and what each agent does with a refusal: docs/agents.md.

export function ndjson(http: string): Snippet[] {
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
batch.max_bytes = 4000000
batch.max_events = 10000
acknowledgements.enabled = true
auth.strategy = "bearer"
auth.token = "${TOKEN}"`,
    },
  ];
}

export function hec(http: string): Snippet[] {
  const url = new URL(http);
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
encoding.codec = "json"
compression = "gzip"
acknowledgements.enabled = true`,
    },
    {
      title: 'Fluent Bit',
      text: `[OUTPUT]
    Name         splunk
    Match        *
    Host         ${url.hostname}
    Port         ${portOf(url)}
    Splunk_Token ${TOKEN}
    compress     gzip
    tls          ${url.protocol === 'https:' ? 'On' : 'Off'}
    Retry_Limit  no_limits`,
    },
    {
      title: 'Docker: /etc/docker/daemon.json',
      text: JSON.stringify(
        {
          'log-driver': 'splunk',
          'log-opts': { 'splunk-url': http, 'splunk-token': TOKEN, 'splunk-gzip': 'true', 'splunk-format': 'raw' },
        },
        null,
        2,
      ),
    },
  ];
}

export function elastic(http: string): Snippet[] {
  const url = new URL(http);
  const beats = (name: string): string => `output.elasticsearch:
  hosts: ["${http}"]
  username: wardkeep
  password: "${TOKEN}"
  allow_older_versions: true
  compression_level: 3
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
    compress           gzip
    tls                ${url.protocol === 'https:' ? 'On' : 'Off'}
    Retry_Limit        no_limits`,
    },
    {
      title: 'Vector',
      text: `[sinks.wardkeep]
type = "elasticsearch"
inputs = ["your_source"]
endpoints = ["${http}"]
api_version = "v8"
compression = "gzip"
batch.max_bytes = 4000000
batch.max_events = 10000
acknowledgements.enabled = true
auth.strategy = "basic"
auth.user = "wardkeep"
auth.password = "${TOKEN}"`,
    },
  ];
}

export function fhir(http: string): Snippet[] {
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

function portOf({ port, protocol }: URL): string {
  return port === '' ? ({ 'https:': '443' }[protocol] ?? '80') : port;
}
