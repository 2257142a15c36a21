import type { Panel, Row } from './panels.ts';

const gridWidth = 24;
const heights = { row: 1, number: 4, lines: 8, stacked: 8 };
const datasource = { type: 'prometheus', uid: '$datasource' };

/** Pure: rows of panels → a Grafana dashboard (schema 39, Grafana 10 and later) that chooses its Prometheus by a variable. */
export function toDashboard(given: { title: string; uid: string; rows: readonly Row[] }) {
  return {
    uid: given.uid,
    title: given.title,
    tags: ['cutroom'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    templating: { list: [{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', hide: 0 }] },
    panels: layOut(given.rows).map((panel, index) => ({ id: index + 1, ...panel })),
  };
}

/** Top to bottom: a heading, then its panels side by side in equal widths. */
function layOut(rows: readonly Row[]): object[] {
  let y = 0;
  return rows.flatMap(({ title, panels }) => {
    const heading = { type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: gridWidth, h: heights.row }, panels: [] };
    const [width, height] = [gridWidth / panels.length, Math.max(...panels.map(({ kind }) => heights[kind]))];
    const placed = panels.map((panel, index) => ({
      ...toPanel(panel),
      gridPos: { x: index * width, y: y + heights.row, w: width, h: height },
    }));
    y += heights.row + height;
    return [heading, ...placed];
  });
}

function toPanel({ title, about, kind, queries, ...look }: Panel) {
  return {
    type: kind === 'number' ? 'stat' : 'timeseries',
    title,
    description: about,
    datasource,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr,
      legendFormat: legend,
      editorMode: 'code',
      range: true,
    })),
    fieldConfig: {
      defaults: { ...toDefaults(look), custom: kind === 'number' ? {} : toDrawing(kind, look) },
      overrides: toOverrides(look),
    },
    options: kind === 'number' ? numberOptions : seriesOptions,
  };
}

type Look = Pick<Panel, 'unit' | 'thresholds' | 'colours'>;

function toDefaults({ unit, thresholds }: Look) {
  const alarms = thresholds
    ? [
        { color: 'orange', value: thresholds.warn },
        { color: 'red', value: thresholds.bad },
      ]
    : [];
  return { unit, min: 0, thresholds: { mode: 'absolute', steps: [{ color: 'green', value: null }, ...alarms] } };
}

function toDrawing(kind: 'lines' | 'stacked', { thresholds }: Look) {
  return {
    drawStyle: 'line',
    lineWidth: kind === 'lines' ? 2 : 1,
    fillOpacity: kind === 'lines' ? 0 : 30,
    showPoints: 'never',
    stacking: { mode: kind === 'stacked' ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: thresholds ? 'dashed' : 'off' },
  };
}

function toOverrides({ colours = {} }: Look) {
  return Object.entries(colours).map(([series, fixedColor]) => ({
    matcher: { id: 'byName', options: series },
    properties: [{ id: 'color', value: { mode: 'fixed', fixedColor } }],
  }));
}

const numberOptions = { colorMode: 'value', graphMode: 'area', reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } };
const seriesOptions = {
  legend: { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: ['lastNotNull', 'max'] },
  tooltip: { mode: 'multi', sort: 'desc' },
};
