import * as z from 'zod'

// The code that zod would make for every schema at its first use takes longer than it saves, for ten hosts as for ten
// thousand. Imported before a schema is made.
z.config({ jitless: true })
