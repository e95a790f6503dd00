import { KIB, MIB } from '#kernel';

/** A rule file beyond it is not read. */
export const RULE_FILE_BYTES_MAX = 1 * MIB;
/** Rule files of one source (folder or archive), and their bytes together after decompression. */
export const RULE_FILES_MAX = 50_000;
export const RULE_SOURCE_BYTES_MAX = 256 * MIB;
/** Folders below a rule source. */
export const RULE_FOLDER_DEPTH_MAX = 32;
/** Nesting of a rule's YAML. */
export const YAML_DEPTH_MAX = 24;
/** Documents in one rule file. */
export const YAML_DOCUMENTS_MAX = 1_000;
/** Values of one field in one selection, after encodings and placeholders. */
export const VALUES_MAX = 20_000;
/** Tokens of one condition, and how deep its parentheses and `not`s nest. */
export const CONDITION_TOKENS_MAX = 2_000;
export const CONDITION_DEPTH_MAX = 64;
/** A regular expression's source. */
export const REGEX_SOURCE_MAX = 8 * KIB;
/** A regular expression sees this much of a text; the rest is cut and counted. */
export const REGEX_INPUT_MAX = 64 * KIB;
/** Texts that one field (an array) or a keyword search looks at; the others are not looked at. */
export const TEXTS_MAX = 10_000;
/** Depth to which nested values are searched. */
export const VALUE_DEPTH_MAX = 64;
/** Distinct log sources for which rules are compiled; beyond it they are compiled anew each time one returns. */
export const ROUTES_MAX = 4_096;
