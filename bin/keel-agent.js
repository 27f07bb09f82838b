#!/usr/bin/env node
// The keel-agent, as a host runs it: node and this bundle, which is one file.
import '../dist/keel-agent.js'
