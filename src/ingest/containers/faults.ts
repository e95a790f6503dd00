import { IngestError } from '../errors.ts';
import { FAULTS_NAMED_MAX } from './limits.ts';

/** Told of a member that is passed over, with its name, fit to be shown; null where several are meant. */
export type OnFault = (error: IngestError, member: string | null) => void;

/**
 * Members of an archive that could not be read, while reading goes on with the next. The first are named, the rest
 * counted: an archive may hold as many as its maker likes.
 */
export class MemberFaults {
  readonly #tell: OnFault;
  #count = 0;

  constructor(tell: OnFault) {
    this.#tell = tell;
  }

  readonly add: OnFault = (error, member) => {
    this.#count += 1;
    if (this.#count <= FAULTS_NAMED_MAX) this.#tell(error, member);
  };

  /** To be called behind the last member. */
  end(): void {
    const more = this.#count - FAULTS_NAMED_MAX;
    if (more > 0) this.#tell(new IngestError('bad_archive', `${more} more of its members could not be read`), null);
  }
}

/** Whether the members behind one that failed so can be read all the same. */
export function isOfMemberAlone(
  error: unknown,
  { isIndependent }: { isIndependent?: boolean | undefined },
): error is IngestError {
  return isIndependent === true && error instanceof IngestError && error.code !== 'archive_bomb';
}
