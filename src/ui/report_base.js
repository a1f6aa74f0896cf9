'use strict';
/* The report's script, part 1: the record, and how elements are made. The files report_*.js stand one behind the other in
   one script; html_embed.c has their order. Text of the run gets into the page by textContent only. */

/* Columns of a step's row, as html_data.c writes them. */
const COLUMNS = ['id', 'title', 'type', 'status', 'flags', 'parent', 'ready', 'started', 'ended', 'attempts', 'deps',
    'exit', 'signal', 'code', 'error', 'reason', 'cost', 'quality', 'usage', 'answer', 'file', 'line', 'artifacts',
    'output'];
const IS_CONTAINER = 1;
const IS_TOLERATED = 2;
const IS_CRITICAL = 4;
const IS_KEPT = 8;

/* Which status people look for first. */
const SEVERITY = ['failed', 'timed_out', 'cancelled', 'blocked', 'unknown', 'running', 'waiting', 'pending', 'succeeded', 'skipped',
    'not_taken'];

/* Returns the record: steps as objects, each with its number, depth and children. `at` has them by their numbers; a row
   that is a number stands for so many steps that are left out. */
function readRecord() {
    const record = JSON.parse(document.getElementById('data').textContent);
    const rows = record.steps;
    let index = 0;
    record.at = new Map();
    record.leftOut = 0;
    record.steps = [];
    rows.forEach((row) => {
        if (typeof row === 'number') {
            record.leftOut += row;
            index += row;
            return;
        }
        const step = {index: index++, depth: 0, children: []};
        COLUMNS.forEach((name, at) => { step[name] = row[at]; });
        step.status = record.statuses[step.status];
        step.container = Boolean(step.flags & IS_CONTAINER);
        step.took = step.started === null || step.ended === null ? null : Math.max(0, step.ended - step.started);
        step.begun = step.attempts.length ? step.attempts[0][1] : step.started;
        record.at.set(step.index, step);
        record.steps.push(step);
    });
    record.steps.forEach((step) => {
        if (step.parent < 0) return;
        const parent = record.at.get(step.parent);
        parent.children.push(step);
        step.depth = parent.depth + 1;
    });
    /* A group of a run that was gone on with is around what ran before, too. */
    record.steps.slice().reverse().forEach((step) => {
        const parent = record.at.get(step.parent);
        if (parent && parent.begun !== null && step.begun !== null) parent.begun = Math.min(parent.begun, step.begun);
    });
    return record;
}

/* Makes an element: properties and attributes by name, children as nodes or text. */
function make(name, attributes, ...children) {
    const element = document.createElement(name);
    Object.entries(attributes || {}).forEach(([key, value]) => {
        if (value === false || value === null || value === undefined) return;
        if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
        else element.setAttribute(key, value === true ? '' : value);
    });
    element.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
    return element;
}

/* The sign of a status: a shape, so that colour is not all that tells. */
function sign(status) {
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    const use = document.createElementNS(space, 'use');
    svg.setAttribute('class', `sign s-${status}`);
    svg.setAttribute('viewBox', '-1 -1 14 14');
    svg.setAttribute('aria-hidden', 'true');
    use.setAttribute('href', `#sign-${status}`);
    svg.append(use);
    return svg;
}

/* A status as words. */
function words(status) {
    return status.replace(/_/g, ' ');
}

/* A status with its sign. */
function badge(step) {
    return make('span', {class: `badge s-${step.status}`}, sign(step.status), words(step.status));
}

/* Microseconds for people, as flowrun writes them elsewhere. */
function duration(us) {
    if (us === null) return '–';
    const ms = Math.round(us / 1e3);
    const tenths = Math.round(ms / 100);
    const seconds = Math.round(ms / 1000);
    const minutes = Math.floor(seconds / 60);
    if (ms < 1000) return `${ms} ms`;
    if (tenths < 600) return us % 1e6 === 0 ? `${seconds} s` : `${(tenths / 10).toFixed(1)} s`;
    if (minutes < 60) return `${minutes} m ${String(seconds % 60).padStart(2, '0')} s`;
    return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} m`;
}

/* Bytes for people. */
function size(bytes) {
    if (bytes < 1024) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
    if (bytes < 1048576) return `${(bytes / 1024).toFixed(1)} KiB`;
    return `${(bytes / 1048576).toFixed(1)} MiB`;
}

/* A number with groups of three digits. */
function grouped(number) {
    return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}
