'use strict';
/* The report's script, part 3: all that is known of one step. */

/* A link to another step. */
function stepLink(step) {
    return make('a', {href: `#s${step.index}`}, make('bdi', {}, step.id));
}

/* A row of facts; nothing when there is no value. */
function fact(list, name, ...value) {
    if (value.every((part) => part === null || part === undefined || part === '')) return;
    list.append(make('div', {}, make('dt', {}, name), make('dd', {}, ...value)));
}

/* How a step came out, in words. */
function outcome(step) {
    const also = [];
    if (step.flags & IS_TOLERATED) also.push('tolerated');
    if (step.flags & IS_CRITICAL) also.push('on the critical path');
    if (step.flags & IS_KEPT) also.push('kept from before');
    return words(step.status) + (also.length ? ` (${also.join(', ')})` : '');
}

/* Steps that one waited for, as links. */
function dependencies(record, step) {
    const [count, ...known] = step.deps;
    const links = [];
    const steps = known.map((index) => record.at.get(index)).filter(Boolean);
    steps.forEach((other, at) => { links.push(at ? ', ' : '', stepLink(other)); });
    if (count > steps.length) links.push(`${steps.length ? ', and ' : ''}${count - steps.length} more`);
    return links;
}

/* JSON with line breaks; other text as it is. */
function pretty(text) {
    try {
        const value = JSON.parse(text);
        return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
    } catch {
        return text;
    }
}

/* The facts of a step. */
function factsOf(record, step) {
    const list = make('dl', {class: 'facts'});
    fact(list, 'Outcome', outcome(step));
    fact(list, 'Name', step.title);
    fact(list, 'Type', step.type);
    fact(list, 'Started', step.started === null ? null : `+${duration(step.started)}`);
    fact(list, 'Took', step.took === null ? null : duration(step.took));
    if (step.ready !== null && step.begun !== null && step.begun - step.ready >= 1000)
        fact(list, 'Waited to start', duration(step.begun - step.ready));
    fact(list, 'Exit code', step.exit >= 0 ? String(step.exit) : null);
    fact(list, 'Signal', step.signal ? String(step.signal) : null);
    fact(list, 'Cost', step.cost ? `${step.cost} USD` : null);
    fact(list, 'Quality', step.quality === null ? null : String(step.quality));
    if (step.parent >= 0) fact(list, 'Inside of', stepLink(record.at.get(step.parent)));
    fact(list, 'After', ...dependencies(record, step));
    if (step.file) fact(list, 'Written at', make('code', {}, `${step.file}:${step.line}`));
    if (step.artifacts) fact(list, 'Artifacts', make('a', {href: '#artifacts'}, String(step.artifacts)));
    return list;
}

/* A name as one word of a shell. */
function shellWord(name) {
    return /^[\w./-]+$/.test(name) ? name : `'${name.replace(/'/g, "'\\''")}'`;
}

/* One attempt: its heading when there are several, what went wrong, what it printed. */
function attemptPart(record, step, attempt) {
    const [number, started, ended, error, out, err, pieces] = attempt;
    const command = record.recorded ? `flowrun logs ${record.run} ${shellWord(step.id)}` : null;
    const part = make('div', {class: 'attempt'});
    if (step.attempts.length > 1)
        part.append(make('h3', {}, `Attempt ${number}`,
            make('span', {class: 'quiet'}, started === null || ended === null ? '' : ` ${duration(ended - started)}`)));
    if (error && step.attempts.length > 1) part.append(make('p', {class: 'error'}, error));
    const blocks = pieces ? [wovenBlock(out, err, pieces, command)]
        : [logBlock('Standard output', out, command), logBlock('Standard error', err, command)];
    part.append(...blocks.filter(Boolean));
    return part;
}

/* All of a step. */
function stepPanel(record, step) {
    const panel = make('div', {class: 'panel'}, factsOf(record, step));
    if (step.error)
        panel.append(make('p', {class: 'error'}, step.code ? make('code', {}, step.code) : '', step.code ? ' ' : '', step.error));
    if (step.reason) panel.append(make('p', {}, step.reason));
    step.attempts.forEach((attempt) => panel.append(attemptPart(record, step, attempt)));
    if (step.output) {
        const block = logBlock('Output', step.output[0] === null ? step.output : [pretty(step.output[0]), ...step.output.slice(1)],
            record.recorded ? `flowrun show ${record.run} --output json` : null);
        block.open = step.attempts.length === 0 && block.open;
        panel.append(block);
    }
    [['Usage', step.usage], ['Answer', step.answer]].forEach(([name, json]) => {
        if (json)
            panel.append(make('details', {class: 'stream'}, make('summary', {}, name), make('pre', {class: 'log', tabindex: '0'}, pretty(json))));
    });
    return panel;
}
