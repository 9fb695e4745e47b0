// The gate before the web server: names, origins, the token, limits, and the headers of every answer.

export { exposure, isLoopback } from './address';
export { Gate, type GateOptions } from './gate';
export { Limits } from './limits';
export { isForged, isOurName } from './origin';
export { isSession, newSession, sameSecret } from './session';
export { answerUnreadable } from './unreadable';
