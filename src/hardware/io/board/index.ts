export { type BoardDriver, type BoardOptions, openBoard } from './open-board.ts';
