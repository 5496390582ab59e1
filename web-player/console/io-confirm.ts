import { element } from './element.ts';

/** Asks a person in a modal dialog. @returns false when it was cancelled or closed. */
export function confirmed(question: string, detail: string): Promise<boolean> {
  const cancel = element('button', { type: 'button', autofocus: true }, 'Cancel');
  const confirm = element('button', { type: 'button', class: 'io-primary' }, 'Confirm');
  const dialog = element(
    'dialog',
    { class: 'io-dialog', 'aria-labelledby': 'io-question', 'aria-describedby': 'io-question-detail' },
    element('h2', { id: 'io-question' }, question),
    element('p', { id: 'io-question-detail' }, detail),
    element('div', { class: 'io-dialog-buttons' }, cancel, confirm),
  );
  cancel.addEventListener('click', () => dialog.close());
  confirm.addEventListener('click', () => dialog.close('confirm'));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'confirm');
    });
  });
}
