export {
  Machine,
  type MachineRoots,
  type MemoryUse,
  processorTemperature,
  type Temperature,
} from './machine.ts';
