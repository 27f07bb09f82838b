import { bundle, bundleAgent } from './bundle.ts'

await bundle('dist')
await bundleAgent('dist/keel-agent.js')
