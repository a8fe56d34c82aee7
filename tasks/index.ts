#!/usr/bin/env node
import { start } from './lib/cli/start.ts'

process.exitCode = await start(process.argv.slice(2))
