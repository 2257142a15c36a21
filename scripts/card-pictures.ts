/** Draws `docs/cards/*.png`: every layout in every theme, through the code that draws them over a video. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { themeNames } from '#contracts/overlays';
import { buildCard } from '#media/cards/build-card';
import { drawPng } from '#media/cards/draw-svg';
import { drawings } from '../test/helpers/drawings.ts';

const folder = process.argv[2] ?? join(import.meta.dirname, '../docs/cards');
const fontDir = dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
const stage = { width: 1920, height: 1080, floor: 0.95 };
/** Somebody in a room, so that it can be seen what a card covers. */
const speaker = [
  '<rect width="1920" height="1080" fill="#8fa3ad"/>',
  '<rect y="760" width="1920" height="320" fill="#71858f"/>',
  '<path d="M560 1080 C560 800 700 720 860 720 C1020 720 1160 800 1160 1080 Z" fill="#44566b"/>',
  '<circle cx="860" cy="500" r="165" fill="#d9b99b"/>',
  '<path d="M690 490 C680 300 1040 300 1030 490 C980 400 760 400 690 490 Z" fill="#4a3a30"/>',
].join('');
mkdirSync(folder, { recursive: true });
for (const theme of themeNames) {
  for (const [name, drawing] of Object.entries(drawings({ theme }))) {
    const card = buildCard(drawing, stage);
    const inner = card.draw(1).replace('<svg ', `<svg x="${card.x}" y="${card.y}" `);
    const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360" viewBox="0 0 1920 1080">${speaker}${inner}</svg>`;
    writeFileSync(join(folder, `${name}-${theme}.png`), drawPng(picture, fontDir));
  }
}
