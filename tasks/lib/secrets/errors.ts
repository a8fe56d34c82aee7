import { type Finding, type Place, TaskError } from '../cli/errors.ts'

/** Exit codes of sops; secrets:decrypt and secrets:encrypt end with them. Source: cmd/sops/codes. */
const sopsCodes = {
  generic: 1,
  readInput: 2,
  writeOutput: 3,
  dumpTree: 4,
  config: 5,
  kmsContext: 6,
  wrongSetFormat: 7,
  conflictingFlags: 8,
  encryptMac: 21,
  encryptTree: 23,
  decryptMac: 24,
  decryptTree: 25,
  macMismatch: 51,
  macNotFound: 52,
  configNotFound: 61,
  treePath: 91,
  emptyDocument: 92,
  noFile: 100,
  noEncryptionKey: 111,
  duplicateKeyType: 112,
  noDataKey: 128,
  alreadyEncrypted: 203,
} as const
export type SopsCode = keyof typeof sopsCodes

/** An error about a secret file. Everyday tasks end with 1, the two low-level ones with `sopsCode`. */
export class SecretError extends TaskError {
  readonly code: SopsCode
  readonly sopsCode: number

  constructor(
    message: string,
    options: Partial<Place> & { code: SopsCode; hint?: string; findings?: Finding[]; cause?: unknown },
  ) {
    super(message, options)
    this.name = 'SecretError'
    this.code = options.code
    this.sopsCode = sopsCodes[options.code]
  }
}
