import { massExport } from './export.ts';
import { intrusion } from './intrusion.ts';
import { snooping } from './snooping.ts';
import type { Story } from './story.ts';
import { tablet } from './tablet.ts';
import { vendor } from './vendor.ts';
import { worm } from './worm.ts';

/** Every story, in the order in which the demo tells them. */
export const STORIES: readonly Story[] = [intrusion, vendor, snooping, tablet, massExport, worm];
