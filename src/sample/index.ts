export { type NightLogs, riversideNight } from './night.ts';
