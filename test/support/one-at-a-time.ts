import { inject } from 'vitest'
import { takeTurn } from './turns.ts'

// Before a test file that shares the control plane with others: each has it for itself until its process ends.
await takeTurn(inject('turns'))
