/** The other side has sent what SPDY/3.1 does not allow, or too much of it: the connection ends. */
export class SpdyFault extends Error {}
