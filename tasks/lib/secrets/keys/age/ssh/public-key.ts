export function parseSshRecipient(_text: string): never {
  throw new Error('ssh keys are not read yet')
}
