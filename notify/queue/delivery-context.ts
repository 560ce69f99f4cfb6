import type { Home } from '../../active-response/home.ts';
import type { Result } from '../../active-response/record/result.ts';
import type { MailSettings } from '../../active-response/settings/mail-settings.ts';

/** The installation whose queue is delivered, and the receiver of the outcomes. */
export interface DeliveryContext {
  readonly home: Home;
  readonly settings: MailSettings;
  readonly env: NodeJS.ProcessEnv;
  /** Called with each outcome at once, so that a later kill loses none. */
  readonly onOutcome: (each: Result) => void;
}
