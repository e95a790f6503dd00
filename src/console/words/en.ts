import type { ConsoleWords } from './words.ts';

/** The overview in English. */
export const en: ConsoleWords = {
  sentences: {
    grave: (incidents) => (incidents === 1 ? 'One incident needs you now.' : `${incidents} incidents need you now.`),
    trouble: (text) => `Wardkeep itself needs you: ${text}`,
    unwatched: 'Nothing is watched yet: connect the first system.',
    look: (incidents) =>
      incidents === 1 ? 'One incident should be looked at today.' : `${incidents} incidents should be looked at today.`,
    quiet: (systems) =>
      systems === 1
        ? 'No incident needs you, but one system is not heard as it should be.'
        : `No incident needs you, but ${systems} systems are not heard as they should be.`,
    safe: 'Nothing needs you now.',
  },
  tasks: {
    incident: (number, title) => `Look at ${number}: ${title}`,
    quietSystems: (systems) => `Look at ${systems} systems that are silent or troubled`,
    nothingComes: 'nothing comes from it any more',
    firstSystem: 'Connect the first system: events make all the rest work',
    noSecondFactor: (administrators) =>
      administrators === 1
        ? 'One administrator has no second factor'
        : `${administrators} administrators have no second factor`,
    notifications: 'Say whom to tell of incidents, by e-mail or webhook',
  },
  phrases: [],
};
