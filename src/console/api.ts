/**
 * The HTTP interface of the console, as types: what the server sends and takes under `/api/v1`, always JSON. The browser
 * imports these types and nothing else of `src`. Times are milliseconds since the epoch; ids are opaque strings.
 *
 * Every reply other than 2xx has the body `ApiProblem`. Lists are pages: newest first, `next` is the `before` of the next
 * page or null at the end. Writing needs the session cookie (HttpOnly, SameSite=Strict) and the header `x-wardkeep: 1`; a
 * program uses `authorization: Bearer TOKEN` with a scope.
 *
 * GET    /setup?token=T            SetupState             POST /setup                     SetupRequest → Session
 * GET    /session                  Session | 401          POST /session  SignInRequest → Session | SecondFactorNeeded
 * DELETE /session                                         POST /session/password          PasswordChange
 * POST   /session/totp             TotpEnrolment          POST /session/totp/confirm      { code }
 * GET    /overview                 Overview
 * GET    /incidents?state (or `unclosed`)&severity&assignee&q&before&limit  Page<IncidentSummary>
 * GET    /incidents/:id            Incident               PATCH /incidents/:id            IncidentChange → Incident
 * POST   /incidents/:id/notes      { text } → Incident    POST /incidents/:id/merge       { ids } → Incident
 * POST   /incidents/:id/split      { findings } → Incident
 * POST   /incidents/:id/suppress   SuppressRequest → Suppression
 * POST   /incidents/:id/suppress/preview SuppressRequest → SuppressPreview
 * GET    /suppressions             Suppression[]          DELETE /suppressions/:id
 * GET    /findings?rule&level&since&until&incident&before&limit  Page<FindingSummary>
 * GET    /rules?q                  RuleSummary[]          GET /rules/:id                  RuleDetail
 * PATCH  /rules/:id                RuleChange → RuleDetail
 * POST   /rules/:id/preview        { days } → RulePreview
 * POST   /rules/import             body: tgz or zip → RuleImport
 * GET    /coverage                 Coverage (ATT&CK)
 * GET    /events?since&until&class&user&patient&ip&device&source&severity&outcome&incident&text&before&limit
 *        Page<EventSummary>
 * GET    /events/:index            EventDetail
 * GET    /events/:index/receipt    text/plain, a C2SP tlog-proof   ?open=normal,raw gives { receipt, openings }
 * GET    /hunt/views               HuntView[]             POST /hunt                      HuntRequest → HuntResult
 * GET    /hunt/saved               SavedHunt[]            PUT /hunt/saved/:id             SavedHunt
 * DELETE /hunt/saved/:id                                  POST /hunt/export?format=csv|json|parquet  HuntRequest → file
 * GET    /filters                  SavedFilter[]          PUT /filters/:id                SavedFilter
 * DELETE /filters/:id
 * GET    /sources                  SourceStatus[]         GET /sources/:id                SourceDetail
 * POST   /sources                  SourceCreate → SourceSecret
 * PATCH  /sources/:id              SourceChange → SourceDetail     DELETE /sources/:id
 * POST   /sources/:id/token        → SourceSecret (the old token ends)
 * GET    /ledger                   LedgerStatus           GET /ledger/checkpoint          text/plain, a signed note
 * GET    /ledger/tile/*            application/octet-stream (C2SP tlog-tiles)
 * POST   /ledger/receipt           { receipt, event? } → ReceiptVerdict
 * PATCH  /ledger/retention         RetentionChange → LedgerStatus
 * POST   /ledger/holds             HoldCreate → LedgerStatus            DELETE /ledger/holds/:name → LedgerStatus
 * GET    /settings                 Settings               PATCH /settings                 SettingsChange → Settings
 * POST   /settings/notifications/test  → { ok, problem }
 * GET    /users                    User[]                 POST /users                     UserCreate → UserSecret
 * PATCH  /users/:id                UserChange → User      DELETE /users/:id
 * POST   /users/:id/reset          → UserSecret
 * GET    /tokens                   ApiToken[]             POST /tokens   TokenCreate → TokenSecret   DELETE /tokens/:id
 * GET    /openapi.json             OpenAPI 3.1 of all this
 * GET    /stream                   server-sent events: StreamEvent, with ids; `last-event-id` catches up. An event named
 *        `reset` says that what was missed is not known any more: read everything anew; `hello` opens each stream
 */
export type * from './api/common.ts';
export type * from './api/people.ts';
export type * from './api/overview.ts';
export type * from './api/incidents.ts';
export type * from './api/detection.ts';
export type * from './api/events.ts';
export type * from './api/saved-filters.ts';
export type * from './api/sources.ts';
export type * from './api/ledger.ts';
export type * from './api/settings.ts';
