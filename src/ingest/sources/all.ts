import type { Source } from '../source.ts';
import { zeekJson } from './zeek-json.ts';
import { zeekTsv } from './zeek-tsv.ts';
import { suricata } from './suricata.ts';
import { falco } from './falco.ts';
import { vmConnection } from './vm-connection.ts';

/** Every source, in the order of the README's table. A new source is one file and one line here. */
export const SOURCES: readonly Source[] = [zeekJson, zeekTsv, suricata, falco, vmConnection];
