/** Compiled by the build (scripts/handlebars.ts). */
declare module '*.hbs' {
  const compiled: TemplateSpecification
  export default compiled
}
declare module '*.sh' {
  const text: string
  export default text
}
declare module '*.txt' {
  const text: string
  export default text
}
