import { useStore } from '../store';
import { may, type Need } from './roles';
import { session } from './session';

/** Whether who is signed in should be offered something. */
export function useRoles(need: Need): boolean {
  return useStore(session, (now) => now.state === 'signedIn' && may(now.roles, need));
}
