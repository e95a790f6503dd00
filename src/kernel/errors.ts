/**
 * The root of every error that Wardkeep throws on purpose. Each module has its own subclass with a
 * closed union of codes, so that a caller can switch over them exhaustively. The message is a
 * lower-case sentence for a person; it never holds patient data, secrets or the content of a record.
 */
export abstract class WardkeepError<Code extends string = string> extends Error {
  readonly code: Code;
  /** What the operator can do about it, in one sentence; shown by the command line under the error. */
  readonly advice: string | undefined;

  constructor(code: Code, message: string, options: { cause?: unknown; advice?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.advice = options.advice;
  }
}

/**
 * Asserts what only a bug of ours can break. Never caught, never used on input.
 * @throws {Error} when `condition` is false.
 */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}

/** The `code` of a Node system error (`ENOENT`, `ENOSPC`, …), or null when `error` is none. */
export function systemErrorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
