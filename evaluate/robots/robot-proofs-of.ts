import type { ServerSettings } from '../../active-response/settings/server-settings.ts';
import { lookUpBy } from './look-up.ts';
import { RobotProofs } from './robot-proofs.ts';

/** The proofs of robots for serve and scan, with DNS unless VERIFY_ROBOTS turns it off. */
export const robotProofs = ({ verifyRobots }: Pick<ServerSettings, 'verifyRobots'>): RobotProofs =>
  new RobotProofs({ lookUp: verifyRobots ? lookUpBy() : undefined });
