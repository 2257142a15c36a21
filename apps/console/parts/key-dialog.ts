import { h } from '../dom.ts';

/** Asks for a key until there is one. It stays in this tab and is gone with it. */
export function askForKey(refused: boolean): Promise<string> {
  return new Promise((resolve) => {
    const field = h('input', {
      id: 'key',
      type: 'password',
      autocomplete: 'off',
      required: true,
      placeholder: 'ck_…',
      'aria-describedby': 'key-note',
    });
    const submit = (event: Event) => {
      event.preventDefault();
      const key = field.value.trim();
      if (!/^[\x21-\x7e]+$/.test(key)) return field.focus();
      dialog.close();
      dialog.remove();
      resolve(key);
    };
    const dialog = h(
      'dialog',
      { class: 'dialog', 'aria-labelledby': 'key-title', on: { cancel: (event) => event.preventDefault() } },
      h('h2', { id: 'key-title' }, refused ? 'The service does not know this key' : 'This service asks for a key'),
      h(
        'form',
        { on: { submit } },
        h('label', { for: 'key' }, 'Key'),
        field,
        h('p', { id: 'key-note', class: 'note' }, 'It is kept in this tab only and forgotten when the tab is closed.'),
        h('div', { class: 'actions' }, h('button', { class: 'primary' }, 'Continue')),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
    field.focus();
  });
}
