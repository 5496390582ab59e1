import { element, setText } from './element.ts';

const FEEDBACK_MS = 1_500;

/** A text under a label, with a button that copies it. */
export function copyable(label: string, text: string): HTMLElement {
  const code = element('code', { tabindex: '0' }, text);
  const button = element('button', { type: 'button', 'aria-label': `Copy: ${label}` }, 'Copy');
  const feedback = (message: string): void => {
    setText(button, message);
    setTimeout(() => setText(button, 'Copy'), FEEDBACK_MS);
  };
  button.addEventListener('click', () => {
    copy(code).then(
      () => feedback('Copied'),
      () => feedback('Select it'),
    );
  });
  return element(
    'div',
    { class: 'copyable' },
    element('h3', {}, label),
    element('pre', {}, code),
    element('div', { class: 'copy', role: 'status' }, button),
  );
}

async function copy(code: HTMLElement): Promise<void> {
  // The clipboard's interface exists in secure contexts only, and devices on a LAN are reached by plain HTTP.
  if (navigator.clipboard) return navigator.clipboard.writeText(code.textContent ?? '');
  const selection = getSelection();
  selection?.selectAllChildren(code);
  if (!document.execCommand('copy')) throw new Error('the browser refused to copy');
  selection?.removeAllRanges();
}
