#!/usr/bin/env node
import 'tsup/dist/cli-default.js'
