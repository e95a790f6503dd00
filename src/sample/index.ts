export { type NightLogs, riversideNight } from './night.ts';
export { createHospital } from './riverside/hospital.ts';
export type { Hospital } from './riverside/types.ts';
export { STORIES } from './stories/all.ts';
export type { Story } from './stories/story.ts';
export { type StreamOptions, hospitalStream } from './stream.ts';
export type { Channel, Message } from './traffic/message.ts';
export { type PlayOptions, play } from './play.ts';
export { type Endpoints, type Wire, openWires } from './wires.ts';
