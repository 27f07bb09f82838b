/**
 * How deep collections may nest. yaml.v3 allows 10,000, which no config needs; this keeps recursion far from the end of
 * the stack.
 */
export const maxDepth = 500
