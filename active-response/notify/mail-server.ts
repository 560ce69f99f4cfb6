import { hostname } from 'node:os';

/** What takes the mails: a program like sendmail, or a server. */
export type MailServer =
  | { readonly kind: 'program'; readonly command: readonly string[] }
  | {
      readonly kind: 'smtp';
      readonly host: string;
      readonly port: number;
      /** TLS from the first byte; by STARTTLS, or not at all; only where the server offers it; never. */
      readonly tls: 'at once' | 'demanded' | 'offered' | 'never';
      /** Whether the certificate must be right: on this host there is nobody between. */
      readonly verifies: boolean;
    };

const PORTS: Record<string, number> = { smtp: 587, smtps: 465, 'smtp+plain': 25 };

/** Where Debian, Red Hat and the BSDs have it. A service's PATH may lack all of them. */
const SENDMAIL = ['sendmail'];

/**
 * Reads MAIL_SERVER, whose form settings/values.ts has checked.
 *
 * @param hasCa whether MAIL_CA says whom to trust: then certificates count on this host, too
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

/** The sender where MAIL_FROM says none. */
export const defaultSender = (): string => `riposte@${hostname().replace(/[^\w.-]/g, '') || 'localhost'}`;
