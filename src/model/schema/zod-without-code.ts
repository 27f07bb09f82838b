import * as z from 'zod'

// By default zod compiles code for every schema at its first use. That takes longer than it saves, for ten hosts and
// for ten thousand. Import this file before you make a schema.
z.config({ jitless: true })
