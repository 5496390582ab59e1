/**
 * A text in which every `user:password@` of an address has lost its password, and every address its query, where
 * cameras take passwords too; for messages, logs and answers.
 * Rather takes too much than too little, up to the next blank or quotation mark: a password may contain `/` and `@`.
 */
export function withoutPassword(text: string): string {
  return text.replace(/(\/\/[^\s/:@"]*):[^\s"]*@/g, '$1:***@').replace(/(\/\/[^\s"?]*\?)[^\s"]*/g, '$1***');
}
