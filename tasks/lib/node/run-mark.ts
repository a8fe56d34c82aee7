import { randomUUID } from 'node:crypto'

/** Stands in the command line of every script that this process sends to machines; it means nothing. */
export const runMark = `run-${randomUUID()}`
