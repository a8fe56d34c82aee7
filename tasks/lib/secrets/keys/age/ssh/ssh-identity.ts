import type { Identity } from '../identity.ts'

export async function readSshIdentity(_bytes: Buffer, _options: object): Promise<Identity> {
  throw new Error('ssh keys are not read yet')
}
