/** A shell script's text. */
declare module '*.sh' {
  const text: string;
  export default text;
}
