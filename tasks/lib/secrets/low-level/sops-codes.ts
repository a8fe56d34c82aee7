import { reportFailure } from '../../cli/commands/failure.ts'
import { SecretError } from '../errors.ts'

/** Does the work of a task that ends as sops does: a SecretError is reported, and its exit code is that of sops. */
export async function withSopsCodes(argv: string[], work: () => Promise<void>): Promise<number> {
  try {
    await work()
    return 0
  } catch (error) {
    if (!(error instanceof SecretError)) throw error
    reportFailure(error, argv)
    return error.sopsCode
  }
}
