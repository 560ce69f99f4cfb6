/** The text of a shell script. */
declare module '*.sh' {
  const text: string;
  export default text;
}

/** A list's text. */
declare module '*.txt' {
  const text: string;
  export default text;
}
