export { DescriptorThread } from './descriptor-thread.ts';
