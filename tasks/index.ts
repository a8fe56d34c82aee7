#!/usr/bin/env node
import { start } from './lib/cli/commands/start.ts'

process.exitCode = await start(process.argv.slice(2))
