/** A client does not speak the protocol: its connection ends. */
export class ChannelFault extends Error {}
