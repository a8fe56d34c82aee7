const units: Readonly<Record<string, string>> = { k: 'Ki', m: 'Mi', g: 'Gi', t: 'Ti', p: 'Pi', e: 'Ei' }
const sectorBytes = 512

/**
 * The Kubernetes quantity of a size as Ansible's lvol hands it to lvcreate: powers of two in lower and upper case alike,
 * MiB where no unit is given. Undefined for extents, percentages and what is added to a size.
 */
export function quantityOfLvmSize(text: string): string | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)([bskmgtpe]?)$/i.exec(text.trim())
  if (!match) return undefined
  const number = match[1]!.replace(/^0+(?=[0-9])/, '')
  const unit = match[2]!.toLowerCase()
  if (unit === 'b' || unit === 's') return quantityOfBytes(Number(number) * (unit === 's' ? sectorBytes : 1))
  return `${number}${units[unit || 'm']}`
}

function quantityOfBytes(bytes: number): string | undefined {
  if (!Number.isSafeInteger(bytes)) return undefined
  const unit = (['Gi', 'Mi', 'Ki'] as const).find((name) => bytes % bytesOf[name] === 0)
  return unit ? `${bytes / bytesOf[unit]}${unit}` : String(bytes)
}

const bytesOf = { Gi: 2 ** 30, Mi: 2 ** 20, Ki: 2 ** 10 }
