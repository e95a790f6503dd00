export { type Config, ConfigError, type RawPolicy, parseConfig, readConfig } from './config.ts';
