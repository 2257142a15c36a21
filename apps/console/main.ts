import { forgetKey, hasKey, onMissingKey } from './api.ts';
import { h } from './dom.ts';
import { askForKey } from './parts/key-dialog.ts';
import { startRouter } from './router.ts';

const links = [
  { route: '#/jobs', text: 'Jobs' },
  { route: '#/new', text: 'New edit' },
  { route: '#/system', text: 'Queues and system' },
];

onMissingKey(async (refused) => {
  const key = await askForKey(refused);
  queueMicrotask(showFoot);
  return key;
});

document.getElementById('nav')?.append(...links.map(({ route, text }) => h('li', {}, h('a', { href: route, 'data-route': route }, text))));
showFoot();
startRouter((route) => {
  for (const link of document.querySelectorAll<HTMLElement>('#nav a')) {
    if (route.startsWith(link.dataset['route'] ?? '')) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
});

/** Who holds a key can put it away; it is gone with the tab anyway. */
function showFoot(): void {
  const forget = () => {
    forgetKey();
    location.reload();
  };
  const button = hasKey() ? h('button', { type: 'button', class: 'quiet', on: { click: forget } }, 'Forget the key') : null;
  document.getElementById('foot')?.replaceChildren(h('a', { href: '../docs' }, 'API reference'), ...(button ? [button] : []));
}
