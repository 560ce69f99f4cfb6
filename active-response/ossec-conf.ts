/** ossec.conf without its comments, so that what is commented out does not count. */
export const withoutComments = (xml: string): string => xml.replace(/<!--[\s\S]*?-->/g, '');
