import { createHash, randomInt } from 'node:crypto'
import { UsageError } from '../../cli/errors.ts'

// Crockford's base 32: nothing in it can be taken for something else in bad light.
const letters = '0123456789abcdefghjkmnpqrstvwxyz'
const groups = 7
const groupLetters = 4

/**
 * A passphrase for a recovery slot that can be typed at night: seven groups of five, the last letter of each tells a
 * typing error in it. 140 random bits: "k3vwe-07zmt-…".
 */
export function newPassphrase(random: (max: number) => number = randomInt): string {
  const group = (_: unknown, index: number) => {
    const text = Array.from({ length: groupLetters }, () => letters[random(letters.length)]).join('')
    return text + checkLetter(text, index)
  }
  return Array.from({ length: groups }, group).join('-')
}

/** The passphrase that somebody typed, in capitals or not, with or without spaces and dashes. Throws at the group that is wrong. */
export function readPassphrase(typed: string): string {
  const plain = typed.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1')
  const wanted = groups * (groupLetters + 1)
  if (plain.length !== wanted)
    throw new UsageError(
      `a recovery passphrase has ${wanted} letters and digits, these are ${plain.length}`,
      { hint: `type all ${groups} groups of ${groupLetters + 1}` },
    )
  const parts = plain.match(/.{5}/g)!
  parts.forEach((part, index) => {
    const text = part.slice(0, groupLetters)
    if (part[groupLetters] === checkLetter(text, index)) return
    throw new UsageError(`group ${index + 1} of the recovery passphrase has a typing error`, {
      hint: 'type it again: the last letter of each group tells',
    })
  })
  return parts.join('-')
}

function checkLetter(text: string, index: number): string {
  return letters[createHash('sha256').update(`${index} ${text}`).digest()[0]! % letters.length]!
}
