export type * from './api.ts';
export type { Connection } from './app.ts';
export { type Console, createConsole } from './console.ts';
export type { ConsoleDeps, IncidentDesk, Notifier, RuleDesk } from './deps.ts';
export { ConsoleError, type ProblemCode } from './errors.ts';
export { type OpenedRules, type RuleDeskOptions, type RuleUsers, openRules } from './rules/rule-desk.ts';
export { CONSOLE_MIGRATIONS, type ConsoleTables } from './store.ts';
