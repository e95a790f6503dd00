export { ForwardingError, type ForwardingErrorCode } from './errors.ts';
export { Forwarder, type ForwarderOptions, type ForwarderStatus, type Forwarding } from './forwarder.ts';
export { FORWARDING_MIGRATIONS, type ForwardingTables } from './store.ts';
