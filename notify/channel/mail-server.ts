import { hostname } from 'node:os';

/** The receiver of mails: a program like sendmail, or a server. */
export type MailServer =
  | { readonly kind: 'program'; readonly command: readonly string[] }
  | {
      readonly kind: 'smtp';
      readonly host: string;
      readonly port: number;
      /** TLS from the first byte; STARTTLS required; STARTTLS where the server offers it; no TLS. */
      readonly tls: 'at once' | 'demanded' | 'offered' | 'never';
      /**
       * True to check the certificate. False for a server on this host without MAIL_CA, because no other machine can
       * intercept that connection.
       */
      readonly verifies: boolean;
    };

const PORTS: Record<string, number> = { smtp: 587, smtps: 465, 'smtp+plain': 25 };

/** sendmail.ts looks for the path of this program, because a service's PATH may lack its directory. */
const SENDMAIL = ['sendmail'];

/**
 * Parses MAIL_SERVER. settings/values.ts has already checked its form.
 *
 * @param hasCa true if MAIL_CA is set, so that the certificate is checked even for a server on this host
 */
export function mailServerOf(text: string, hasCa: boolean): MailServer {
  const [, scheme = '', host = '', port] = /^([a-z+]+):\/\/(\[[^\]]*\]|[^:/]+)(?::(\d+))?/i.exec(text) ?? [];
  if (scheme === '')
    return { kind: 'program', command: text === 'sendmail' ? SENDMAIL : text.split(' ').filter(Boolean) };
  const name = scheme.toLowerCase();
  const bare = host.replace(/[[\]]/g, '').toLowerCase();
  const isHere = bare === 'localhost' || bare === '::1' || /^127\.\d+\.\d+\.\d+$/.test(bare);
  return {
    kind: 'smtp',
    host: bare,
    port: Number(port ?? (name === 'smtp' && isHere ? 25 : PORTS[name])),
    tls:
      name === 'smtps'
        ? 'at once'
        : name === 'smtp+plain'
          ? 'never'
          : isHere && !hasCa
            ? 'offered'
            : 'demanded',
    verifies: !isHere || hasCa,
  };
}

/** The sender when MAIL_FROM is not set. */
export const defaultSender = (): string => `riposte@${hostname().replace(/[^\w.-]/g, '') || 'localhost'}`;
