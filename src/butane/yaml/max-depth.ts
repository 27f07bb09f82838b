/**
 * The maximum depth of nested collections. yaml.v3 allows 10,000, which no config needs. With this limit, recursion
 * never comes near the end of the stack.
 */
export const maxDepth = 500
