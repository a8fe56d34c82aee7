/**
 * Negative where the first version is older, 0 where they are the same, with or without "v". As in semver.org a
 * pre-release is older than its release (1.36.4-rc.1 before 1.36.4), and what stands after "+" does not count.
 */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [partsOf(one), partsOf(other)]
  for (const [index, number] of left.numbers.entries()) {
    const difference = number - right.numbers[index]!
    if (difference) return difference
  }
  if (left.preRelease === '' || right.preRelease === '')
    return Number(left.preRelease === '') - Number(right.preRelease === '')
  return left.preRelease.localeCompare(right.preRelease, 'en', { numeric: true })
}

/** 36 of "v1.36.3". */
export function minorOf(version: string): number {
  return partsOf(version).numbers[1]!
}

function partsOf(version: string): { numbers: number[]; preRelease: string } {
  const [release = '', ...rest] = version.replace(/^v/, '').replace(/\+.*/, '').split('-')
  const [major = 0, minor = 0, patch = 0] = release.split('.').map(Number)
  return { numbers: [major, minor, patch], preRelease: rest.join('-') }
}
