import { defineCluster } from 'keel'

export default defineCluster({
  name: 'base',
  firstServer: 'a',
})
